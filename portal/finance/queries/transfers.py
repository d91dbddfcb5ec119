"""Find bank transfers by what finance reads on a statement: order, reference, amount, the bank's line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, selectinload

from payments.money import EXPONENTS, Money
from payments.transfers.models import Transfer, TransferState
from portal.kit import search

MOST: Final = 200
WAITING: Final = (TransferState.SEEN, TransferState.AWAITING)
DONE: Final = (TransferState.CONFIRMED, TransferState.CLOSED)
# One currency for each number of decimals, to read an amount whose currency is not said.
_LIKE: Final = {decimals: code for code, decimals in EXPONENTS.items()}


def transfers(
    db: Session, states: Sequence[TransferState], q: str = "", second_by: str | None = None, limit: int = MOST
) -> Sequence[Transfer]:
    """Transfers in these states that `q` finds, with their slips, newest first. `second_by`: only those to which
    this person agreed."""
    wanted = select(Transfer).where(Transfer.state.in_(states)).options(selectinload(Transfer.slips))
    if q:
        wanted = wanted.where(or_(*_ways(q)))
    if second_by is not None:
        wanted = wanted.where(Transfer.second_by == second_by)
    return db.scalars(wanted.order_by(Transfer.id.desc()).limit(limit)).all()


def _ways(q: str) -> list[ColumnElement[bool]]:
    spelled = search.spellings(q, "RNW")
    return [
        *(search.begins(Transfer.reference, each) for each in spelled),
        Transfer.subject.in_([f"order:{each}" for each in spelled]),
        Transfer.bank_reference == q,
        *_amounts(q),
    ]


def _amounts(q: str) -> list[ColumnElement[bool]]:
    """The amount as it stands in the currency of each transfer: "46,000" is another number in yen."""
    found = []
    for decimals, like in _LIKE.items():
        try:
            minor = Money.parse(q, like).minor
        except ValueError:
            continue
        codes = [code for code, count in EXPONENTS.items() if count == decimals]
        found.append(and_(Transfer.currency.in_(codes), Transfer.amount_minor == minor))
        found.append(and_(Transfer.received_currency.in_(codes), Transfer.received_minor == minor))
    return found
