"""Companies that pay no tax, and why."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.accounts import queries as accounts
from portal.accounts.models import Company
from portal.kit import clock, guard
from portal.kit.db import reader, transaction
from portal.kit.errors import Refusal
from portal.kit.guard import Act, needs
from portal.pricing import actions, errors, queries, rules, words
from portal.pricing.desk.blueprint import blueprint, today
from portal.pricing.forms import EndForm, ExemptForm
from portal.pricing.models import TaxExemption


@blueprint.get("/desk/companies/<id:company_id>/tax")
@needs(Act.READ_PRICES)
def exemptions(company_id: int) -> str:
    """What holds for a company, and the form that adds to it."""
    return _page(_company(company_id), ExemptForm(formdata=None, data={"valid_from": today().isoformat()}))


@blueprint.post("/desk/companies/<id:company_id>/tax")
@needs(Act.PUBLISH_PRICES)
def exempt(company_id: int) -> Response | tuple[str, int]:
    company, form = _company(company_id), ExemptForm()
    if not form.holds(today()):
        return _page(company, form), 422
    try:
        with transaction() as db:
            period = form.first_day, form.valid_to.day
            held = accounts.hold_company(db, company_id)
            actions.exempt_from_tax(db, held, form.exemption(), *period, guard.me().ref, clock.now())
    except Refusal as refused:
        form.refuse(words.refusal(refused), "valid_from" if isinstance(refused, errors.PeriodOverlap) else None)
        return _page(company, form), 422
    flash(_("Saved. Quotes that were made before no longer hold; open orders keep their price."), "success")
    return redirect(url_for(".exemptions", company_id=company_id), 303)


@blueprint.post("/desk/tax-exemptions/<id:exemption_id>/end")
@needs(Act.PUBLISH_PRICES)
def end_exemption(exemption_id: int) -> Response | tuple[str, int]:
    """Let one end."""
    found = reader().get(TaxExemption, exemption_id) or abort(404)
    company_id, form = found.company_id, EndForm()
    if not form.validate_on_submit() or form.valid_to.day is None:
        return _page(_company(company_id), ExemptForm(formdata=None), form, exemption_id), 422
    try:
        with transaction() as db:
            row = db.get_one(TaxExemption, exemption_id, with_for_update=True)
            ends = form.valid_to.day, form.seen_end
            actions.end_exemption(db, row, *ends, today(), guard.me().ref, clock.now())
    except Refusal as refused:
        form.refuse(words.refusal(refused), "valid_to")
        reader().expire_all()
        code = 409 if isinstance(refused, errors.EndedMeanwhile) else 422
        return _page(_company(company_id), ExemptForm(formdata=None), form, exemption_id), code
    flash(_("It has an end now."), "success")
    return redirect(url_for(".exemptions", company_id=company_id), 303)


@blueprint.post("/desk/tax-exemptions/<id:exemption_id>/withdraw")
@needs(Act.PUBLISH_PRICES)
def withdraw_exemption(exemption_id: int) -> Response | tuple[str, int]:
    """Take one back that has not begun."""
    company_id = (reader().get(TaxExemption, exemption_id) or abort(404)).company_id
    try:
        with transaction() as db:
            row = db.get(TaxExemption, exemption_id, with_for_update=True) or abort(404)
            actions.withdraw_exemption(db, row, today(), guard.me().ref, clock.now())
    except Refusal as refused:
        form = ExemptForm(formdata=None)
        form.refuse(words.refusal(refused))
        return _page(_company(company_id), form), 422
    flash(_("It is taken back; it never held."), "success")
    return redirect(url_for(".exemptions", company_id=company_id), 303)


def _company(company_id: int) -> Company:
    return accounts.company(reader(), company_id) or abort(404)


def _page(company: Company, form: ExemptForm, ending: EndForm | None = None, ending_id: int | None = None) -> str:
    """`ending`: the form of the exemption `ending_id`, as it was sent."""
    rows, on = queries.exemptions_of(reader(), company.id), today()
    forms = {row.id: EndForm.about(row.valid_to) for row in rows}
    for row in rows:
        if ending is not None and row.id == ending_id:
            forms[row.id] = ending.now(row.valid_to)
        forms[row.id].in_row(row.id)
    wrong = ending if ending is not None else form
    return render_template(
        "pricing/exemptions.html",
        company=company, form=form, rows=rows, forms=forms, wrong=wrong, words=words, today=on,
        may_edit=guard.me().can(Act.PUBLISH_PRICES),
        coming={row.id for row in rows if not rules.has_begun(row.valid_from, on)},
    )  # fmt: skip
