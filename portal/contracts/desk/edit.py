"""Create a contract, and put one right."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from portal.accounts import queries as accounts
from portal.accounts import stale
from portal.accounts.models import Company
from portal.contracts import actions, errors, forms, queries, words
from portal.contracts.desk.blueprint import blueprint
from portal.contracts.desk.pages import contract_or_404
from portal.contracts.forms import Choices, ContractForm, NewContractForm, TermForm, filled, with_lines
from portal.contracts.models import Contract
from portal.kit import clock, guard, web
from portal.kit.db import reader, transaction
from portal.kit.errors import Refusal
from portal.kit.guard import Act, needs

MORE = "more"
# Where the form shows each refusal; all others stand at its top.
_FIELDS: dict[type[Refusal], str] = {
    errors.NumberTaken: "number",
    errors.NumberUnusable: "number",
    errors.TermOverlaps: "starts_on",
    errors.CurrencyHasHistory: "currency",
}


@blueprint.get("/desk/contracts/new")
@needs(Act.CREATE_RECORDS)
def new() -> str:
    """An empty form, for the company that `?company=` names by its id."""
    company_id = web.whole_number(request.args.get("company"))
    company = accounts.company(reader(), company_id) if company_id else None
    data: dict[str, Any] = {"zone": "Asia/Shanghai", "currency": "CNY", "segment": "standard"}
    if company:
        data |= {"company": company.name, "zone": company.zone}
    return _new_page(_new_form(forms.SPARE_LINES, formdata=None, data=data))


@blueprint.post("/desk/contracts/new")
@needs(Act.CREATE_RECORDS)
def create() -> Response | tuple[str, int]:
    form = _new_form(_line_count())
    if request.form.get("do") == MORE:
        return _new_page(form), 200
    if not form.validate_on_submit():
        return _new_page(form), 422
    company = _company_named(form)
    if company is None:
        return _new_page(form), 422
    try:
        with transaction() as db:
            made = actions.create_contract(
                db, number=form.read["contract_number"], company=company, **form.facts(), **form.term(),
                by=guard.me().ref, at=clock.now(),
            )  # fmt: skip
    except Refusal as refused:
        form.refuse(words.refusal(refused), _FIELDS.get(type(refused)))
        return _new_page(form), 422
    flash(_("Contract %(number)s is there now.", number=made.number), "ok")
    return redirect(url_for("contracts_desk.contract", number=made.number), 303)


@blueprint.get("/desk/contracts/<number>/edit")
@needs(Act.CORRECT_RECORDS)
def edit(number: str) -> str:
    contract = contract_or_404(number)
    form = _form(contract, len(queries.last_term(contract).lines) + forms.SPARE_LINES, filled(contract))
    return _edit_page(contract, form)


@blueprint.post("/desk/contracts/<number>/edit")
@needs(Act.CORRECT_RECORDS)
def correct(number: str) -> Response | tuple[str, int]:
    """Save everything, or nothing when somebody else saved since the form was opened."""
    contract = contract_or_404(number)
    form = _form(contract, _line_count())
    if request.form.get("do") == MORE:
        return _edit_page(contract, form), 200
    if not form.validate_on_submit():
        return _edit_page(contract, form), 422
    try:
        changed = _save(contract.id, form)
    except (errors.ContractChangedMeanwhile, StaleDataError):
        return _stale_page(contract, form), 409
    except Refusal as refused:
        form.refuse(words.refusal(refused), _FIELDS.get(type(refused)))
        return _edit_page(contract, form), 422
    flash(_("Saved.") if changed else _("Nothing was different, so nothing was changed."), "ok")
    return redirect(url_for("contracts_desk.contract", number=number), 303)


def _stale_page(contract: Contract, form: ContractForm) -> str:
    """The form as it was typed, beside what somebody else saved meanwhile."""
    db = reader()
    db.expire_all()
    fresh = contract_or_404(contract.number)
    stale.tell(form, filled(fresh), db, actions.subject_of(fresh))
    return _edit_page(fresh, form)


def _save(contract_id: int, form: ContractForm) -> bool:
    by, at = guard.me().ref, clock.now()
    with transaction() as db:
        held = queries.lock(db, contract_id)
        version = web.whole_number(form.version.data) or 0
        changed = actions.correct_contract(db, held, version=version, **form.facts(), by=by, at=at)
        if isinstance(form, TermForm):
            changed = actions.correct_term(db, held, **form.term(), by=by, at=at) or changed
    return changed


def _new_form(lines: int, **given: Any) -> Any:
    return with_lines(NewContractForm, lines)(_choices(), **given)


def _form(contract: Contract, lines: int, data: dict[str, Any] | None = None) -> Any:
    """The form for what may be changed: dates, currency and lines only as long as nothing was ordered."""
    given: dict[str, Any] = {"contract": contract}
    if data is not None:
        given |= {"formdata": None, "data": data}
    if queries.with_orders(reader(), [contract]):
        form = ContractForm(_choices(products=False), **given)
    else:
        form = with_lines(TermForm, lines)(_choices(), **given)
    return form


def _choices(products: bool = True) -> Choices:
    db = reader()
    return Choices(accounts.owner_choices(db), queries.products(db) if products else [])


def _line_count() -> int:
    """How many lines were posted, and some more if that was asked for."""
    count = sum(name.startswith("seats_") for name in request.form)
    more = forms.SPARE_LINES if request.form.get("do") == MORE else 0
    return min(count + more, forms.MAX_LINES)


def _company_named(form: NewContractForm) -> Company | None:
    """The company that was typed; tells the form when there is none, or more than one."""
    named = queries.companies_named(reader(), form.read["company"])
    if not named:
        form.refuse(_("No company is called so. Create it first, or check the spelling."), "company")
    elif len(named) > 1:
        form.refuse(words.cell_problem("company_ambiguous", {}), "company")
    return named[0] if len(named) == 1 else None


def _new_page(form: Any) -> str:
    return render_template("contracts/desk_form.html", form=form, contract=None)


def _edit_page(contract: Contract, form: Any) -> str:
    return render_template("contracts/desk_form.html", form=form, contract=contract)
