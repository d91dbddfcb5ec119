"""A new secret on its way into an authenticator app: shown as a picture, and kept sealed in the form until the
person has typed a first code."""

from __future__ import annotations

import base64
import json
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

from portal.accounts.factors import rules
from portal.kit import sealing
from portal.kit.settings import Settings


def new_secret() -> bytes:
    return secrets.token_bytes(rules.SECRET_BYTES)


def sealed(settings: Settings, secret: bytes, person_id: int, at: datetime) -> str:
    """The secret for the form's hidden field: nobody can read it there, and only this person can send it back."""
    until = (at + rules.SETUP_LIFETIME).isoformat()
    told = {"secret": secret.hex(), "person": person_id, "until": until}
    return sealing.seal(settings, json.dumps(told).encode())


def opened(settings: Settings, ticket: str, person_id: int, at: datetime) -> bytes | None:
    """The secret that the form brought back; None when it is not this person's, or too old."""
    plain = sealing.unseal(settings, ticket)
    told = json.loads(plain) if plain else {}
    if told.get("person") != person_id or at > datetime.fromisoformat(told["until"]):
        return None
    return bytes.fromhex(told["secret"])


def spelled(secret: bytes) -> str:
    """The secret for people who type it, in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def address(secret: bytes, email: str, issuer: str) -> str:
    """What the picture says, as authenticator apps read it."""
    label = quote(f"{issuer}:{email}")
    key = base64.b32encode(secret).decode().rstrip("=")
    return f"otpauth://totp/{label}?{urlencode({'secret': key, 'issuer': issuer})}"
