"""What happens to requests for a fapiao when something happens to their order, and their letters."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import current_app

from portal.audit.actions import SYSTEM
from portal.documents.fapiao import actions, queries, words
from portal.documents.fapiao.models import FapiaoState
from portal.kit import clock, files, i18n, mail
from portal.kit.db import reading, transaction
from portal.kit.events import Told
from portal.kit.settings import Settings
from portal.orders import queries as orders

STRAYS_KEPT: Final = timedelta(days=1)


def order_called_off(told: Told) -> None:
    """OrderCancelled, OrderExpired: there is nothing to issue."""
    with transaction() as db:
        order = orders.lock(db, str(told.facts["number"]))
        row = queries.live(db, order.id)
        if row is not None and row.state is FapiaoState.REQUESTED:
            actions.withdraw(db, row, SYSTEM, clock.now())


def money_moved_back(told: Told) -> None:
    """OrderRefunded, RefundFailed: an issued fapiao gets a red-letter task, or loses it again."""
    _follow(str(told.facts["number"]))


def dispute_moved(told: Told) -> None:
    """PaymentDisputed: what the bank took for good is gone like a refund, and so is what it gave back."""
    kind, _colon, number = told.subject.partition(":")
    if kind == "order":
        _follow(number)


def _follow(number: str) -> None:
    with transaction() as db:
        row = queries.live(db, orders.lock(db, number).id)
        if row is not None:
            actions.follow_refunds(db, row, clock.now())


def mail_settled(told: Told) -> None:
    """FapiaoSettled: a letter to the address that the buyer named."""
    at = clock.now()
    with transaction() as db:
        row = queries.one(db, int(told.facts["request_id"]))
        if row is None or not row.buyer.get("email"):
            return
        language = row.order.company.language
        with i18n.speaking(language):
            mended = told.occurrence.startswith(actions.MENDED)
            letter = words.letter(row, FapiaoState(told.facts["state"]), mended)
            subject, to = row.order.subject, row.buyer["email"]
            one = f"{row.id}:{told.occurrence}"  # an order may be asked for twice, and fail twice
            mail.queue(db, "fapiao.settled", subject, to, language, letter, at, one)


def clear_strays() -> None:
    """Remove files that no fapiao has: of an upload that was refused or cut off."""
    settings: Settings = current_app.extensions["settings"]
    with reading() as db:
        known = queries.stored_names(db)
    files.remove_strays(settings, clock.now() - STRAYS_KEPT, known, files.FAPIAO)
