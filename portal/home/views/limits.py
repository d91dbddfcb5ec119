"""Above which amount a company's own people must agree to a renewal; its owners say so."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from payments.money import Money
from portal.accounts import queries as accounts
from portal.contracts import queries as contracts
from portal.home.forms import ApprovalLimitForm
from portal.home.views.blueprint import blueprint
from portal.kit import clock, guard, i18n, web
from portal.kit.db import reader, transaction
from portal.kit.guard import Act, needs
from portal.orders import actions as orders
from portal.orders import queries


@blueprint.get("/team/approval")
@needs(Act.MANAGE_MEMBERS)
def approval_limits() -> str:
    """The limits of the person's company, or of the one in `?company=`."""
    mine = guard.me().companies_for(Act.MANAGE_MEMBERS)
    company_id = web.whole_number(request.args.get("company")) or (mine[0] if mine else 0)
    return _page(company_id)


@blueprint.post("/team/<id:company_id>/approval/<currency>")
@needs(Act.MANAGE_MEMBERS)
def set_approval_limit(company_id: int, currency: str) -> Response | tuple[str, int]:
    """Set the limit of one currency, or, left empty, take it away."""
    guard.require(Act.MANAGE_MEMBERS, company_id)
    if currency not in _currencies(company_id):
        abort(404)
    form = ApprovalLimitForm(currency=currency)
    if not form.validate_on_submit():
        return _page(company_id, form), 422
    with transaction() as db:
        orders.set_approval_limit(db, company_id, currency, form.limit(), guard.me().ref, clock.now())
    flash(_("Saved. It holds for the next renewal."), "ok")
    return redirect(url_for("home.approval_limits", company=company_id), 303)


def _page(company_id: int, wrong: ApprovalLimitForm | None = None) -> str:
    guard.require(Act.MANAGE_MEMBERS, company_id)
    db = reader()
    company = accounts.company(db, company_id) or abort(404)
    known = {row.currency: row.minor for row in queries.approval_limits(db, company_id)}
    forms = {each: _filled(each, known.get(each)) for each in _currencies(company_id)}
    if wrong is not None:
        forms[wrong.currency] = wrong
    return render_template("home/approval_limits.html", company=company, forms=forms, wrong=wrong)


def _filled(currency: str, minor: int | None) -> ApprovalLimitForm:
    shown = "" if minor is None else i18n.amount(Money(minor, currency)).replace(",", "")
    return ApprovalLimitForm(currency=currency, formdata=None, data={"amount": shown})


def _currencies(company_id: int) -> list[str]:
    """Those of the company's contracts."""
    found = contracts.of_companies(reader(), [company_id], clock.now())
    return sorted({contract.currency for contract in found})
