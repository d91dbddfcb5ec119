"""Ask for a customer's money to go back."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from payments.errors import PaymentsError
from payments.money import Money
from portal.checkout import flows
from portal.checkout import queries as checkout
from portal.checkout import words as checkout_words
from portal.checkout.queries import Standing
from portal.contracts import book
from portal.finance.words import method
from portal.kit import i18n
from portal.kit.db import reader
from portal.kit.errors import Refusal
from portal.kit.guard import Act, me, needs
from portal.orders import queries as orders
from portal.orders.models import Order
from portal.staff.forms import RefundForm
from portal.staff.views.blueprint import blueprint, times, way_back


@blueprint.get("/desk/orders/<number>/refund")
@needs(Act.REQUEST_REFUND)
def ask_refund(number: str) -> str | Response:
    order = _found(number)
    payments = _refundable(order)
    if not payments:
        flash(_("Nothing is left of this order’s money that could go back."), "warn")
        return _to_order(number)
    chosen = payments[0]
    left = i18n.amount(chosen.left).replace(",", "")
    return _page(order, payments, RefundForm(formdata=None, data={"payment": chosen.source, "amount": left}))


@blueprint.post("/desk/orders/<number>/refund")
@needs(Act.REQUEST_REFUND)
def request_refund(number: str) -> Response | tuple[str, int]:
    order = _found(number)
    payments, form = _refundable(order), RefundForm()
    chosen = next((each for each in payments if each.source == form.payment.data), None)
    if chosen is None or not form.validate_on_submit():
        return _page(order, payments, form), 422
    try:
        amount = Money.parse(str(form.amount.data), chosen.captured.currency)
    except ValueError:
        form.refuse(_("Type an amount such as 1200.50."), "amount")
        return _page(order, payments, form), 422
    try:
        flows.request_refund(chosen.source, amount, str(form.reason.data), me().ref)
    except (PaymentsError, Refusal) as error:
        form.refuse(checkout_words.refusal_of_money(error), "amount")
        return _page(order, payments, form), 422
    flash(_("The refund is asked for. Finance sees it now; you find it on this page."), "ok")
    return _to_order(number)


def _refundable(order: Order) -> list[Standing]:
    found = checkout.standings(reader(), order.number)
    return [each for each in found if each.left.minor > 0 and not each.contested]


def _page(order: Order, payments: list[Standing], form: RefundForm) -> str:
    form.payment.choices = [
        (
            each.source,
            _("%(amount)s left of %(captured)s, %(method)s", amount=i18n.money(each.left),
              captured=i18n.money(each.captured), method=method(each.method) or each.charge_id),
        )
        for each in payments
    ]  # fmt: skip
    return render_template(
        "staff/refund.html", order=order, form=form, one=len(payments) == 1, **way_back(), **times()
    )


def _found(number: str) -> Order:
    found = orders.by_number(reader(), number)
    if found is None:
        abort(404)
    book.require(found.contract)
    return found


def _to_order(number: str) -> Response:
    return redirect(url_for("staff.order", number=number, list=way_back()["back"]), 303)
