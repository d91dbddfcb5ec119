"""Invariants of what was sold: quotes, terms and receipts stand as the money says. One line for each break."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, String, and_, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, selectinload

from payments.charges.models import PaymentAttempt
from payments.ledger.models import Account, EntryKind, LedgerEntry, LedgerLine
from payments.reconcile.models import ExceptionKind, FinanceException
from portal.audit import chain
from portal.checkout import rules
from portal.checkout.rules import PREFIX
from portal.contracts.models import Contract, Term, TermEvent, TermEventKind
from portal.contracts.rules import LineSpec
from portal.documents.models import CreditNote, Receipt
from portal.kit import outbox
from portal.kit.mail import Mail
from portal.kit.numbers import NumberSeries
from portal.orders.models import Order, OrderState
from portal.orders.rules import SETTLED
from portal.pricing.models import Quote
from portal.pricing.rules import verify_seal

AT_ONCE: Final = 500
# Where people were asked, the term stands as they left it.
ABOUT_TERMS: Final = (ExceptionKind.LATE_RETURN, ExceptionKind.TERM_IN_USE, ExceptionKind.TERM_TAKEN)
_subject = literal(PREFIX, String) + Order.number


def orders_extend_once(db: Session, _at: datetime) -> list[str]:
    """I3: each paid order has its one term, with the quote's months, and no other order has any. It lives until
    all the money went back; then it is over, or people were asked."""
    wanted = (
        select(Order.number, Order.state, Quote.months, Term.months, Term.live)
        .join(Quote, Quote.id == Order.quote_id)
        .outerjoin(Term, Term.order_number == Order.number)
        .where(Order.paid_at.is_not(None), or_(Term.id.is_(None), Term.months != Quote.months, *_life_differs()))
    )
    asked = set(db.scalars(select(FinanceException.subject).where(FinanceException.kind.in_(ABOUT_TERMS))).all())
    lines = [
        f"{number} is {state.value} without its term"
        if months != sold or live is None
        else f"{number} is {state.value}, its term is {'alive' if live else 'over'}"
        for number, state, sold, months, live in db.execute(wanted)
        if months != sold or live is None or PREFIX + number not in asked
    ]
    waits = select(Order.number).where(Order.paid_at.is_not(None), Order.state.not_in(SETTLED))
    lines += [f"{number} was paid and waits for money" for number in db.scalars(waits)]
    extra = select(Order.number).join(Term, Term.order_number == Order.number).where(Order.paid_at.is_(None))
    return lines + [f"{number} is not paid but has a term" for number in db.scalars(extra)]


def _life_differs() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    refunded = Order.state == OrderState.REFUNDED
    contested = Order.state == OrderState.DISPUTED
    return and_(refunded, Term.live), and_(~refunded, ~contested, ~Term.live)


def terms_are_told(db: Session, _at: datetime) -> list[str]:
    """I3: a term lives or not as its last event says."""
    last = select(func.max(TermEvent.id)).group_by(TermEvent.term_id)
    wanted = select(TermEvent.term_id, TermEvent.kind, Term.live).join(Term, Term.id == TermEvent.term_id)
    differs = [
        f"term {term_id} was {kind.value} but says otherwise"
        for term_id, kind, live in db.execute(wanted.where(TermEvent.id.in_(last)))
        if live is not (kind is TermEventKind.RESTORED)
    ]
    silent = (
        select(Term.id)
        .outerjoin(TermEvent, TermEvent.term_id == Term.id)
        .where(~Term.live, TermEvent.id.is_(None))
    )
    return differs + [f"term {term_id} is over and nothing says why" for term_id in db.scalars(silent)]


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
        if [
            LineSpec(line.product_code, line.seats, line.unit_minor, line.undiscounted_minor)
            for line in term.lines
        ]
        != rules.lines_of(document)
    ]


def contracts_end_with_their_terms(db: Session, _at: datetime) -> list[str]:
    """I3: the end that lists sort by is the end of the contract's last term."""
    last = func.max(Term.ends_on)
    wanted = (
        select(Contract.number, Contract.ends_on, last)
        .join(Term, and_(Term.contract_id == Contract.id, Term.live))
        .group_by(Contract.id, Contract.number, Contract.ends_on)
        .having(last != Contract.ends_on)
    )
    return [f"contract {number} says {says}, its last term {ends}" for number, says, ends in db.execute(wanted)]


