"""What surveys do later: ask, a week later ask by mail, and tell somebody who can help when a score is low."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from flask import current_app
from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.accounts.models import StaffRole
from portal.contracts import words as contract_words
from portal.kit import clock, i18n, mail
from portal.kit.db import transaction
from portal.kit.events import Told
from portal.kit.guard import Act
from portal.kit.i18n import named
from portal.kit.settings import Settings
from portal.orders import queries as orders
from portal.orders.models import Order
from portal.surveys import actions, queries, rules, words
from portal.surveys.models import AskState, SurveyAsk, SurveyKind
from portal.surveys.queries.asks import MAIL_KIND

LOW_KIND: Final = "desk.low_score"


def ask(told: Told) -> None:
    """An order is paid: its page now asks the person who placed it; the mail is planned."""
    with transaction() as db:
        order = _order(db, told)
        asked = accounts.recipients(db, order.company_id, Act.ANSWER_SURVEYS)
        person = next((person for person in asked if order.placed_by == f"person:{person.id}"), None)
        if person is not None and order.paid_at is not None:
            actions.ask(db, order, person.id, order.paid_at)


def mail_nps(told: Told) -> None:
    """Mail the question, when all still stands as it must; else note why not. Run twice, it writes one mail."""
    at = clock.now()
    with transaction() as db:
        asked = queries.hold(db, _order(db, told).id, int(told.facts["person_id"]))
        if asked is None or asked.state is not AskState.OPEN:
            return
        why = rules.why_not(queries.standing(db, asked, at), asked.due_at, at)
        if why:
            actions.drop(db, asked, why, at)
        else:
            _write(db, asked, told, at)


def _write(db: Session, asked: SurveyAsk, told: Told, at: datetime) -> None:
    order, person = asked.order, asked.person
    token = actions.link_for(db, asked, at)
    language = person.language or order.company.language
    with i18n.speaking(language):
        name = contract_words.called([named(line["names"]) for line in order.quote.document["lines"]])
        letter = words.nps_letter(order, name, token)
        mail.queue(db, MAIL_KIND, told.subject, person.email, language, letter, at, told.occurrence)


def tell_of_low_score(told: Told) -> None:
    """Tell the contract's owner, or the team when nobody owns it, unless the answer became a better one."""
    kind, person_id = SurveyKind(told.facts["kind"]), int(told.facts["person_id"])
    at = clock.now()
    with transaction() as db:
        order = _order(db, told)
        answer = queries.answers_of(db, order.id, person_id).get(kind)
        person = accounts.person(db, person_id)
        if answer is None or person is None or not rules.is_low(kind, answer.score):
            return
        for email, language in _carers(db, order):
            with i18n.speaking(language):
                letter = words.low_score(order, answer, person)
                mail.queue(db, LOW_KIND, told.subject, email, language, letter, at, told.occurrence)


def _carers(db: Session, order: Order) -> Sequence[tuple[str, str | None]]:
    """Who looks after the customer, by address and language: the owner; else the team's address, or, where the
    portal knows none, everybody in customer success."""
    owner = order.contract.owner
    if owner is not None and owner.active:
        return [(owner.email, owner.language)]
    settings: Settings = current_app.extensions["settings"]
    if settings.support_email:
        return [(settings.support_email, None)]
    team = [person for person in accounts.staff_list(db) if person.active and person.staff_role is StaffRole.CS]
    return [(person.email, person.language) for person in team]


def _order(db: Session, told: Told) -> Order:
    order = orders.by_number(db, told.subject.removeprefix("order:"))
    if order is None:
        raise LookupError(told.subject)  # the outbox tries again, and shows it to staff
    return order
