"""Invariants of what was sold: quotes, terms and receipts stand as the money says. One line for each break."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Final

from sqlalchemy import String, func, literal, select
from sqlalchemy.orm import Session, selectinload

from payments.charges.models import PaymentAttempt
from payments.ledger.models import LedgerEntry
from portal.checkout import rules
from portal.checkout.rules import PREFIX
from portal.contracts.models import Contract, Term
from portal.contracts.rules import LineSpec
from portal.documents.models import Receipt
from portal.kit import outbox
from portal.kit.numbers import NumberSeries
from portal.orders.models import Order
from portal.orders.rules import SETTLED
from portal.pricing.models import Quote
from portal.pricing.rules import verify_seal

AT_ONCE: Final = 500
_subject = literal(PREFIX, String) + Order.number


def terms_are_as_quoted(db: Session, _at: datetime) -> list[str]:
    """I3: a sold term has the products, seats and prices of its quote."""
    wanted = (
        select(Term, Order.number, Quote.document)
        .join(Order, Order.number == Term.order_number)
        .join(Quote, Quote.id == Order.quote_id)
        .options(selectinload(Term.lines))
        .execution_options(yield_per=AT_ONCE)
    )
    return [
        f"{number} sold other lines than its quote"
        for term, number, document in db.execute(wanted)
        if [LineSpec(line.product_code, line.seats, line.unit_minor) for line in term.lines]
        != list(rules.lines_of(document))
    ]


def contracts_end_with_their_terms(db: Session, _at: datetime) -> list[str]:
    """I3: the end that lists sort by is the end of the contract's last term."""
    last = func.max(Term.ends_on)
    wanted = (
        select(Contract.number, Contract.ends_on, last)
        .join(Term, Term.contract_id == Contract.id)
        .group_by(Contract.id, Contract.number, Contract.ends_on)
        .having(last != Contract.ends_on)
    )
    return [f"contract {number} says {says}, its last term {ends}" for number, says, ends in db.execute(wanted)]


def nothing_is_about_a_lost_order(db: Session, _at: datetime) -> list[str]:
    """I5: whatever names an order names one that is there."""
    subjects, numbers = select(_subject), select(Order.number)
    wanted = {
        "the ledger": select(LedgerEntry.subject).where(
            LedgerEntry.subject.startswith(PREFIX), LedgerEntry.subject.not_in(subjects)
        ),
        "a payment attempt": select(PaymentAttempt.subject).where(
            PaymentAttempt.subject.startswith(PREFIX), PaymentAttempt.subject.not_in(subjects)
        ),
        "a term": select(Term.order_number).where(
            Term.order_number.is_not(None), Term.order_number.not_in(numbers)
        ),
        "a receipt": select(Receipt.number).where(Receipt.order_id.not_in(select(Order.id))),
    }
    return [
        f"{what} is about {name}, which is gone"
        for what, query in wanted.items()
        for name in db.scalars(query.distinct())
    ]


def quotes_are_sealed(db: Session, _at: datetime) -> list[str]:
    """I6: every quote still is what was sealed."""
    quotes = db.scalars(select(Quote).execution_options(yield_per=AT_ONCE))
    return [f"quote {quote.id} is not what was sealed" for quote in quotes if not verify_seal(quote)]


def receipts_are_whole(db: Session, _at: datetime) -> list[str]:
    """I9: each paid order has its receipt, and each year's numbers run from 1 without gaps."""
    missing = (
        select(Order.number)
        .outerjoin(Receipt, Receipt.order_id == Order.id)
        .where(Order.state.in_(SETTLED), Receipt.id.is_(None))
    )
    lines = [f"{number} is paid without a receipt" for number in db.scalars(missing)]
    given: dict[str, list[int]] = defaultdict(list)
    for number in db.scalars(select(Receipt.number)):
        _letter, year, serial = number.split("-")
        given[year].append(int(serial))
    for name, last in db.execute(
        select(NumberSeries.name, NumberSeries.last).where(NumberSeries.name.startswith("receipt-"))
    ):
        year = name.removeprefix("receipt-")
        if sorted(given.pop(year, [])) != list(range(1, last + 1)):
            lines.append(f"receipts of {year} do not run from 1 to {last}")
    return lines + [f"receipts of {year} were never counted" for year in given]


def nothing_was_given_up(db: Session, _at: datetime) -> list[str]:
    """Mails and other reactions that failed until nobody tries them any more."""
    return [f"{row.job} about {row.subject} was given up: {row.error}" for row in outbox.dead(db)]
