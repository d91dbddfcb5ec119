"""Pay the demo's orders as customers do: the portal opens the provider's page, a browser fills in its form, the
portal asks the provider what became of it. Begun again after an interruption, it goes on where it was."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from enum import StrEnum
from typing import Any, Final

from flask import current_app

from payments.charges import queries as attempts
from payments.errors import GatewayError, LiveAttemptExists
from portal.checkout import flows
from portal.checkout.errors import PaymentUnavailable
from portal.checkout.flows.ground import conclude, gateway
from portal.checkout.flows.pages import begin
from portal.checkout.rules import PREFIX
from portal.demo import orders, shopper, stray
from portal.demo.plan import CLOSED_UNPAID, Planned, Story
from portal.kit import clock, i18n
from portal.kit.db import reading, transaction
from portal.kit.errors import Refusal
from portal.kit.settings import Settings
from portal.orders.models import CancelledBy, Order, OrderState
from portal.surveys import actions as surveys
from portal.surveys.actions import Said
from portal.surveys.models import SurveyKind

Json = dict[str, Any]
DAYS_LATER: Final = "pending_for_a_day"


class LeftOut(StrEnum):
    """Why orders were left unpaid."""

    NO_EMULATOR = "no_emulator"
    AWAY = "away"
    OTHER_PAGE = "other_page"


class _NoForm(Exception):
    """The provider's page is not one on which the outcome can be chosen."""


def pay() -> LeftOut | None:
    """Pay what the plan says, as far as the provider lets us; returns why the rest was left."""
    settings: Settings = current_app.extensions["settings"]
    if not settings.stripe_api_base:
        return LeftOut.NO_EMULATOR  # Stripe's own page is for people
    with reading() as db:
        todo = [each for each in orders.of_plan(db) if _open(*each)]
        languages = {order.number: order.company.language for _planned, order in todo}
    for planned, order in todo:
        try:
            with i18n.speaking(languages[order.number]):
                STEPS[planned.story](planned, order)
        except _NoForm:
            return LeftOut.OTHER_PAGE
        except (GatewayError, PaymentUnavailable):
            return LeftOut.AWAY
        except Refusal:
            continue  # interrupted long ago: this order has had its time
    return _stray()


def _stray() -> LeftOut | None:
    try:
        stray.pay(clock.now())
    except GatewayError:
        return LeftOut.AWAY
    return None


# How likely people recommend us, by how satisfied they are.
LIKELY: Final = {1: 1, 2: 4, 3: 7, 4: 9, 5: 10}


def answer() -> None:
    """Those who paid say how it went."""
    at = clock.now()
    with transaction() as db:
        for planned, order in orders.of_plan(db):
            if planned.score and order.state is OrderState.PAID:
                person_id = int(order.placed_by.removeprefix("person:"))
                csat = Said(SurveyKind.CSAT, planned.score, planned.reason or None)
                surveys.answer(db, order, person_id, csat, at)
                surveys.answer(db, order, person_id, Said(SurveyKind.NPS, LIKELY[planned.score]), at)


def _open(planned: Planned, order: Order) -> bool:
    done = planned.story is Story.REFUSED and order.last_failure is not None
    return order.state is OrderState.AWAITING_PAYMENT and planned.story not in CLOSED_UNPAID and not done


def _page(order: Order) -> str:
    """The order's payment page, with a form that we know."""
    url = flows.pay(order.number, order.placed_by, clock.now())
    if not shopper.can_choose(url):
        raise _NoForm
    return url


def _choose(order: Order, outcome: str, method: str = "card") -> None:
    shopper.choose(_page(order), outcome, method)
    flows.settle_order(order.number)


def _succeed(planned: Planned, order: Order) -> None:
    _choose(order, "succeed", planned.method if order.currency == "CNY" else "card")


def _succeed_at_last(planned: Planned, order: Order) -> None:
    _choose(order, "insufficient_funds")
    _succeed(planned, order)


def _be_refused(_planned: Planned, order: Order) -> None:
    _choose(order, "decline")


def _wait_for_money(_planned: Planned, order: Order) -> None:
    _choose(order, DAYS_LATER)


def _stay_at_page(_planned: Planned, order: Order) -> None:
    _page(order)


def _leave_page(_planned: Planned, order: Order) -> None:
    _page(order)
    flows.cancel(order.number, order.placed_by, CancelledBy.CUSTOMER)


def _pay_otherwise(change: Callable[[Json], None]) -> Callable[[Planned, Order], None]:
    """Somebody with access to the provider's account changes a page before the customer sees it: the money that
    comes does not fit, and the order is held."""

    def step(_planned: Planned, order: Order) -> None:
        at = clock.now()
        try:
            attempt_id = begin(order.number, order.placed_by, at)
        except LiveAttemptExists:
            attempt_id = _live(order)
        with reading() as db:
            attempt = attempts.get(db, attempt_id)
        request = deepcopy(attempt.request)
        change(request)
        made = gateway().open_session(request, attempt.idempotency_key)
        if made.url is None or not shopper.can_choose(made.url):
            raise _NoForm
        shopper.choose(made.url, "succeed")
        conclude(attempt_id, gateway().fetch_session(made.session_id), clock.now())

    return step


def _live(order: Order) -> int:
    with reading() as db:
        attempt = attempts.live_for(db, PREFIX + order.number)
    if attempt is None:
        raise LookupError(order.number)
    return attempt.id


def _lower(request: Json) -> None:
    price = request["line_items"][0]["price_data"]
    price["unit_amount"] = price["unit_amount"] * 9 // 10


def _change_currency(request: Json) -> None:
    for item in request["line_items"]:
        price = item["price_data"]
        price["currency"] = "usd" if price["currency"].lower() != "usd" else "cny"


def _change_reference(request: Json) -> None:
    request["client_reference_id"] = "INV-2024-0077"


def _leave_alone(_planned: Planned, _order: Order) -> None:
    """Nobody has tried to pay."""


STEPS: Final[dict[Story, Callable[[Planned, Order], None]]] = {
    Story.PAID: _succeed,
    Story.PAID_AFTER_REFUSAL: _succeed_at_last,
    Story.WAITING: _leave_alone,
    Story.AT_PAGE: _stay_at_page,
    Story.REFUSED: _be_refused,
    Story.PROCESSING: _wait_for_money,
    Story.LESS_MONEY: _pay_otherwise(_lower),
    Story.OTHER_MONEY: _pay_otherwise(_change_currency),
    Story.OTHER_REFERENCE: _pay_otherwise(_change_reference),
    Story.LEFT_PAGE: _leave_page,
}
