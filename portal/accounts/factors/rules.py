"""How codes are made and read, and who needs a second step. Pure decisions."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

STEP_SECONDS: Final = 30
APP_DIGITS: Final = 6
SECRET_BYTES: Final = 20
RECOVERY_CODES: Final = 10
MAIL_DIGITS: Final = 8
MAIL_TRIES: Final = 5
MAIL_LIFETIME: Final = timedelta(minutes=10)
# Between the password and the second step.
HALF_LIFETIME: Final = timedelta(minutes=5)
# To scan the picture and type the first code.
SETUP_LIFETIME: Final = timedelta(minutes=30)
CHALLENGE_LIFETIME: Final = timedelta(minutes=5)
# So long a sign-in, or a confirmation, lets somebody move money, change prices, give access and take data out.
FRESH_FOR: Final = timedelta(minutes=30)
# How long rows stay that can open nothing any more.
KEPT: Final = timedelta(days=7)
_RECOVERY_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_RECOVERY_LENGTH: Final = 16


def app_step(at: datetime) -> int:
    """Which half minute `at` is in, counted as authenticator apps do (RFC 6238)."""
    return int(at.timestamp()) // STEP_SECONDS


def app_code(secret: bytes, step: int) -> str:
    """The six digits that an app shows in half minute `step` (RFC 4226, RFC 6238)."""
    hotp = HOTP(secret, APP_DIGITS, SHA1(), enforce_key_length=True)  # noqa: S303 - apps know no other  # nosec B303
    return hotp.generate(step).decode()


def taken_step(secret: bytes, typed: str, at: datetime, last: int | None) -> int | None:
    """The half minute whose code was typed: this one or a neighbour, as phones' clocks differ, but none up to
    `last`, whose codes were used. None: the code is wrong, old, or used."""
    now = app_step(at)
    code = digits_of(typed)
    for step in (now, now - 1, now + 1):
        if (last is None or step > last) and compare_digest(app_code(secret, step), code):
            return step
    return None


def digits_of(typed: str) -> str:
    """A code as the person meant it: without spaces and dashes, full-width digits narrowed. At most 32 digits."""
    return "".join(str(int(char)) for char in typed if char.isdecimal())[:32]


def recovery_code(choices: bytes) -> str:
    """A code to write down, made from 16 random bytes: four groups of four, without letters that look alike."""
    letters = "".join(_RECOVERY_ALPHABET[byte % len(_RECOVERY_ALPHABET)] for byte in choices[:_RECOVERY_LENGTH])
    return "-".join(letters[start : start + 4] for start in range(0, _RECOVERY_LENGTH, 4))


def recovery_text(typed: str) -> str | None:
    """A recovery code as it was given out, however it was typed; None when it is none."""
    letters = re.sub(r"[^a-z0-9]", "", typed.lower())
    if len(letters) != _RECOVERY_LENGTH:
        return None
    return "-".join(letters[start : start + 4] for start in range(0, _RECOVERY_LENGTH, 4))


def is_fresh(confirmed_at: datetime, at: datetime) -> bool:
    """Was it this person who sat here a moment ago?"""
    return at - confirmed_at <= FRESH_FOR
