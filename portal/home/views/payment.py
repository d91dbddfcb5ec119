"""To the provider and back: pay, return, cancel. What the provider's redirect says is never believed; we ask."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from payments.errors import GatewayError
from portal.checkout import flows
from portal.checkout import words as checkout_words
from portal.checkout.errors import AlreadyPaid, OrderNotPayable, PaymentUnavailable
from portal.contracts import words as contract_words
from portal.home import rules
from portal.home.views.blueprint import blueprint
from portal.home.words import orders as words
from portal.kit import clock, guard, i18n
from portal.kit.db import reader, reading
from portal.kit.errors import Refusal
from portal.kit.guard import Act, needs
from portal.kit.i18n import named
from portal.orders import queries as orders
from portal.orders.errors import OrderNotOpen
from portal.orders.models import CancelledBy, Order, OrderState
from portal.orders.rules import CANCELLABLE

# What kind of news each refusal to pay is.
_REFUSED: Final[dict[type[Refusal], str]] = {
    PaymentUnavailable: "danger",
    AlreadyPaid: "ok",
    OrderNotPayable: "warn",
}


def find(number: str, act: Act) -> Order:
    """The order, if this person may do `act` for its company; 404 for all that is not theirs."""
    order = orders.by_number(reader(), number)
    if order is None:
        abort(404)
    guard.require(act, order.company_id)
    return order


def order_page(number: str, **more: str | int) -> Response:
    return redirect(url_for("home.order", number=number, **more), 303)  # type: ignore[arg-type]


def go_and_pay(number: str) -> Response:
    """To the provider's page for this order, or back to the order when there is none to go to."""
    try:
        return redirect(flows.pay(number, guard.me().ref, clock.now()), 303)
    except (PaymentUnavailable, AlreadyPaid, OrderNotPayable) as error:
        flash(checkout_words.refusal(error), _REFUSED[type(error)])
    return order_page(number)


@blueprint.post("/orders/<number>/pay", endpoint="pay")
@needs(Act.PAY)
def pay(number: str) -> Response:
    """Start paying, or go on with it; also after a failed try."""
    return go_and_pay(find(number, Act.PAY).number)


@blueprint.get("/orders/<number>/return", endpoint="order_return")
@needs(Act.SEE_CONTRACTS)
def back(number: str) -> Response:
    """Where the provider sends people back: ask the provider what happened, then tell on the order's page."""
    find(number, Act.SEE_CONTRACTS)
    if guard.me().behind is not None:  # staff who look on as the customer set nothing off
        return order_page(number)
    asked = _ask_provider(number)
    with reading() as db:  # fresh: settling has written since this request began to read
        order = orders.by_number(db, number)
        if order is None or order.state is not OrderState.AWAITING_PAYMENT:
            return order_page(number)
        if not asked:
            return order_page(number, since=request.args.get("since", int(clock.now().timestamp())))
        if request.args.get("cancelled") and not order.last_failure:
            until = i18n.day(rules.last_day(order.expires_at, order.contract.zone))
            flash(
                _("You left before paying. No money was taken, and your price is held until %(day)s.", day=until),
                "info",
            )
    return order_page(number)


def _ask_provider(number: str) -> bool:
    """Have the provider's truth carried out; False when nothing new is known."""
    try:
        return flows.settle_order(number)
    except GatewayError:
        return False


@blueprint.get("/orders/<number>/cancel", endpoint="order_cancel")
@needs(Act.RENEW)
def cancel(number: str) -> str | Response:
    """The question before cancelling."""
    order = find(number, Act.RENEW)
    if order.state not in CANCELLABLE:
        return order_page(number)
    name = contract_words.called([named(line["names"]) for line in order.quote.document["lines"]])
    sees = guard.me().can(Act.SEE_PRICES, order.company_id)
    question = words.cancel_question(name, i18n.money(order.total) if sees else None)
    return render_template("home/cancel.html", order=order, question=question)


@blueprint.post("/orders/<number>/cancel", endpoint="order_cancel_now")
@needs(Act.RENEW)
def cancel_now(number: str) -> Response:
    """Close the provider's page, then the order. If it turns out paid, it stays."""
    find(number, Act.RENEW)
    try:
        flows.cancel(number, guard.me().ref, CancelledBy.CUSTOMER)
    except AlreadyPaid:
        flash(_("This order was not cancelled: your payment had already arrived."), "warn")
    except (OrderNotOpen, OrderNotPayable):
        flash(_("Nothing was changed. Here is where the order stands."), "warn")
    except (GatewayError, PaymentUnavailable):
        flash(_("We cannot reach Stripe, so nothing was cancelled; try again in a few minutes."), "danger")
    return order_page(number)


def since(text: str | None, at: datetime) -> datetime | None:
    """When the customer came back, from the address: whole seconds; None for anything else or long ago."""
    if not text or not (text.isascii() and text.isdigit() and len(text) <= 10):
        return None
    return datetime.fromtimestamp(int(text), at.tzinfo)
