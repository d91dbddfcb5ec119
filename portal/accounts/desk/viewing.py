"""Staff look at the portal as a customer."""

from __future__ import annotations

from typing import cast

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.accounts import queries, rules
from portal.accounts.desk.blueprint import blueprint
from portal.accounts.forms import ViewForm
from portal.accounts.models import Membership, MemberState, ViewReason
from portal.accounts.signin import sessions, viewing
from portal.kit import clock, guard
from portal.kit.db import reader, transaction
from portal.kit.guard import Act, Door, needs, while_viewing


@blueprint.get("/desk/members/<id:membership_id>/view")
@needs(Act.VIEW_AS_CUSTOMER)
def ask_view(membership_id: int) -> str:
    """The question why, before staff see what a member sees."""
    return _page(_viewable(membership_id), ViewForm())


@blueprint.post("/desk/members/<id:membership_id>/view")
@needs(Act.VIEW_AS_CUSTOMER)
def view(membership_id: int) -> Response | tuple[str, int]:
    membership, form = _viewable(membership_id), ViewForm()
    if not form.validate_on_submit():
        return _page(membership, form), 400
    here = cast(sessions.SignedIn, sessions.signed_in())
    with transaction() as db:
        reason = ViewReason(form.reason.data)
        viewing.begin(db, here.session_id, membership, reason, guard.me(), clock.now())
    sessions.forget_loaded()
    return redirect("/contracts", 303)


@blueprint.post("/desk/view/end")
@needs(Door.SIGNED_IN)
@while_viewing
def end_view() -> Response:
    """Back to the desk, to the company where it began; also when the half hour was over already."""
    me, back = guard.me(), rules.start_path(guard.me().staff_role)
    if me.behind is not None:
        here = cast(sessions.SignedIn, sessions.signed_in())
        with transaction() as db:
            viewing.end(db, here.session_id, me, clock.now())
        sessions.forget_loaded()
        back = url_for("accounts_desk.company", company_id=min(me.companies))
        flash(_("You are yourself again."), "ok")
    return redirect(back, 303)


def _viewable(membership_id: int) -> Membership:
    """A member who can sign in; 404 for others: who has not joined sees nothing yet."""
    found = queries.membership(reader(), membership_id) or abort(404)
    if found.state is not MemberState.ACTIVE or not found.person.active:
        abort(404)
    return found


def _page(membership: Membership, form: ViewForm) -> str:
    return render_template("accounts/desk/view.html", membership=membership, form=form)
