"""One's own account: profile, password, the browsers one is signed in with, invitations."""

from __future__ import annotations

from typing import cast

from flask import abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from portal.accounts import actions, queries, rules, words
from portal.accounts.forms import ChangePasswordForm, ProfileForm
from portal.accounts.models import Person
from portal.accounts.signin import passwords
from portal.accounts.signin.sessions import IN_VIEW, SignedIn, signed_in
from portal.accounts.views.blueprint import blueprint
from portal.kit import clock, guard, web, zones
from portal.kit.db import reader, transaction
from portal.kit.guard import Act, Door, confirmed, needs

TRIES = "10 per 5 minutes"


def _here() -> SignedIn:
    return cast(SignedIn, signed_in())


def _own_email() -> str:
    return guard.me().ref


def _profile_of(person: Person) -> ProfileForm:
    return ProfileForm(
        data={
            "name": person.name,
            "language": person.language or "",
            "theme": person.theme.value,
            "zone": person.zone or "",
        }
    )


def _offer_zones(form: ProfileForm, person: Person) -> None:
    """One name for each zone; the one that the person has stays on offer, however it is spelled."""
    form.zone.choices = [("", _("As my company")), *zones.choices(person.zone)]


def _page(profile: ProfileForm | None = None, password: ChangePasswordForm | None = None) -> str:
    here, db = _here(), reader()
    profile = profile or _profile_of(here.person)
    _offer_zones(profile, here.person)
    return render_template(
        "accounts/account.html",
        person=here.person,
        profile=profile,
        password=password or ChangePasswordForm(),
        sessions=queries.sessions(db, here.person, clock.now()),
        session_id=here.session_id,
        browser_of=rules.browser_of,
        invitations=queries.invitations(db, here.person.id),
        places=queries.places(db, here.person.id),
        role_names=words.COMPANY_ROLES,
    )


@blueprint.get("/account")
@needs(Door.SIGNED_IN)
def account() -> str:
    """Everything a person can set about themselves."""
    return _page()


@blueprint.post("/account")
@needs(Door.SIGNED_IN)
def change_profile() -> Response | tuple[str, int]:
    form = ProfileForm()
    _offer_zones(form, _here().person)
    if not form.validate_on_submit():
        return _page(profile=form), 400
    changes = {
        "name": form.name.data.strip(),
        "language": form.language.data,
        "theme": form.theme.data,
        "zone": form.zone.data or None,
    }
    with transaction() as db:
        actions.change_profile(db, guard.me().id, changes, clock.now())
    flash(str(words.SAVED), "ok")
    return redirect(url_for("accounts.account"))


@blueprint.post("/account/password")
@needs(Door.SIGNED_IN)
@web.limiter.limit(TRIES, key_func=_own_email)
def change_password() -> Response | tuple[str, int]:
    """Asks for the password in force first; all other browsers are signed out."""
    here = _here()
    form = ChangePasswordForm(email=here.person.email)
    good = form.validate_on_submit()
    if form.current.data and not form.current.errors and not passwords.matches(here.person, form.current.data):
        form.refuse(words.wrong_password(), "current")
        good = False
    if not good:
        return _page(password=form), 400
    hashed = passwords.hashed(form.password.data)
    with transaction() as db:
        person = db.get_one(Person, here.person.id)
        actions.set_password(db, person, hashed, clock.now(), session_id=here.session_id)
    flash(str(words.PASSWORD_SET), "ok")
    return redirect(url_for("accounts.account"))


@blueprint.post("/account/sessions/<id:session_id>/end")
@needs(Door.SIGNED_IN)
@confirmed
def end_session(session_id: int) -> Response:
    """Sign out of one other browser."""
    with transaction() as db:
        if not actions.end_session(db, guard.me().id, session_id, clock.now()):
            abort(404)
    flash(words.signed_out_there(), "ok")
    return redirect(url_for("accounts.account"))


@blueprint.post("/account/sessions/end-others")
@needs(Door.SIGNED_IN)
@confirmed
def end_other_sessions() -> Response:
    """Sign out everywhere but here."""
    here = _here()
    with transaction() as db:
        ended = actions.end_other_sessions(db, here.person.id, here.session_id, clock.now())
    flash(
        ngettext(
            "You were signed out of %(num)s other browser.",
            "You were signed out of %(num)s other browsers.",
            ended,
        ),
        "ok",
    )
    return redirect(url_for("accounts.account"))


@blueprint.post("/company")
@needs(Act.SEE_CONTRACTS)
def look_at_company() -> Response:
    """Whoever is in several teams looks at one of them, or at all."""
    chosen = web.whole_number(request.form.get("to"))
    if chosen is None:
        session.pop(IN_VIEW, None)
    else:
        guard.require(Act.SEE_CONTRACTS, chosen)
        session[IN_VIEW] = chosen
    return redirect(web.back_to(request.form.get("next"), "/contracts"), 303)


@blueprint.get("/join")
@needs(Door.SIGNED_IN)
def invitations() -> str:
    """Teams that invited the person; where the invitation's mail leads those who have an account."""
    pending = queries.invitations(reader(), guard.me().id)
    return render_template("accounts/join.html", invitations=pending, role_names=words.COMPANY_ROLES)


@blueprint.post("/join")
@needs(Door.SIGNED_IN)
def join() -> Response:
    with transaction() as db:
        joined = actions.accept_invitations(db, guard.me().id, clock.now())
    if joined:
        flash(words.welcome(), "ok")
    return redirect("/contracts")
