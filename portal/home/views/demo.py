"""The mails as their readers see them, in demo and test mode only."""

from __future__ import annotations

import re

from flask import abort, current_app, make_response, render_template
from werkzeug.wrappers import Response

from portal.home import queries
from portal.home.views.blueprint import blueprint
from portal.kit.db import reader
from portal.kit.guard import Door, needs
from portal.kit.mail import Mail
from portal.kit.settings import Settings

_LINK = re.compile(r"https?://[^\s<>\"]+")
# The letter's own page: its styles stand inside it, and only our mail page may frame it.
_LETTER_CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'self'"
_FRAME_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-src 'self'; frame-ancestors 'none'"
)


@blueprint.get("/demo/mail")
@needs(Door.PUBLIC)
def mails() -> str:
    """The last letters, newest first."""
    _only_practice()
    return render_template("home/mails.html", mails=queries.mails(reader()), most=queries.MAILS)


@blueprint.get("/demo/mail/<id:mail_id>")
@needs(Door.PUBLIC)
def mail(mail_id: int) -> Response:
    """One letter: as HTML in a frame, as text, and its links."""
    letter = _letter(mail_id)
    own = _settings().base_url
    links = [link for link in dict.fromkeys(_LINK.findall(letter.text)) if link.startswith(own + "/")]
    response = make_response(render_template("home/mail.html", mail=letter, links=links))
    response.headers["Content-Security-Policy"] = _FRAME_CSP
    return response


@blueprint.get("/demo/mail/<id:mail_id>/html")
@needs(Door.PUBLIC)
def mail_html(mail_id: int) -> Response:
    """The letter's HTML alone. Its links leave the frame."""
    letter = _letter(mail_id)
    response = make_response(letter.html.replace("<head>", '<head><base target="_top">', 1))
    response.headers["Content-Security-Policy"] = _LETTER_CSP
    return response


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _only_practice() -> None:
    if not _settings().practice:
        abort(404)


def _letter(mail_id: int) -> Mail:
    _only_practice()
    letter = reader().get(Mail, mail_id)
    if letter is None:
        abort(404)
    return letter
