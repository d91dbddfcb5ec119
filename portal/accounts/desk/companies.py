"""Companies at the desk: find, show, create, correct."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from portal.accounts import actions, queries, words
from portal.accounts.desk.blueprint import blueprint
from portal.accounts.errors import StaleEdit
from portal.accounts.forms import CompanyForm, EditCompanyForm, MemberForm
from portal.accounts.forms import countries as countries_of
from portal.accounts.models import Company
from portal.kit import clock, guard, i18n, listing, web
from portal.kit.db import reader, transaction
from portal.kit.guard import Act, needs


def company_or_404(company_id: int) -> Company:
    return queries.company(reader(), company_id) or abort(404)


def company_page(company: Company, form: MemberForm) -> str:
    """One company: facts, members, the form that adds one, and the way to its contracts."""
    return render_template(
        "accounts/desk/company.html",
        company=company,
        country=dict(_countries()).get(company.country, company.country),
        language=i18n.find(company.language) or i18n.ENGLISH,
        members=queries.members(reader(), company.id),
        form=form,
        role_names=words.COMPANY_ROLES,
        states=words.MEMBER_STATES,
        contracts_url="/desk/contracts",
    )


@blueprint.get("/desk/companies")
@needs(Act.READ_DESK)
def companies() -> Response | str:
    """Companies, newest first, or those whose name contains `?q=`."""
    asked = listing.Asked(request.args)
    asked.only(["q"])
    name = asked.text("q")
    page = queries.companies(reader(), name, asked.cursor())
    if page is None:
        return redirect(url_for("accounts_desk.companies", q=name or None))
    return render_template(
        "accounts/desk/companies.html", page=page, q=name, notes=asked.notes, countries=dict(_countries())
    )


@blueprint.get("/desk/companies/new")
@needs(Act.CREATE_RECORDS)
def new_company() -> str:
    form = CompanyForm(data={"country": "CN", "language": "zh_Hans_CN", "zone": "Asia/Shanghai"})
    return render_template("accounts/desk/company_form.html", form=form, company=None)


@blueprint.post("/desk/companies/new")
@needs(Act.CREATE_RECORDS)
def create_company() -> Response | tuple[str, int]:
    form = CompanyForm()
    if not form.validate_on_submit():
        return render_template("accounts/desk/company_form.html", form=form, company=None), 400
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
    return render_template("accounts/desk/company_form.html", form=_filled(row), company=row)


@blueprint.post("/desk/companies/<id:company_id>/edit")
@needs(Act.CORRECT_RECORDS)
def correct_company(company_id: int) -> Response | tuple[str, int]:
    """Save all changes, or none when somebody else saved first: then both sets are shown."""
    row = company_or_404(company_id)
    form = EditCompanyForm()
    if not form.validate_on_submit():
        return render_template("accounts/desk/company_form.html", form=form, company=row), 400
    try:
        with transaction() as db:
            current = queries.company(db, company_id) or abort(404)
            changes = {**form.facts(), "invoice_details": form.details(current.invoice_details)}
            version = web.whole_number(form.version.data) or 0
            actions.correct_company(db, current, version, changes, guard.me().ref, clock.now())
    except (StaleEdit, StaleDataError):
        reader().refresh(row)
        fresh = _filled(row)
        fresh.refuse(words.refusal(StaleEdit()))
        return render_template("accounts/desk/company_form.html", form=fresh, company=row), 409
    flash(str(words.SAVED), "ok")
    return redirect(url_for("accounts_desk.company", company_id=company_id))


def _filled(row: Company) -> EditCompanyForm:
    """The form as the company stands, whatever was posted."""
    details = {name: row.invoice_details.get(name, "") for name in ("title", "tax_id", "address")}
    return EditCompanyForm(
        formdata=None,
        data={
            "name": row.name,
            "country": row.country,
            "language": row.language,
            "zone": row.zone,
            "version": str(row.version),
            **details,
        },
    )


def _countries() -> list[tuple[str, str]]:
    return countries_of(i18n.speaking_now().code)
