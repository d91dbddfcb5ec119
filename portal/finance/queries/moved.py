"""What became of a payment since: columns beside its posting, each a look into an index."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from payments.disputes.models import Dispute, DisputeState
from payments.ledger.models import Account, EntryKind, LedgerEntry, LedgerLine
from payments.ledger.queries import RETURNED_FROM

MONEY: Final = (Account.STRIPE_CLEARING, Account.BANK)  # where money stands that came
_later, _line = aliased(LedgerEntry), aliased(LedgerLine)


def _moved(accounts: tuple[Account, ...], *which: ColumnElement[bool]) -> ColumnElement[int]:
    """What other entries about a payment moved on these accounts."""
    sums = select(func.coalesce(func.sum(_line.minor), 0)).select_from(_later)
    joined = sums.join(_line, (_line.entry_id == _later.id) & _line.account.in_(accounts))
    return joined.where(*which).correlate(LedgerEntry).scalar_subquery()


# What of suspended money still stands there: less what was applied and what went back.
left: ColumnElement[int] = _moved((Account.UNAPPLIED_CASH,), _later.source == LedgerEntry.source) + _moved(
    (Account.UNAPPLIED_CASH,), _later.relates_to == LedgerEntry.source
)
# What went back of a payment, as refunds took it from where it stood.
back: ColumnElement[int] = -_moved(
    MONEY,
    _later.relates_to == LedgerEntry.source,
    _later.kind.in_((EntryKind.REFUND, EntryKind.REFUND_FAILED)),
)
# What a lost dispute took of it for good, and what an open one holds.
lost: ColumnElement[int] = _moved(
    RETURNED_FROM,
    _later.relates_to == LedgerEntry.source,
    _later.kind.in_((EntryKind.DISPUTE_LOST, EntryKind.DISPUTE_REGAINED)),
)
contested: ColumnElement[int] = (
    select(func.coalesce(func.sum(Dispute.amount_minor), 0))
    .where(Dispute.payment == LedgerEntry.source, Dispute.state == DisputeState.OPEN)
    .correlate(LedgerEntry)
    .scalar_subquery()
)
