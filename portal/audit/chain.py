"""The chain of the audit trail: grown by a job outside the business's transactions, held against its head, which
is kept in a file outside the database. See docs/decisions/0022-audit-chain.md."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog
from flask import current_app
from sqlalchemy.orm import Session

from portal.audit import queries, rules
from portal.audit.models import AuditLink
from portal.audit.rules import Head
from portal.kit import clock
from portal.kit.db import reading, transaction
from portal.kit.settings import Settings

HEAD_FILE: Final = "audit-head.json"
NEWEST: Final = 1000

log = structlog.get_logger(__name__)


def grow() -> None:
    """Link what is not linked yet, in pieces, and keep the new head outside. Run by a schedule."""
    at, grown = clock.now(), 0
    while True:
        with transaction() as db:
            count = _link(db, at)
        grown += count
        if count < rules.AT_ONCE:
            break
    if grown:
        _keep_head()


def verify() -> tuple[list[str], str]:
    """What is wrong with the trail, one line for each break, and a sentence on what was looked at."""
    head = kept_head()
    with reading() as db:
        breaks = list(rules.broken_links(queries.links(db)))
        last = queries.last_link(db)
        length = last.position if last else 0
        known = queries.link_at(db, head.position) if head else None
        if problem := rules.head_problem(head, known.hash if known else None, length):
            breaks.append(problem)
        waiting, oldest = queries.oldest_unchained(db)
    return breaks, _summary(length, head, waiting, oldest)


def newest_breaks(db: Session, count: int = NEWEST) -> list[str]:
    """What is wrong with the newest links; for the self-check, which must stay quick."""
    last = queries.last_link(db)
    after = max((last.position if last else 0) - count, 0)
    start = queries.link_at(db, after) if after else None
    return list(rules.broken_links(queries.links(db, after), after, start.hash if start else rules.START))


def kept_head() -> Head | None:
    """The head that this host keeps; None before the first."""
    try:
        told = json.loads(_file().read_text(encoding="utf-8"))
        return Head(int(told["position"]), str(told["hash"]))
    except FileNotFoundError:
        return None


def _link(db: Session, at: datetime) -> int:
    """Link the next notes. Two who do it at once give the same positions, and the second one fails."""
    last = queries.last_link(db)
    position, before = (last.position, last.hash) if last else (0, rules.START)
    notes = queries.to_chain(db, at, rules.AT_ONCE)
    for note in notes:
        position += 1
        before = rules.link_hash(before, position, at, tuple(note))
        db.add(AuditLink(position=position, note_id=note[0], chained_at=at, hash=before))
    return len(notes)


def _keep_head() -> None:
    """A file that is whole at any time, and a line for whoever collects the logs elsewhere."""
    with reading() as db:
        last = queries.last_link(db)
    if last is None:
        return
    head = Head(last.position, last.hash)
    place = _file()
    fresh = place.with_suffix(".new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(head) | {"at": last.chained_at.isoformat()}, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(place)
    log.info("audit.head", position=head.position, hash=head.hash)


def _file() -> Path:
    settings: Settings = current_app.extensions["settings"]
    return settings.data_dir / HEAD_FILE


def _summary(length: int, head: Head | None, waiting: int, oldest: datetime | None) -> str:
    against = f"the head kept here is link {head.position}" if head else "no head is kept on this host"
    rest = (
        f"{waiting} notes wait to be chained, the oldest since {oldest:%Y-%m-%d %H:%M} UTC"
        if oldest
        else ("every note is chained")
    )
    return f"{length} links; {against}; {rest}."
