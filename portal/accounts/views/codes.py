"""Sign in by a code or a link that we mail: for people who are here twice a year and know no password."""

from __future__ import annotations

import secrets

from flask import redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.accounts import words
from portal.accounts.factors import actions, queries
from portal.accounts.factors.forms import AskCodeForm, MailedCodeForm
from portal.accounts.models import Person, SignInWay
from portal.accounts.signin import entering, showing
from portal.accounts.views.blueprint import blueprint
from portal.accounts.views.password import ASKED_PER_IP, gone, typed_address
from portal.kit import clock, web
from portal.kit.db import reader, reading, transaction
from portal.kit.guard import Door, needs

# One browser fills nobody's mailbox, and a stranger who types somebody's address keeps them from no code.
ASKED_FROM_HERE = "10 per day"
ASKED_PER_ADDRESS = "100 per day"
TRIED_PER_IP = "30 per 5 minutes"
# The browser's secret, in its signed cookie: a mailed code opens nothing elsewhere.
ASKED = "asked"


def _address_from_here() -> str:
    return f"{typed_address()} {request.remote_addr}"


@blueprint.get("/sign-in/code")
@needs(Door.PUBLIC)
def code() -> str:
    """Ask for the address."""
    return render_template("accounts/ask_code.html", form=AskCodeForm(formdata=None, data=_onward()))


@blueprint.post("/sign-in/code")
@needs(Door.PUBLIC)
@web.limiter.limit(ASKED_PER_ADDRESS, key_func=typed_address)
@web.limiter.limit(ASKED_FROM_HERE, key_func=_address_from_here)
@web.limiter.limit(ASKED_PER_IP)
def ask_for_code() -> Response | tuple[str, int]:
    """The same answer to everybody: whether somebody has the address is found out in the background."""
    form = AskCodeForm()
    if not form.validate_on_submit():
        return render_template("accounts/ask_code.html", form=form), 400
    browser = session.setdefault(ASKED, secrets.token_urlsafe(32))
    with transaction() as db:
        actions.ask_for_code(db, form.email.data, browser, clock.now())
    return redirect(url_for("accounts.type_code", next=web.back_to(form.next.data, "") or None))


@blueprint.get("/sign-in/code/type")
@needs(Door.PUBLIC)
def type_code() -> Response | str:
    if ASKED not in session:
        return redirect(url_for("accounts.code"))
    return render_template("accounts/type_code.html", form=MailedCodeForm(formdata=None, data=_onward()))


@blueprint.post("/sign-in/code/type")
@needs(Door.PUBLIC)
@web.limiter.limit(TRIED_PER_IP)
def take_code() -> Response | tuple[str, int]:
    """The code opens the portal in the browser that asked for it, once."""
    form = MailedCodeForm()
    person = None
    if form.validate_on_submit():
        with transaction() as db:
            person_id = actions.use_code(
                db, showing.settings(), str(session.get(ASKED, "")), form.code.data, clock.now()
            )
        person = _person(person_id)
        if person is None:
            form.refuse(words.wrong_mailed_code(), "code")
    if person is None:
        return render_template("accounts/type_code.html", form=form), 400
    return _enter(person, form.next.data)


@blueprint.get("/sign-in/link/<token>")
@needs(Door.PUBLIC)
def mailed_link(token: str) -> str | tuple[str, int]:
    """Show a button. Mail scanners open links too, so looking uses nothing up."""
    if queries.open_link(reader(), token, clock.now()) is None:
        return gone(url_for("accounts.code"), _("Send a new code"))
    return render_template("accounts/mailed_link.html", token=token, asked_here=ASKED in session)


@blueprint.post("/sign-in/link/<token>")
@needs(Door.PUBLIC)
@web.limiter.limit(TRIED_PER_IP)
def take_link(token: str) -> Response | tuple[str, int]:
    """The link opens the portal in the browser that asked for it, once."""
    with transaction() as db:
        person_id = actions.use_link(db, token, str(session.get(ASKED, "")), clock.now())
    person = _person(person_id)
    if person is None:
        return _no_link(token)
    return _enter(person, None)


def _no_link(token: str) -> tuple[str, int]:
    """The link is of another browser, or was used meanwhile."""
    if queries.open_link(reader(), token, clock.now()) is None:
        return gone(url_for("accounts.code"), _("Send a new code"))
    return render_template("accounts/mailed_link.html", token=token, asked_here=False), 409


def _enter(person: Person, target: str | None) -> Response:
    session.pop(ASKED, None)
    return entering.enter(person, SignInWay.MAIL, target)


def _person(person_id: int | None) -> Person | None:
    if person_id is None:
        return None
    with reading() as db:
        person = db.get(Person, person_id)
    return person if person and person.active else None


def _onward() -> dict[str, str]:
    """What keeps in mind where the reader of a form wants to go."""
    return {"next": web.back_to(request.args.get("next"), "")}
