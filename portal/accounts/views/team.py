"""A company's team, as its owners keep it."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.accounts import actions, queries, words
from portal.accounts.forms import ConfirmForm, MemberForm, RoleForm
from portal.accounts.models import Company, CompanyRole, Membership, MemberState
from portal.accounts.views import members
from portal.accounts.views.blueprint import blueprint
from portal.kit import clock, guard, web
from portal.kit.db import reader, transaction
from portal.kit.errors import Refusal
from portal.kit.guard import Act, needs

INVITES = "60 per hour"


def _company(company_id: int | None) -> Company:
    """The company that the address names, or the first one that the person may keep; 404 for others'."""
    mine = guard.me().companies_for(Act.MANAGE_MEMBERS)
    if company_id is None:
        company_id = mine[0] if mine else 0
    guard.require(Act.MANAGE_MEMBERS, company_id)
    return queries.company(reader(), company_id) or abort(404)


def _membership(membership_id: int) -> Membership:
    found = queries.membership(reader(), membership_id) or abort(404)
    guard.require(Act.MANAGE_MEMBERS, found.company_id)
    return found


def _page(company: Company, form: MemberForm) -> str:
    mine = guard.me().companies_for(Act.MANAGE_MEMBERS)
    db = reader()
    return render_template(
        "accounts/team.html",
        company=company,
        members=queries.members(db, company.id),
        others=[one for one in queries.companies_by_id(db, mine) if one.id != company.id] if mine[1:] else [],
        form=form,
        role_names=words.COMPANY_ROLES,
        states=words.MEMBER_STATES,
    )


@blueprint.get("/team")
@needs(Act.MANAGE_MEMBERS)
def team() -> str:
    """The people of the person's company, or of the one in `?company=`."""
    return _page(_company(web.whole_number(request.args.get("company"))), MemberForm())


@blueprint.post("/team/<id:company_id>/members")
@needs(Act.MANAGE_MEMBERS)
@web.limiter.limit(INVITES, key_func=lambda: guard.me().ref)
def add_member(company_id: int) -> Response | tuple[str, int]:
    """Add somebody by address and role, and send the invitation at once."""
    company = _company(company_id)
    form = MemberForm()
    if status := members.add(company, form):
        return _page(company, form), status
    return redirect(url_for("accounts.team", company=company.id))


@blueprint.post("/team/members/<id:membership_id>/invite")
@needs(Act.MANAGE_MEMBERS)
@web.limiter.limit(INVITES, key_func=lambda: guard.me().ref)
def invite_member(membership_id: int) -> Response:
    """Send a pending member the invitation again."""
    _membership(membership_id)
    return redirect(url_for("accounts.team", company=members.invite(membership_id)))


@blueprint.get("/team/members/<id:membership_id>")
@needs(Act.MANAGE_MEMBERS)
def member(membership_id: int) -> str:
    """One member: the role, and the way to the question of removing them."""
    found = _membership(membership_id)
    form = RoleForm(data={"role": found.role.value})
    return _member_page(found, form)


def _member_page(found: Membership, form: RoleForm) -> str:
    active = found.state is MemberState.ACTIVE and found.person_id != guard.me().id
    return render_template("accounts/member.html", membership=found, form=form, may_hand_over=active)


@blueprint.post("/team/members/<id:membership_id>/hand-over")
@needs(Act.MANAGE_MEMBERS)
def hand_over(membership_id: int) -> Response:
    """They become owner, and the person at the keyboard a viewer: a team keeps an owner at every moment."""
    found, at = _membership(membership_id), clock.now()
    with transaction() as db:
        membership = queries.membership(db, membership_id) or abort(404)
        mine = queries.membership_of(db, membership.company_id, guard.me().id) or abort(404)
        if membership.state is not MemberState.ACTIVE or mine.id == membership.id:
            abort(409)
        actions.change_role(db, membership, CompanyRole.OWNER, guard.me().ref, at)
        actions.change_role(db, mine, CompanyRole.VIEWER, guard.me().ref, at)
    flash(words.handed_over(found.person.name), "ok")
    return redirect("/contracts")


@blueprint.get("/team/<id:company_id>/leave")
@needs(Act.SEE_CONTRACTS)
def ask_leave(company_id: int) -> str:
    """The question before one leaves a team."""
    guard.require(Act.SEE_CONTRACTS, company_id)
    return _leave_page(company_id, ConfirmForm())


@blueprint.post("/team/<id:company_id>/leave")
@needs(Act.SEE_CONTRACTS)
def leave(company_id: int) -> Response | tuple[str, int]:
    """Everybody may leave, but not the last owner."""
    guard.require(Act.SEE_CONTRACTS, company_id)
    me = guard.me()
    try:
        with transaction() as db:
            mine = queries.membership_of(db, company_id, me.id) or abort(404)
            actions.remove_member(db, mine, me.ref, clock.now())
    except Refusal as error:
        form = ConfirmForm()
        form.refuse(words.refusal(error))
        return _leave_page(company_id, form), 409
    flash(words.left(), "ok")
    return redirect(url_for("accounts.account"))


def _leave_page(company_id: int, form: ConfirmForm) -> str:
    company = queries.company(reader(), company_id) or abort(404)
    return render_template("accounts/leave.html", company=company, form=form)


@blueprint.post("/team/members/<id:membership_id>")
@needs(Act.MANAGE_MEMBERS)
def change_member(membership_id: int) -> Response | tuple[str, int]:
    """Give a member another role; it holds from their next click."""
    found = _membership(membership_id)
    form = RoleForm()
    if not form.validate_on_submit():
        return _member_page(found, form), 400
    try:
        with transaction() as db:
            membership = queries.membership(db, membership_id) or abort(404)
            actions.change_role(db, membership, CompanyRole(form.role.data), guard.me().ref, clock.now())
    except Refusal as error:
        form.refuse(words.refusal(error), "role")
        return _member_page(found, form), 409
    flash(str(words.SAVED), "ok")
    return _back_to_team(found)


@blueprint.get("/team/members/<id:membership_id>/remove")
@needs(Act.MANAGE_MEMBERS)
def ask_remove_member(membership_id: int) -> str:
    """The question before somebody is removed."""
    return render_template(
        "accounts/remove_member.html", membership=_membership(membership_id), form=ConfirmForm()
    )


@blueprint.post("/team/members/<id:membership_id>/remove")
@needs(Act.MANAGE_MEMBERS)
def remove_member(membership_id: int) -> Response | tuple[str, int]:
    found = _membership(membership_id)
    try:
        with transaction() as db:
            membership = queries.membership(db, membership_id) or abort(404)
            actions.remove_member(db, membership, guard.me().ref, clock.now())
    except Refusal as error:
        form = ConfirmForm()
        form.refuse(words.refusal(error))
        return render_template("accounts/remove_member.html", membership=found, form=form), 409
    flash(words.removed(found.person.name), "ok")
    return _back_to_team(found)


def _back_to_team(membership: Membership) -> Response:
    """To the team page, unless the person has just given the team away."""
    if membership.person_id == guard.me().id:
        return redirect("/contracts")
    return redirect(url_for("accounts.team", company=membership.company_id))
