"""Mails about ways to sign in. A mailed code is made here, while the mail is written, and stands nowhere else."""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from flask_babel import gettext as _

from portal.accounts import queries, words
from portal.accounts.factors import actions
from portal.accounts.jobs import moment
from portal.kit import clock, i18n, mail
from portal.kit.db import transaction
from portal.kit.events import Told
from portal.kit.mail import Letter
from portal.kit.settings import Settings


def code_mail(told: Told) -> None:
    """Send a code and a link to sign in with, if somebody has this address."""
    at = clock.now()
    settings: Settings = current_app.extensions["settings"]
    with transaction() as db:
        person = queries.person_by_email(db, str(told.facts["email"]))
        if person is None or not person.active:
            return
        code, token, until = actions.make_code(db, settings, person.id, str(told.facts["browser"]), at)
        with i18n.speaking(person.language):
            letter = Letter(
                title=_("Your code to sign in"),
                heading=_("Your code to sign in"),
                paragraphs=[
                    _("Type this code in the browser where you asked for it, or press the button there."),
                    _("Both work once, until %(until)s.", until=moment(until, person)),
                    _("If it was not you, do nothing. Never tell this code to anybody; we do not ask for it."),
                ],
                facts=[(_("Code"), f"{code[:4]} {code[4:]}")],
                button=(_("Sign in"), f"/sign-in/link/{token}"),
                secret=True,
            )
            mail.queue(
                db, "accounts.code", told.subject, person.email, person.language, letter, at, told.occurrence
            )


def factor_mail(told: Told) -> None:
    """Tell a person what changed about how they sign in, whoever did it."""
    with transaction() as db:
        person = queries.person(db, int(told.subject.removeprefix("person:")))
        if person is None or not person.active:
            return
        with i18n.speaking(person.language):
            title = words.factor_change(str(told.facts["what"]))
            letter = Letter(
                title=title,
                heading=title,
                paragraphs=[
                    _("If it was you, there is nothing to do."),
                    _("If it was not you, change your password and sign out everywhere else at once."),
                ],
                facts=[
                    (_("Account"), person.email),
                    (_("Time"), moment(datetime.fromisoformat(str(told.facts["at"])), person)),
                ],
                button=(_("Open your account"), "/account/security"),
            )
            mail.queue(
                db, "accounts.factor", told.subject, person.email, person.language, letter, clock.now(),
                told.occurrence,
            )  # fmt: skip
