"""Secrets that the database keeps but must not tell: sealed with a key made from the secret key. A key that was
replaced still opens what it sealed, while it stands among PORTAL_SECRET_KEY_FALLBACKS."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.kit.settings import Settings

_PURPOSE: Final = b"portal sealing 1"


def seal(settings: Settings, secret: bytes) -> str:
    """`secret`, unreadable for whoever has the database alone."""
    return _box(settings).encrypt(secret).decode()


def unseal(settings: Settings, sealed: str) -> bytes | None:
    """What was sealed; None when no key of ours opens it."""
    try:
        return _box(settings).decrypt(sealed.encode())
    except InvalidToken:
        return None


def mac(settings: Settings, text: str) -> str:
    """How the database knows a short code: whoever has the database alone cannot try all codes against it."""
    return hmac.new(_key(settings.secret_keys[0]), text.encode(), hashlib.sha256).hexdigest()


def _box(settings: Settings) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_key(secret))) for secret in settings.secret_keys])


def _key(secret: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())
