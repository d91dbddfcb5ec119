"""Mails about a yes that is needed, and about what became of it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.kit import clock, i18n, mail
from portal.kit.db import transaction
from portal.kit.events import Told
from portal.kit.guard import Act
from portal.orders import queries, words
from portal.orders.models import Approval, ApprovalState
from portal.orders.rules import CANCELLABLE


def mail_approval_asked(told: Told) -> None:
    """Ask everybody of the company who may agree, as long as nobody decided."""
    at = clock.now()
    with transaction() as db:
        approval = _approval(db, told)
        if approval.state is not ApprovalState.ASKED:
            return
        asker = accounts.name_of(db, approval.asked_by)
        for person in accounts.recipients(db, approval.company_id, Act.APPROVE):
            with i18n.speaking(person.language):
                letter = words.asked(approval, asker)
                mail.queue(db, "approval.asked", told.subject, person.email, person.language, letter, at)


def mail_approval_decided(told: Told) -> None:
    """Tell who asked, if they still are of the company."""
    with transaction() as db:
        approval = _approval(db, told)
        decider = accounts.name_of(db, approval.decided_by or "")
        for person in accounts.recipients(db, approval.company_id, Act.SEE_CONTRACTS):
            if f"person:{person.id}" == approval.asked_by:
                with i18n.speaking(person.language):
                    letter = words.decided(approval, decider)
                    mail.queue(
                        db, "approval.decided", told.subject, person.email, person.language, letter, clock.now()
                    )


def mail_payment_asked_for(told: Told) -> None:
    """Ask the colleague, as long as the order waits and they may pay it."""
    facts = told.facts
    with transaction() as db:
        order = queries.by_number(db, str(facts["number"]))
        if order is None or order.state not in CANCELLABLE:
            return
        asker = accounts.name_of(db, str(facts["by"]))
        for person in accounts.recipients(db, order.company_id, Act.PAY):
            if person.id == facts["person_id"]:
                with i18n.speaking(person.language):
                    letter = words.asked_to_pay(order, asker)
                    mail.queue(
                        db, "order.pay_asked", told.subject, person.email, person.language, letter, clock.now(),
                        told.occurrence,
                    )  # fmt: skip


def _approval(db: Session, told: Told) -> Approval:
    found = queries.approval(db, int(told.facts["approval_id"]))
    if found is None:
        raise LookupError(told.subject)
    return found
