"""How notes are chained, and what a chain that was tampered with looks like. Pure decisions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

START: Final = "0" * 64
# Notes linked in one transaction.
AT_ONCE: Final = 1000
# A note is linked once its transaction is surely over: until then one with a smaller number may still appear.
SETTLED_AFTER: Final = timedelta(minutes=1)
# So many numbers back from the newest link the job still looks for notes that came late.
LOOK_BACK: Final = 20_000


@dataclass(frozen=True)
class Linked:
    """A link and its note, (id, at, actor, action, subject, facts, ip, request); None when the note is gone."""

    position: int
    note_id: int
    chained_at: datetime
    hash: str
    note: tuple[Any, ...] | None


@dataclass(frozen=True)
class Head:
    """The end of the chain at some time, as it is kept outside the database."""

    position: int
    hash: str


def link_hash(before: str, position: int, chained_at: datetime, note: tuple[Any, ...]) -> str:
    """SHA-256 over the link before and everything that the note says, in one spelling."""
    note_id, at, *rest = note
    told = [before, position, _instant(chained_at), note_id, _instant(at), *rest]
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def broken_links(links: Iterable[Linked], after: int = 0, before: str = START) -> Iterator[str]:
    """One line for each link behind position `after`, in their order, that does not hold: its note was changed or
    deleted, or the link itself; `before` is the hash of the link there. Goes on from what stands, so that one
    change is one line."""
    expected = after + 1
    for link in links:
        if link.position != expected:
            yield f"links {expected} to {link.position - 1} are gone"
        if link.note is None:
            yield f"note {link.note_id} was deleted"
        elif link_hash(before, link.position, link.chained_at, link.note) != link.hash:
            yield f"note {link.note_id} or its link was changed"
        before, expected = link.hash, link.position + 1


def head_problem(head: Head | None, found: str | None, length: int) -> str | None:
    """What is wrong when the head kept outside says `head`, the database has `found` as the hash at its position
    and `length` links in all."""
    if head is None:
        return None
    if found is None:
        return f"the end was cut off: {head.position} links were known, {length} are there"
    return None if found == head.hash else f"link {head.position} is not the one that was known"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
