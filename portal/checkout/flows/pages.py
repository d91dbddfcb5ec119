"""Payment pages at the provider: begin an attempt, have its page opened, close it."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final

import structlog
from flask_babel import ngettext

from payments.charges import actions as charges
from payments.charges import queries as attempts
from payments.charges.models import AttemptState, PaymentAttempt
from payments.charges.rules import attempt_key, key_holds, page_until
from payments.errors import GatewayRefused, GatewayUnreachable, NotAtProvider
from payments.gateway.bank import NAME as BANK
from payments.gateway.base import CustomerWish, SessionWish, WishedLine
from portal.audit import actions as audit
from portal.checkout.actions import transfers
from portal.checkout.errors import AlreadyPaid, OrderNotPayable
from portal.checkout.flows.ground import gateway, settings
from portal.checkout.flows.settling import settle
from portal.checkout.rules import number_of
from portal.kit import i18n
from portal.kit.db import reading, transaction
from portal.orders import queries as orders
from portal.orders.models import Order, OrderState
from portal.orders.rules import PAYABLE, SETTLED

# Why an attempt was closed before it had a page that a customer could have seen.
NEVER_OPENED: Final = "never_opened"
CUSTOMER_GONE: Final = "customer_gone"

log = structlog.get_logger(__name__)


def check_payable(order: Order, at: datetime) -> None:
    """Raises AlreadyPaid or OrderNotPayable."""
    if order.state in SETTLED:
        raise AlreadyPaid(order.number)
    if order.state not in PAYABLE:
        raise OrderNotPayable(order.number, order.state)
    if order.expires_at <= at:
        raise OrderNotPayable(order.number, OrderState.EXPIRED)


def begin(number: str, by: str, at: datetime) -> int:
    """Write down, and commit, that we are about to ask the provider for a page. Returns the attempt's id.

    Raises AlreadyPaid, OrderNotPayable, LiveAttemptExists, GatewayError.
    """
    customer_id = _customer(number, at)
    with transaction() as db:
        order = orders.lock(db, number)
        check_payable(order, at)
        count = attempts.count_of(db, order.subject) + 1
        key = attempt_key(order.subject, count, secrets.token_hex(4))
        until = page_until(order.expires_at, at)
        attempt = charges.create_attempt(
            db, subject=order.subject, provider=gateway().name, key=key, amount=order.total,
            request=gateway().prepare(_wish(order, key, customer_id, until)), expires_at=until, at=at,
        )  # fmt: skip
        audit.note(db, by, "payment.started", order.subject, at, attempt=attempt.id, key=key)
        return attempt.id


def _customer(number: str, at: datetime) -> str:
    """The provider's id of the paying company."""
    with reading() as db:
        order = orders.by_number(db, number)
        if order is None:
            raise LookupError(number)
        check_payable(order, at)
        subject = f"company:{order.company_id}"
        known = attempts.customer(db, subject, gateway().name)
        wish = CustomerWish(subject, order.company.name, order.placed_email)
    if known is not None:
        return known
    made = gateway().create_customer(wish)
    with transaction() as db:
        return charges.keep_customer(db, subject, gateway().name, made, at)


def _wish(order: Order, key: str, customer_id: str, until: datetime) -> SessionWish:
    back = f"{settings().base_url}/orders/{order.number}/return"
    return SessionWish(
        reference=order.number, quote_id=order.quote_id, attempt_key=key, customer_id=customer_id,
        currency=order.currency, lines=_lines(order),
        locale="zh" if i18n.speaking_now() is i18n.CHINESE else "en",
        success_url=back + "?session_id={CHECKOUT_SESSION_ID}", cancel_url=back + "?cancelled=1",
        expires_at=until,
    )  # fmt: skip


def _lines(order: Order) -> tuple[WishedLine, ...]:
    """The quote's lines, tax included, in the payer's words; together they are the quote's total."""
    months = ngettext("%(num)d month", "%(num)d months", order.quote.months)
    lines = []
    for line in order.quote.document["lines"]:
        seats = ngettext("%(num)d seat", "%(num)d seats", line["seats"])
        lines.append(WishedLine(i18n.named(line["names"]), f"{seats}, {months}", line["total_minor"]))
    if sum(line.minor for line in lines) != order.total_minor:
        raise GatewayRefused(code="lines_differ", total_minor=order.total_minor)
    return tuple(lines)


