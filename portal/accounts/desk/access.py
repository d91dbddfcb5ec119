"""Who has a staff account, and with which role."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.accounts import actions, queries, rules, words
from portal.accounts.desk.blueprint import blueprint
from portal.accounts.errors import NotYourself
from portal.accounts.factors import actions as factor_actions
from portal.accounts.forms import ConfirmForm, StaffForm, StaffRoleForm
from portal.accounts.models import Person, StaffRole
from portal.accounts.signin import sessions
from portal.kit import clock, guard
from portal.kit.db import reader, transaction
from portal.kit.errors import Refusal
from portal.kit.guard import Act, needs


def _list(form: StaffForm) -> str:
    return render_template(
        "accounts/desk/access.html",
        staff=queries.staff_list(reader()),
        form=form,
        role_names=words.STAFF_ROLES,
        state_of=words.staff_state,
        may_change=guard.me().can(Act.MANAGE_STAFF),
    )


def _staff(person_id: int) -> Person:
    return queries.staff_member(reader(), person_id) or abort(404)


def _one(person: Person, form: StaffRoleForm) -> str:
    return render_template("accounts/desk/staff.html", person=person, form=form, myself=person.id == guard.me().id)


@blueprint.get("/desk/access")
@needs(Act.READ_STAFF)
def access() -> str:
    return _list(StaffForm())


@blueprint.post("/desk/access")
@needs(Act.MANAGE_STAFF)
def add_staff() -> Response | tuple[str, int]:
    """A new staff account; its owner sets the password from a mail."""
    form = StaffForm()
    if not form.validate_on_submit():
        return _list(form), 400
    try:
        with transaction() as db:
            actions.create_staff(
                db, email=form.email.data, name=form.name.data, role=StaffRole(form.role.data),
                by=guard.me().ref, at=clock.now(),
            )  # fmt: skip
    except Refusal as error:
        form.refuse(words.refusal(error), "email")
        return _list(form), 409
    flash(str(words.INVITED), "ok")
    return redirect(url_for("accounts_desk.access"))


@blueprint.get("/desk/access/<id:person_id>")
@needs(Act.MANAGE_STAFF)
def staff(person_id: int) -> str:
    person = _staff(person_id)
    return _one(person, StaffRoleForm(data={"role": person.staff_role}))


@blueprint.post("/desk/access/<id:person_id>")
@needs(Act.MANAGE_STAFF)
def change_staff(person_id: int) -> Response | tuple[str, int]:
    """Give staff another role; it holds from their next click."""
    shown = _staff(person_id)
    form = StaffRoleForm()
    if not form.validate_on_submit():
        return _one(shown, form), 400
    try:
        with transaction() as db:
            person = queries.staff_member(db, person_id) or abort(404)
            actions.change_staff_role(db, person, StaffRole(form.role.data), guard.me().id, clock.now())
    except Refusal as error:
        form.refuse(words.refusal(error), "role")
        return _one(shown, form), 409
    flash(str(words.SAVED), "ok")
    return redirect(url_for("accounts_desk.access"))


@blueprint.post("/desk/access/<id:person_id>/invite")
@needs(Act.MANAGE_STAFF)
def invite_staff(person_id: int) -> Response:
    """Send the link to set a password once more."""
    with transaction() as db:
        person = queries.staff_member(db, person_id) or abort(404)
        actions.invite_staff(db, person, guard.me().ref, clock.now())
    flash(str(words.INVITED), "ok")
    return redirect(url_for("accounts_desk.access"))


@blueprint.post("/desk/access/<id:person_id>/reset-factors")
@needs(Act.MANAGE_STAFF)
def reset_factors(person_id: int) -> Response | tuple[str, int]:
    """For staff who lost phone, key and recovery codes: signed out everywhere, they set up anew."""
    shown, by, at = _staff(person_id), guard.me(), clock.now()
    form = StaffRoleForm(formdata=None, data={"role": shown.staff_role})
    if not rules.may_touch_staff(by.id, person_id):
        form.refuse(words.refusal(NotYourself()))
        return _one(shown, form), 409
    with transaction() as db:
        lost = factor_actions.reset_factors(db, person_id, by.ref, at)
        if lost:
            sessions.end_all(db, person_id, at)
    flash(words.factors_reset(shown.name) if lost else words.no_factors(shown.name), "ok")
    return redirect(url_for("accounts_desk.staff", person_id=person_id))


@blueprint.post("/desk/access/<id:person_id>/sign-out")
@needs(Act.MANAGE_STAFF)
def sign_out_staff(person_id: int) -> Response:
    """For a laptop that was lost: signed out everywhere, the account stays."""
    shown = _staff(person_id)
    with transaction() as db:
        ended = actions.end_sessions_of(db, person_id, guard.me().ref, clock.now())
    flash(words.signed_out(shown.name, ended), "ok")
    return redirect(url_for("accounts_desk.staff", person_id=person_id))


@blueprint.get("/desk/access/<id:person_id>/deactivate")
@needs(Act.MANAGE_STAFF)
def ask_deactivate(person_id: int) -> str:
    """The question before access is taken away."""
    return render_template("accounts/desk/deactivate.html", person=_staff(person_id), form=ConfirmForm())


@blueprint.post("/desk/access/<id:person_id>/deactivate")
@needs(Act.MANAGE_STAFF)
def deactivate(person_id: int) -> Response | tuple[str, int]:
    return _set_access(person_id, active=False)


@blueprint.post("/desk/access/<id:person_id>/activate")
@needs(Act.MANAGE_STAFF)
def activate(person_id: int) -> Response | tuple[str, int]:
    return _set_access(person_id, active=True)


def _set_access(person_id: int, *, active: bool) -> Response | tuple[str, int]:
    shown = _staff(person_id)
    try:
        with transaction() as db:
            person = queries.staff_member(db, person_id) or abort(404)
            actions.set_staff_access(db, person, active, guard.me().id, clock.now())
    except Refusal as error:
        form = ConfirmForm()
        form.refuse(words.refusal(error))
        return render_template("accounts/desk/deactivate.html", person=shown, form=form), 409
    flash(str(words.SAVED), "ok")
    return redirect(url_for("accounts_desk.access"))