def nothing_is_about_a_lost_order(db: Session, _at: datetime) -> list[str]:
    """I5: whatever names an order names one that is there."""
    gone = Order.id.is_(None)

    def named(subject: InstrumentedAttribute[Any]) -> Select[Any]:
        number = func.substr(subject, len(PREFIX) + 1)
        return select(subject).outerjoin(Order, Order.number == number).where(subject.startswith(PREFIX), gone)

    wanted: dict[str, Select[Any]] = {
        "the ledger": named(LedgerEntry.subject),
        "a payment attempt": named(PaymentAttempt.subject),
        "a term": select(Term.order_number)
        .outerjoin(Order, Order.number == Term.order_number)
        .where(Term.order_number.is_not(None), gone),
        "a receipt": select(Receipt.number).outerjoin(Order, Order.id == Receipt.order_id).where(gone),
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
        .where(Order.paid_at.is_not(None), Receipt.id.is_(None))
    )
    lines = [f"{number} is paid without a receipt" for number in db.scalars(missing)]
    return lines + _gaps(db, Receipt.number, "receipt")


def credit_notes_are_whole(db: Session, _at: datetime) -> list[str]:
    """I9: each refund of what was sold has its credit note of the same amount, void if it failed, and each year's
    numbers run from 1 without gaps."""
    tax = and_(LedgerLine.entry_id == LedgerEntry.id, LedgerLine.account == Account.DEFERRED_REVENUE)
    failed = aliased(LedgerEntry)
    wanted = (
        select(LedgerEntry.source, CreditNote.number)
        .join(LedgerLine, tax)
        .outerjoin(failed, and_(failed.source == LedgerEntry.source, failed.kind == EntryKind.REFUND_FAILED))
        .outerjoin(CreditNote, CreditNote.source == LedgerEntry.source)
        .where(LedgerEntry.kind == EntryKind.REFUND)
        .where(
            or_(
                CreditNote.id.is_(None),
                CreditNote.amount_minor - CreditNote.tax_minor != LedgerLine.minor,
                CreditNote.voided_at.is_(None) != failed.id.is_(None),
            )
        )
    )
    lines = [f"{source} has not its credit note ({number})" for source, number in db.execute(wanted)]
    return lines + _gaps(db, CreditNote.number, "credit-note")


def _gaps(db: Session, numbers: InstrumentedAttribute[str], series: str) -> list[str]:
    """Numbers ("R-2026-000089") that do not run from 1 to the last that was given, year by year."""
    lines, given = [], defaultdict[str, list[int]](list)
    for number in db.scalars(select(numbers)):
        _letter, year, serial = number.split("-")
        given[year].append(int(serial))
    counted = select(NumberSeries.name, NumberSeries.last).where(NumberSeries.name.startswith(f"{series}-"))
    for name, last in db.execute(counted):
        year = name.removeprefix(f"{series}-")
        if sorted(given.pop(year, [])) != list(range(1, last + 1)):
            lines.append(f"{series}s of {year} do not run from 1 to {last}")
    return lines + [f"{series}s of {year} were never counted" for year in given]


def letters_are_single(db: Session, _at: datetime) -> list[str]:
    """I7: nobody was sent the same letter twice."""
    key = (Mail.kind, Mail.subject, Mail.occurrence, Mail.to_email)
    wanted = select(Mail.kind, Mail.subject, func.count()).group_by(*key).having(func.count() > 1)
    return [f"{kind} about {subject} was written {count} times" for kind, subject, count in db.execute(wanted)]


def the_trail_holds(db: Session, _at: datetime) -> list[str]:
    """I9: nobody changed the newest notes of the audit trail; `flask audit verify` looks at all of them."""
    return [f"audit: {line}" for line in chain.newest_breaks(db)]


def nothing_was_given_up(db: Session, _at: datetime) -> list[str]:
    """Mails and other reactions that failed until nobody tries them any more."""
    return [f"{row.job} about {row.subject} was given up: {row.error}" for row in outbox.dead(db)]
