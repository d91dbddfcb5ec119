"""Seal a price, take quotes back, send one to the customer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from flask import current_app
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.audit import actions as audit
from portal.audit import queries as trail
from portal.contracts import queries as contracts
from portal.contracts import rules as contract_rules
from portal.contracts.models import Contract
from portal.kit import clock, numbers, outbox
from portal.kit.guard import Act
from portal.pricing import queries, rules
from portal.pricing.actions import claims
from portal.pricing.errors import ContractHasOpenOrder, NobodyToSendTo, QuoteNotValid, SentToday
from portal.pricing.events import QuoteSent
from portal.pricing.models import Quote, VoidReason

SENT, VOIDED = "quote.sent", "quote.voided"


def seal(
    db: Session, contract: Contract, months: int, seats: Sequence[int] | None, by: str, at: datetime,
    code: str = "",
) -> Quote:  # fmt: skip
    """Seal today's price of renewing `contract` for `months`; `seats` has one count for each line of its last term
    (None: as many as then), `code` is a coupon's (rules.normal_code). The same wish of the same person on the same
    day finds the quote that stands.

    Raises ContractNotRenewable, UnknownTerm, PriceUnavailable, SeatsMissing, SeatsOutOfRange, PromotionUsedUp.
    """
    contract = contracts.lock(db, contract.id)  # two clicks at once: the second finds the first one's quote
    on = clock.day(at, contract.zone)
    rules.check_renewable(contract, on)
    offer = rules.offer(queries.book_for(db, contract, at, code), contract, months, seats, on)
    last = contracts.last_term(contract)
    plan = contract_rules.next_term(last, months, on)
    known = queries.same_day_quotes(db, contract, months, by, on)
    for quote in known:
        if _same(quote, offer, plan) and at < quote.valid_until:
            return quote
    quote = _quote(contract, offer, plan, on)
    quote.id = f"Q-{on.year}-{numbers.take(db, f'quote-{on.year}'):06}"
    quote.valid_until = rules.valid_until(on, contract.zone, last.ends_on, plan.on_payment, offer.early_days)
    quote.seal = rules.seal_of(quote)
    quote.created_at, quote.created_by = at, by
    db.add(quote)
    db.flush()
    claims.claim(db, offer.promotions, contract, quote, at)
    audit.note(
        db, by, "quote.sealed", _subject(quote.id), at,
        contract=contract.number, months=months, total_minor=quote.total_minor, currency=quote.currency,
    )  # fmt: skip
    return quote


def seal_at_desk(
    db: Session, contract: Contract, months: int, seats: Sequence[int] | None, by: str, at: datetime,
    code: str = "",
) -> Quote:  # fmt: skip
    """As `seal`, for staff: a second price beside an order that the customer is about to pay would only confuse.

    Raises ContractHasOpenOrder, and as `seal`.
    """
    held = contracts.lock(db, contract.id)  # so that no order is placed in between
    ask: contracts.OpenOrders | None = current_app.extensions.get(contracts.OPEN_ORDERS)
    if ask and ask(db, [held.id]):
        raise ContractHasOpenOrder(number=held.number)
    return seal(db, held, months, seats, by, at, code)


def _same(quote: Quote, offer: rules.Offer, plan: contract_rules.TermPlan) -> bool:
    dates = (quote.starts_on, quote.ends_on, quote.starts_on_payment)
    return quote.document == offer.document and dates == (plan.starts_on, plan.ends_on, plan.on_payment)


def _quote(contract: Contract, offer: rules.Offer, plan: contract_rules.TermPlan, on: date) -> Quote:
    return Quote(
        contract_id=contract.id,
        company_id=contract.company_id,
        contract_rev=contract.rev,
        months=plan.months,
        starts_on_payment=plan.on_payment,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        anchor_on=plan.anchor_on,
        months_from_anchor=plan.months_from_anchor,
        currency=offer.currency,
        net_minor=offer.net.minor,
        tax_minor=offer.tax.minor,
        total_minor=offer.total.minor,
        book=offer.priced.book,
        document=offer.document,
        quoted_on=on,
    )


def void_for_contract(db: Session, contract_id: int, at: datetime) -> list[str]:
    """Take back the quotes that were made before the contract last changed; returns their ids."""
    contract = db.get_one(Contract, contract_id)
    outdated = (
        update(Quote)
        .where(Quote.contract_id == contract_id, Quote.contract_rev != contract.rev, Quote.voided_at.is_(None))
        .values(voided_at=at, void_reason=VoidReason.CONTRACT_CHANGED)
        .returning(Quote.id)
    )
    ids = sorted(db.scalars(outdated))
    for quote_id in ids:
        audit.note(db, audit.SYSTEM, VOIDED, _subject(quote_id), at, reason=VoidReason.CONTRACT_CHANGED)
    return ids


def void(db: Session, quote: Quote, reason: VoidReason, by: str, at: datetime) -> None:
    """Take one quote back, so that the same wish makes a new one; a quote that was taken back stays as it is. Its
    places in offers are free again either way: an order may have kept them longer than the quote held."""
    claims.release_claims(db, quote.id)
    if quote.voided_at is None:
        quote.voided_at, quote.void_reason = at, reason
        audit.note(db, by, VOIDED, _subject(quote.id), at, reason=reason)


def send(db: Session, quote: Quote, by: str, at: datetime) -> list[str]:
    """Have the quote mailed to those of the company who may renew and did not get it today; returns their names.

    Raises QuoteNotValid, NobodyToSendTo, SentToday.
    """
    standing = rules.quote_standing(quote, quote.contract.rev, at)
    if standing is not rules.QuoteStanding.VALID:
        raise QuoteNotValid(quote_id=quote.id, standing=standing)
    readers = accounts.recipients(db, quote.company_id, Act.RENEW)
    if not readers:
        raise NobodyToSendTo(company=quote.company.name)
    on = clock.day(at, quote.contract.zone).isoformat()
    had_it = _sent_on(db, quote, on)
    new = [reader for reader in readers if f"person:{reader.id}" not in had_it]
    if not new:
        raise SentToday(names=[reader.name for reader in readers])
    outbox.tell(db, QuoteSent(subject=_subject(quote.id), occurrence=at.isoformat(), on=on), at)
    to = [f"person:{reader.id}" for reader in new]
    audit.note(db, by, SENT, _subject(quote.id), at, on=on, to=to)
    return [reader.name for reader in new]


def _sent_on(db: Session, quote: Quote, on: str) -> set[str]:
    notes = trail.about(db, [_subject(quote.id)])
    return {ref for note in notes if note.action == SENT and note.facts["on"] == on for ref in note.facts["to"]}


def _subject(quote_id: str) -> str:
    return f"quote:{quote_id}"
