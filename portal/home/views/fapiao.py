"""The fapiao of an order: ask for it, before the payment or after it, see where it stands, take it along."""

from __future__ import annotations

from flask import Response as FlaskResponse
from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.accounts import actions as accounts
from portal.accounts import queries as accounts_queries
from portal.documents.fapiao import actions, queries, rules, words
from portal.documents.fapiao.models import OVER, FapiaoKind, FapiaoState
from portal.home.forms import FapiaoForm
from portal.home.views.blueprint import blueprint
from portal.home.views.payment import find
from portal.kit import clock, files, guard, web
from portal.kit.db import reader, transaction
from portal.kit.errors import Refusal
from portal.kit.guard import Act, needs
from portal.orders import queries as orders
from portal.orders.models import Order


@blueprint.get("/orders/<number>/fapiao")
@needs(Act.SEE_PRICES)
def fapiao(number: str) -> str:
    """Where it stands, or the form that asks for it."""
    order = find(number, Act.SEE_PRICES)
    return _page(order, _form(order))


@blueprint.post("/orders/<number>/fapiao")
@needs(Act.CHANGE_INVOICE_DETAILS)
def ask_fapiao(number: str) -> Response | tuple[str, int]:
    """Ask for it; what was typed is kept for the company, so that nobody types it twice."""
    order = find(number, Act.CHANGE_INVOICE_DETAILS)
    form = _form(order)
    if not form.validate_on_submit():
        return _page(order, form), 422
    by, at = guard.me().ref, clock.now()
    try:
        with transaction() as db:
            held = orders.lock(db, number)
            company = accounts_queries.hold_company(db, held.company_id)
            # What the company has stays: a slip here would stand on its quotes. Whom we write to is somebody's
            # address, not the company's.
            typed = {name: text for name, text in form.buyer.items() if text and name != "email"}
            details = typed | {name: text for name, text in company.invoice_details.items() if text}
            accounts.change_invoice_details(db, company, details, by, at)
            actions.request(db, held, FapiaoKind(form.kind.data), form.buyer, by, at)
    except Refusal as refused:
        form.refuse(words.refusal(refused))
        return _page(order, form), 422
    flash(_("Asked for. We write to you once it is issued."), "ok")
    return redirect(url_for("home.fapiao", number=number), 303)


@blueprint.post("/orders/<number>/fapiao/withdraw")
@needs(Act.CHANGE_INVOICE_DETAILS)
def withdraw_fapiao(number: str) -> Response:
    """Take the request back, as long as nobody works on it."""
    find(number, Act.CHANGE_INVOICE_DETAILS)
    try:
        with transaction() as db:
            row = queries.live(db, orders.lock(db, number).id)
            if row is not None:
                actions.withdraw(db, row, guard.me().ref, clock.now())
                flash(_("Taken back. You can ask again at any time."), "ok")
    except Refusal as refused:
        flash(words.refusal(refused), "warn")
    return redirect(url_for("home.fapiao", number=number), 303)


@blueprint.get("/orders/<number>/fapiao/file")
@needs(Act.SEE_PRICES)
def fapiao_file(number: str) -> FlaskResponse:
    order = find(number, Act.SEE_PRICES)
    row = queries.latest(reader(), order.id)
    if row is None or row.stored is None or row.file is None:
        abort(404)
    return web.download(files.FAPIAO, row.stored, f"fapiao-{row.number}.{row.file}", rules.MEDIA[row.file])


@blueprint.get("/orders/<number>/fapiao/red/<red>")
@needs(Act.SEE_PRICES)
def red_fapiao_file(number: str, red: str) -> FlaskResponse:
    """A red-letter fapiao, or an earlier one that it took back, by its number."""
    order = find(number, Act.SEE_PRICES)
    papers = [paper for row in queries.issued(reader(), order.id) for paper in row.papers]
    made = next((each for each in papers if each["number"] == red), None)
    if made is None:
        abort(404)
    return web.download(files.FAPIAO, made["stored"], f"fapiao-{red}.{made['file']}", rules.MEDIA[made["file"]])


def _form(order: Order) -> FapiaoForm:
    known = {name: str(value) for name, value in order.company.invoice_details.items() if name in words.FIELDS}
    last = queries.last_buyer(reader(), order.company_id)
    given = {"title": order.company.name, "kind": FapiaoKind.GENERAL.value}
    told = {name: value for name, value in {**known, **last}.items() if value}
    return FapiaoForm(data=given | told | {"email": guard.me().email})


def _page(order: Order, form: FapiaoForm) -> str:
    row = queries.latest(reader(), order.id)
    may_ask = guard.me().can(Act.CHANGE_INVOICE_DETAILS, order.company_id)
    open_to_ask = row is None or row.state in OVER or row.is_reversed
    return render_template(
        "home/fapiao.html",
        order=order, row=row, form=form, words=words,
        told=words.told(row, row.state, queries.is_paid(order)) if row else None,
        earlier=[each for each in queries.issued(reader(), order.id) if row is None or each.id != row.id],
        possible=rules.possible(order.company.country, order.currency, order.state),
        asks=may_ask and open_to_ask and rules.possible(order.company.country, order.currency, order.state),
        may_withdraw=may_ask and row is not None and row.state is FapiaoState.REQUESTED,
        may_ask=may_ask,
    )  # fmt: skip
