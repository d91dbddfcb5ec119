"""Decide about transfers: who must agree that money came, what a slip may be. Pure."""

from __future__ import annotations

from datetime import date
from typing import Final

from payments.errors import NeedsAnotherPerson, NotASlip, ValueDateWrong
from payments.money import Money

SLIP_MAX: Final = 10_000_000
SLIPS_MOST: Final = 5
NAME_MAX: Final = 80
# How the files begin that we take.
_BEGINNINGS: Final = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff"}
MEDIA: Final = {"pdf": "application/pdf", "png": "image/png", "jpeg": "image/jpeg"}


def is_final(received: Money, limit_minor: int, seen_by: str | None, by: str) -> bool:
    """Is the word of `by` enough that this money came? Above the limit a second person must say so.

    Raises NeedsAnotherPerson when `by` is the one who said it before.
    """
    if received.minor <= limit_minor:
        return True
    if seen_by is None:
        return False
    if by == seen_by:
        raise NeedsAnotherPerson(by=by)
    return True


def check_value_date(value_date: date, today: date, asked_on: date) -> None:
    """Raises ValueDateWrong for a day to come, or one before the customer was told where to send it."""
    if value_date > today or value_date < asked_on:
        raise ValueDateWrong(value_date=value_date.isoformat())


def plain_number(number: str) -> str:
    """An account's number as banks compare it: without spaces and dashes, in capitals."""
    return "".join(char for char in number.upper() if char.isalnum())


def slip_kind(beginning: bytes) -> str:
    """What a file is by its first bytes, whatever it is called. Raises NotASlip."""
    for kind, mark in _BEGINNINGS.items():
        if beginning.startswith(mark):
            return kind
    raise NotASlip()


def media_of(kind: str) -> str:
    """The media type under which a slip is sent."""
    return MEDIA[kind]


def clean_name(name: str) -> str:
    """A file's name as text for people: its last part, printable, and short."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in last if char.isprintable())[:NAME_MAX] or "slip"
