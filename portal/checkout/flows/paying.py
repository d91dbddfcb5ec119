"""Pay: from an order to the provider's page."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import structlog

from payments.charges import queries as attempts
from payments.charges.models import AttemptState, PaymentAttempt
from payments.errors import GatewayRefused, GatewayUnreachable, LiveAttemptExists
from portal.checkout.errors import OrderNotPayable, PaymentUnavailable
from portal.checkout.flows.ground import settings
from portal.checkout.flows.pages import CUSTOMER_GONE, NEVER_OPENED, begin, check_payable, ensure_page
from portal.checkout.flows.settling import settle
from portal.checkout.rules import PREFIX
from portal.kit.db import reading
from portal.orders import queries as orders
from portal.orders.models import OrderState

# Each round ends a stale attempt or returns its page; more than this only when somebody races us all the time.
ROUNDS: Final = 3
# Refusals of a new attempt that say nothing against the next one.
MENDED_BY_ANOTHER: Final = frozenset({CUSTOMER_GONE, NEVER_OPENED})

log = structlog.get_logger(__name__)


def pay(order_number: str, by: str, at: datetime) -> str:
    """Address of the provider's page for an order; the one that is open already, if there is one.

    Raises PaymentUnavailable (no payment was started), AlreadyPaid, OrderNotPayable.
    """
    for _round in range(ROUNDS):
        try:
            url = _round_trip(order_number, by, at)
        except LiveAttemptExists:
            continue  # a second tab was faster: take its page
        except GatewayUnreachable as error:
            log.warning("payment.unreachable", order=order_number, **{k: str(v) for k, v in error.facts.items()})
            raise PaymentUnavailable(order_number) from error
        except GatewayRefused as error:
            code = str(error.facts.get("code") or error.code)
            raise PaymentUnavailable(order_number, "refused", code) from error
        if url:
            return _checked(order_number, url)
    raise PaymentUnavailable(order_number)


def _round_trip(number: str, by: str, at: datetime) -> str | None:
    """One look at the order: the page's address, or None when the order must be looked at again."""
    known = _live(number, at)
    attempt_id = known.id if known else begin(number, by, at)
    refused = ensure_page(attempt_id, at)
    if refused and known is None and refused not in MENDED_BY_ANOTHER:
        raise PaymentUnavailable(number, "refused", refused)
    if known is not None:
        settle(attempt_id)  # it may be paid, or expired, since we last heard of it
    with reading() as db:
        attempt = attempts.get(db, attempt_id)
    if attempt.state is AttemptState.PROCESSING:
        raise OrderNotPayable(number, OrderState.PROCESSING)
    return attempt.session_url if attempt.state is AttemptState.OPEN else None


def _live(number: str, at: datetime) -> PaymentAttempt | None:
    with reading() as db:
        order = orders.by_number(db, number)
        if order is None:
            raise LookupError(number)
        check_payable(order, at)
        return attempts.live_for(db, PREFIX + number)


def _checked(number: str, url: str) -> str:
    """Send nobody to a place that the installer did not name."""
    if not url.startswith(settings().provider_origin + "/"):
        log.error("payment.strange_address", order=number, url=url[:200])
        raise PaymentUnavailable(number, "refused", "strange_address")
    return url
