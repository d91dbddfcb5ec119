"""Companies at the desk: show, create, correct."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from portal.accounts import actions, queries, stale, words
from portal.accounts.desk import company_list, doubles, story
from portal.accounts.desk.blueprint import blueprint
from portal.accounts.errors import StaleEdit
from portal.accounts.forms import CompanyForm, EditCompanyForm, MemberForm
from portal.accounts.models import Company, StaffRole
from portal.kit import clock, guard, i18n, web, zones
from portal.kit.db import reader, transaction
from portal.kit.guard import Act, needs

ALL_THE_SAME: Final = "create-all-the-same"
STAFF_ROLE_HINTS: Final = {
    StaffRole.CS: _l("Looks after customers: quotes, orders, corrections, invitations"),
    StaffRole.SALES: _l("Looks after customers: quotes, orders, invitations"),
    StaffRole.FINANCE: _l("Sees prices and payments, and exports them"),
    StaffRole.DATA: _l("Creates and corrects companies and contracts; sees no prices"),
    StaffRole.ADMIN: _l("Lets staff in, creates and corrects records; sees prices, but no payments"),
    StaffRole.AUDITOR: _l("Reads everything, changes nothing"),
}


def company_or_404(company_id: int) -> Company:
    return queries.company(reader(), company_id) or abort(404)


def company_page(company: Company, form: MemberForm) -> str:
    """One company: facts, members, the form that adds one, and the way to its contracts."""
    return render_template(
        "accounts/desk/company.html",
        company=company,
        country=dict(company_list.countries()).get(company.country, company.country),
        language=i18n.find(company.language) or i18n.ENGLISH,
        members=queries.members(reader(), company.id),
        form=form,
        role_names=words.COMPANY_ROLES,
        states=words.MEMBER_STATES,
        contracts_url="/desk/contracts",
        **company_list.way_back(),
        story=story.tell(reader(), company.id),
    )


@blueprint.get("/desk/companies/new")
@needs(Act.CREATE_RECORDS)
def new_company() -> str:
    form = CompanyForm(data={"country": "CN", "language": "zh_Hans_CN", "zone": "Asia/Shanghai"})
    return _form_page(form)


@blueprint.post("/desk/companies/new")
@needs(Act.CREATE_RECORDS)
def create_company() -> Response | tuple[str, int]:
    """A second company of the same name and country is created only when somebody says so."""
    form = CompanyForm()
    form.zone.choices = zones.choices()
    if not form.validate_on_submit():
        return _form_page(form), 400
    if request.form.get("do") != ALL_THE_SAME:
        twins = doubles.called(reader(), form.name.data, form.country.data)
        if twins:
            form.refuse(_("There is a company with this name already. Nothing was created."))
            return _form_page(form, twins=twins), 409
    with transaction() as db:
        company = actions.create_company(db, **form.facts(), by=guard.me().ref, at=clock.now())
    return redirect(url_for("accounts_desk.company", company_id=company.id))


@blueprint.get("/desk/companies/<id:company_id>")
@needs(Act.READ_DESK)
def company(company_id: int) -> str:
    return company_page(company_or_404(company_id), MemberForm())


@blueprint.get("/desk/companies/<id:company_id>/edit")
@needs(Act.CORRECT_RECORDS)
def edit_company(company_id: int) -> str:
    row = company_or_404(company_id)
    return _form_page(_filled(row), row)


@blueprint.post("/desk/companies/<id:company_id>/edit")
@needs(Act.CORRECT_RECORDS)
def correct_company(company_id: int) -> Response | tuple[str, int]:
    """Save all changes, or none when somebody else saved first: then both sets are shown."""
    row = company_or_404(company_id)
    form = EditCompanyForm()
    form.zone.choices = zones.choices(row.zone)
    if not form.validate_on_submit():
        return _form_page(form, row), 400
    try:
        with transaction() as db:
            current = queries.company(db, company_id) or abort(404)
            changes = {**form.facts(), "invoice_details": form.details(current.invoice_details)}
            version = web.whole_number(form.version.data) or 0
            actions.correct_company(db, current, version, changes, guard.me().ref, clock.now())
    except (StaleEdit, StaleDataError):
        reader().refresh(row)
        stale.tell(form, _facts(row), reader(), f"company:{row.id}")
        return _form_page(form, row), 409
    flash(str(words.SAVED), "ok")
    return redirect(url_for("accounts_desk.company", company_id=company_id))


def _form_page(form: CompanyForm, company: Company | None = None, twins: Sequence[Company] = ()) -> str:
    form.zone.choices = zones.choices(company.zone if company else None)
    return render_template(
        "accounts/desk/company_form.html", form=form, company=company, twins=twins, all_the_same=ALL_THE_SAME
    )


def _filled(row: Company) -> EditCompanyForm:
    """The form as the company stands."""
    return EditCompanyForm(formdata=None, data=_facts(row))


def _facts(row: Company) -> dict[str, str]:
    details = {name: row.invoice_details.get(name, "") for name in ("title", "tax_id", "address")}
    return {
        "name": row.name,
        "country": row.country,
        "language": row.language,
        "zone": row.zone,
        "version": str(row.version),
        **details,
    }


@blueprint.app_template_global("role_hints")
def role_hints(staff: bool) -> list[tuple[str, str]]:
    """(role, what it may do), for the forms that let somebody in."""
    if staff:
        return [(str(label), str(STAFF_ROLE_HINTS[role])) for role, label in words.STAFF_ROLES.items()]
    return [(str(label), str(words.COMPANY_ROLE_HINTS[role])) for role, label in words.COMPANY_ROLES.items()]