def ensure_page(attempt_id: int, at: datetime) -> str:
    """Have the page of a written attempt opened, or find the one that was opened: after a lost answer or a crash
    the same request goes out under the same key.

    Returns the code when the provider refused and the attempt is closed, else nothing. Raises GatewayUnreachable.
    """
    with reading() as db:
        attempt = attempts.get(db, attempt_id)
    if attempt.state is not AttemptState.CREATED:
        return ""
    if not key_holds(attempt.created_at, at):
        return _look_up(attempt, at)
    try:
        made = gateway().open_session(attempt.request, attempt.idempotency_key)
    except GatewayUnreachable as error:
        if not error.facts.get("replayed"):
            raise
        # Stripe repeats a failure under its key for a day: this key will never open a page.
        return _look_up(attempt, at)
    except GatewayRefused as error:
        return _refused(attempt, error, at)
    _record(attempt, made.session_id, made.url, made.expires_at)
    return ""


def _look_up(attempt: PaymentAttempt, at: datetime) -> str:
    """The key is worth nothing any more: was a page opened? If none, nobody can ever pay this attempt."""
    session_id = gateway().find_session(attempt.request, attempt.created_at)
    if session_id is None:
        return _close(attempt.id, NEVER_OPENED, at)
    truth = gateway().fetch_session(session_id)
    _record(attempt, truth.session_id, truth.url, truth.expires_at)
    return ""


def _refused(attempt: PaymentAttempt, error: GatewayRefused, at: datetime) -> str:
    log.warning("payment.refused", attempt=attempt.id, **{k: str(v) for k, v in error.facts.items()})
    if isinstance(error, NotAtProvider) and error.facts.get("param") == "customer":
        with reading() as db:
            order = orders.by_number(db, attempt.subject.removeprefix("order:"))
        if order is not None:
            with transaction() as db:
                charges.forget_customer(db, f"company:{order.company_id}", attempt.provider)
        return _close(attempt.id, CUSTOMER_GONE, at)
    return _close(attempt.id, str(error.facts.get("code") or error.code), at)


def _close(attempt_id: int, code: str, at: datetime) -> str:
    with transaction() as db:
        charges.close(attempts.lock(db, attempt_id), AttemptState.FAILED, code, at)
    return code


def _record(attempt: PaymentAttempt, session_id: str, url: str | None, expires_at: datetime | None) -> None:
    with transaction() as db:
        alive = charges.record_session(attempts.lock(db, attempt.id), session_id, url, expires_at)
    if not alive:
        # Cancelled while the provider was at it: nobody has seen this page, and nobody shall.
        log.info("payment.page_closed_unseen", attempt=attempt.id)
        _expire(session_id)


def _expire(session_id: str) -> None:
    try:
        gateway().expire_session(session_id)
    except GatewayRefused:
        log.info("payment.page_was_closed", session=session_id)  # closed, or paid: whoever asked now settles


def close_page(attempt_id: int, at: datetime) -> AttemptState:
    """Have an attempt's page closed at the provider and carry out what became of it: expired, or paid after all.
    Raises GatewayError; then nothing is known and nothing may be closed here."""
    ensure_page(attempt_id, at)
    with reading() as db:
        attempt = attempts.get(db, attempt_id)
    if attempt.provider == BANK:
        return _drop_transfer(attempt, at)
    if attempt.state is AttemptState.OPEN and attempt.session_id:
        _expire(attempt.session_id)
    return settle(attempt_id)


def _drop_transfer(attempt: PaymentAttempt, at: datetime) -> AttemptState:
    """A transfer that is awaited has no page: nobody waits for it any more, unless finance has found its money."""
    with transaction() as db:
        order = orders.lock(db, number_of(attempt.subject))
        held = attempts.lock(db, attempt.id)
        dropped = held.state is not AttemptState.OPEN or transfers.drop(
            db, order, held, AttemptState.CANCELLED, at
        )
        return held.state if dropped else AttemptState.PROCESSING
