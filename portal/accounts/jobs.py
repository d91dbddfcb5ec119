"""Mails with links. The link's secret is made here, while the mail is written, and stands nowhere else."""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.accounts import actions, queries, rules, words
from portal.accounts.factors import actions as factor_actions
from portal.accounts.models import LinkPurpose, Membership, MemberState, Person
from portal.kit import clock, i18n, mail
from portal.kit.db import transaction
from portal.kit.events import Told
from portal.kit.mail import Letter
from portal.kit.settings import Settings

FORGETTING = (
    actions.forget_sessions, actions.forget_devices, actions.forget_links, actions.forget_requests,
    factor_actions.forget_codes, factor_actions.forget_challenges,
)  # fmt: skip


def invite_mail(told: Told) -> None:
    """Invite a member ("membership:5") or staff ("person:5") by mail. Run twice, it writes one mail."""
    at = clock.now()
    kind, _sep, number = told.subject.partition(":")
    with transaction() as db:
        if kind == "membership":
            membership = queries.membership(db, int(number))
            if membership is not None:
                _invite_member(db, membership, told, at)
            return
        person = queries.staff_member(db, int(number))
        if person is not None and person.password is None and person.active:
            _invite_staff(db, person, told, at)


def reset_mail(told: Told) -> None:
    """Send a link to set a new password, if somebody has this address."""
    at = clock.now()
    with transaction() as db:
        person = queries.person_by_email(db, str(told.facts["email"]))
        if person is None or not person.active:
            return
        token, until = actions.make_link(db, person.id, LinkPurpose.RESET, at)
        with i18n.speaking(person.language):
            letter = Letter(
                title=_("Set a new password"),
                heading=_("Set a new password"),
                paragraphs=[
                    _("You asked for a new password for %(email)s.", email=person.email),
                    _("The link works once, until %(until)s.", until=moment(until, person)),
                    _("If it was not you, do nothing: your password stays as it is."),
                ],
                button=(_("Set a new password"), f"/set-password/{token}"),
                secret=True,
            )
            mail.queue(
                db, "accounts.reset", told.subject, person.email, person.language, letter, at, told.occurrence
            )


def new_device_mail(told: Told) -> None:
    """Tell a person that somebody signed in as them with a browser that was never used before."""
    signed_in, at = datetime.fromisoformat(str(told.facts["at"])), clock.now()
    with transaction() as db:
        person = queries.person(db, int(told.subject.removeprefix("person:")))
        if person is None or not person.active:
            return
        with i18n.speaking(person.language):
            facts = [
                (_("Browser"), str(told.facts["browser"]) or _("Unknown browser")),
                (_("Address"), str(told.facts["address"]) or _("unknown")),
                (_("Time"), moment(signed_in, person)),
            ]
            letter = Letter(
                title=_("New sign-in to your account"),
                heading=_("New sign-in to your account"),
                paragraphs=[
                    _("Somebody signed in as %(email)s with a browser that you had not used here before.",
                      email=person.email),
                    _("If it was you, there is nothing to do."),
                    _("If it was not you, sign out that browser on your account's page and change your password."),
                ],
                facts=facts,
                button=(_("Open your account"), "/account"),
            )  # fmt: skip
            mail.queue(
                db, "accounts.new_device", told.subject, person.email, person.language, letter, at, told.occurrence
            )


def tidy() -> None:
    """Forget sessions that were over long ago and browsers that nobody used for long. Run by a schedule."""
    at = clock.now()
    for forget in FORGETTING:
        more = True
        while more:
            with transaction() as db:
                more = forget(db, at) == rules.FORGET_AT_ONCE


def _invite_member(db: Session, membership: Membership, told: Told, at: datetime) -> None:
    person, company = membership.person, membership.company
    if membership.state is not MemberState.PENDING or not person.active:
        return
    language = person.language or company.language
    inviter = queries.name_of(db, str(told.facts["by"]))
    with i18n.speaking(language):
        role = str(words.COMPANY_ROLES[membership.role])
        facts = [(_("Company"), company.name), (_("Your role"), role)]
        first = _(
            "%(name)s invites you to look after the contracts of %(company)s.", name=inviter, company=company.name
        )
        letter = _letter_of(db, person, [first], facts, at)
        mail.queue(db, "accounts.invite", told.subject, person.email, language, letter, at, told.occurrence)


def _invite_staff(db: Session, person: Person, told: Told, at: datetime) -> None:
    settings: Settings = current_app.extensions["settings"]
    with i18n.speaking(person.language):
        first = _("You have an account at the desk of %(seller)s's renewal portal.", seller=settings.seller)
        role = str(words.STAFF_ROLES[person.staff_role]) if person.staff_role else ""
        letter = _letter_of(db, person, [first], [(_("Your role"), role)], at)
        mail.queue(db, "accounts.invite", told.subject, person.email, person.language, letter, at, told.occurrence)


def _letter_of(
    db: Session, person: Person, first: list[str], facts: list[tuple[str, str]], at: datetime
) -> Letter:
    settings: Settings = current_app.extensions["settings"]
    title = _("Your invitation to %(seller)s's renewal portal", seller=settings.seller)
    if person.password is not None:
        last = _("You have an account already. Sign in, and you can accept or leave it.")
        return Letter(title, title, [*first, last], facts, (_("See the invitation"), "/join"))
    token, until = actions.make_link(db, person.id, LinkPurpose.INVITE, at)
    last = _("Set a password to begin. The link works once, until %(until)s.", until=moment(until, person))
    return Letter(
        title, title, [*first, last], facts, (_("Set a password"), f"/set-password/{token}"), secret=True
    )


def moment(at: datetime, person: Person) -> str:
    """An instant as the person reads it, with its zone."""
    settings: Settings = current_app.extensions["settings"]
    zone = person.zone or settings.zone
    return _("%(time)s, %(zone)s", time=i18n.instant(at, zone), zone=i18n.zone_name(zone, at))
