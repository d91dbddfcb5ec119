"""Staff add and invite customers' people."""

from __future__ import annotations

from flask import abort, flash, redirect, url_for
from werkzeug.wrappers import Response

from portal.accounts import actions, queries, words
from portal.accounts.desk.blueprint import blueprint
from portal.accounts.desk.companies import company_or_404, company_page
from portal.accounts.forms import MemberForm
from portal.accounts.models import CompanyRole
from portal.kit import clock, guard
from portal.kit.db import transaction
from portal.kit.errors import Refusal
from portal.kit.guard import Act, needs


@blueprint.post("/desk/companies/<id:company_id>/members")
@needs(Act.INVITE_CUSTOMERS)
def add_member(company_id: int) -> Response | tuple[str, int]:
    """Add somebody to a company's team and invite them."""
    company = company_or_404(company_id)
    form = MemberForm()
    if not form.validate_on_submit():
        return company_page(company, form), 400
    by, at = guard.me().ref, clock.now()
    try:
        with transaction() as db:
            role = CompanyRole(form.role.data)
            membership = actions.add_member(db, company, form.email.data, form.name.data, role, by, at)
            actions.invite(db, membership, by, at)
    except Refusal as error:
        form.refuse(words.refusal(error), "email")
        return company_page(company, form), 409
    flash(str(words.INVITED), "ok")
    return redirect(url_for("accounts_desk.company", company_id=company_id))


@blueprint.post("/desk/members/<id:membership_id>/invite")
@needs(Act.INVITE_CUSTOMERS)
def invite_member(membership_id: int) -> Response:
    """Send a pending member the invitation, for the first time or again."""
    with transaction() as db:
        membership = queries.membership(db, membership_id) or abort(404)
        actions.invite(db, membership, guard.me().ref, clock.now())
    flash(str(words.INVITED), "ok")
    return redirect(url_for("accounts_desk.company", company_id=membership.company_id))
