"""Staff add and invite customers' people."""

from __future__ import annotations

from flask import redirect, url_for
from werkzeug.wrappers import Response

from portal.accounts.desk.blueprint import blueprint
from portal.accounts.desk.companies import company_or_404, company_page
from portal.accounts.forms import MemberForm
from portal.accounts.views import members
from portal.kit.guard import Act, needs


@blueprint.post("/desk/companies/<id:company_id>/members")
@needs(Act.INVITE_CUSTOMERS)
def add_member(company_id: int) -> Response | tuple[str, int]:
    """Add somebody to a company's team and invite them."""
    company = company_or_404(company_id)
    form = MemberForm()
    if status := members.add(company, form):
        return company_page(company, form), status
    return redirect(url_for("accounts_desk.company", company_id=company_id))


@blueprint.post("/desk/members/<id:membership_id>/invite")
@needs(Act.INVITE_CUSTOMERS)
def invite_member(membership_id: int) -> Response:
    """Send a pending member the invitation, for the first time or again."""
    return redirect(url_for("accounts_desk.company", company_id=members.invite(membership_id)))
