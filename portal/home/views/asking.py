"""Ask a colleague who may pay: the way to the accounts department."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.home.forms import AskToPayForm
from portal.home.views.blueprint import blueprint
from portal.home.views.payment import find
from portal.kit import clock, guard, web
from portal.kit.db import reader, transaction
from portal.kit.guard import Act, needs
from portal.orders import actions as orders
from portal.orders.models import Order
from portal.orders.rules import CANCELLABLE

MAILS = "20 per hour"


@blueprint.get("/orders/<number>/ask-to-pay")
@needs(Act.RENEW)
def ask_to_pay(number: str) -> str | Response:
    """Who of the company may pay."""
    order = find(number, Act.RENEW)
    if order.state not in CANCELLABLE:
        return redirect(url_for("home.order", number=number), 303)
    return _page(order, _form(_payers(order)))


@blueprint.post("/orders/<number>/ask-to-pay")
@needs(Act.RENEW)
@web.limiter.limit(MAILS, key_func=lambda: guard.me().ref)
def ask_to_pay_now(number: str) -> str | Response | tuple[str, int]:
    """They get a mail with the way to the order, which they open signed in, as long as they may pay."""
    order = find(number, Act.RENEW)
    payers = _payers(order)
    form = _form(payers)
    if not form.validate_on_submit():
        return _page(order, form), 422
    chosen = next(person for person in payers if str(person.id) == form.person.data)
    with transaction() as db:
        orders.ask_to_pay(db, order, chosen.id, guard.me().ref, clock.now())
    flash(_("%(name)s gets a mail with the way to this order.", name=chosen.name), "ok")
    return redirect(url_for("home.order", number=number), 303)


def _payers(order: Order) -> list[Person]:
    me = guard.me().id
    return [person for person in accounts.recipients(reader(), order.company_id, Act.PAY) if person.id != me]


def _form(payers: list[Person]) -> AskToPayForm:
    form = AskToPayForm()
    form.person.choices = [(str(person.id), f"{person.name} ({person.email})") for person in payers]
    return form


def _page(order: Order, form: AskToPayForm) -> str:
    may_add = guard.allowed(Act.MANAGE_MEMBERS, order.company_id)
    return render_template("home/ask_to_pay.html", order=order, form=form, may_add=may_add)
