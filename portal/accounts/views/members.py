"""Adding people to a team: the same for its owners and for staff, who only come from other pages."""

from __future__ import annotations

from flask import abort, flash

from portal.accounts import actions, queries, words
from portal.accounts.forms import MemberForm
from portal.accounts.models import Company, CompanyRole
from portal.kit import clock, guard
from portal.kit.db import transaction
from portal.kit.errors import Refusal


def add(company: Company, form: MemberForm) -> int | None:
    """Add whom the form names and invite them. The HTTP status with which to show the form again, or None."""
    if not form.validate_on_submit():
        return 400
    by, at = guard.me().ref, clock.now()
    try:
        with transaction() as db:
            role = CompanyRole(form.role.data)
            membership = actions.add_member(db, company, form.email.data, form.name.data, role, by, at)
            actions.invite(db, membership, by, at)
    except Refusal as error:
        form.refuse(words.refusal(error), "email")
        return 409
    flash(str(words.INVITED), "ok")
    return None


def invite(membership_id: int) -> int:
    """Send a pending member the invitation, for the first time or again; returns the company's id."""
    with transaction() as db:
        membership = queries.membership(db, membership_id) or abort(404)
        actions.invite(db, membership, guard.me().ref, clock.now())
    flash(str(words.INVITED), "ok")
    return membership.company_id
