"""Staff's way through the company's identity provider, there and back."""

from __future__ import annotations

from flask import abort, flash, redirect, request, session, url_for
from werkzeug.wrappers import Response

from portal.accounts import words
from portal.accounts.forms import SignInForm
from portal.accounts.models import SignInWay
from portal.accounts.signin import confirming, door, entering, sessions, showing, sso
from portal.accounts.views.blueprint import blueprint
from portal.kit import clock, guard, web
from portal.kit.db import transaction
from portal.kit.guard import Door, needs

TRIED_PER_IP = "60 per 5 minutes"
ONWARD = "sso_next"


@blueprint.get("/sign-in/sso")
@needs(Door.PUBLIC)
@web.limiter.limit(TRIED_PER_IP)
def sso_start() -> Response | tuple[str, int]:
    """Off to the identity provider. Whoever is signed in already shows there once more that it is they."""
    if sso.client() is None:
        abort(404)
    session[ONWARD] = web.back_to(request.args.get("next"), "")
    back = showing.settings().base_url + url_for("accounts.sso_back")
    return sso.leave(back, anew=guard.current() is not None) or _refused(words.sso_away(), 503)


@blueprint.get("/sign-in/sso/back")
@needs(Door.PUBLIC)
@web.limiter.limit(TRIED_PER_IP)
def sso_back() -> Response | tuple[str, int]:
    """Back from the identity provider: the one GET that signs in, as the standard has it; the state in this
    browser's cookie ties it to the way there."""
    if sso.client() is None:
        abort(404)
    claims = sso.come_back()
    person = sso.staff_of(claims) if claims else None
    if claims is None or person is None:
        return _refused(words.sso_refused(), 403)
    onward = session.pop(ONWARD, None)
    here = sessions.signed_in()
    if here is not None and here.person.id == person.id:
        if not sso.is_just_now(claims, clock.now()):
            flash(words.sso_not_asked(), "warn")
            return redirect(web.back_to(onward, "/"))
        with transaction() as db:
            sessions.confirm(db, here.session_id, clock.now())
        confirming.thank()
        return redirect(web.back_to(onward, "/"))
    return entering.enter(person, SignInWay.SSO, onward, strong=sso.is_strong(claims))


def _refused(sentence: str, status: int) -> tuple[str, int]:
    form = SignInForm(formdata=None)
    form.form_errors = [sentence]
    return door.page(form), status
