"""Passkeys as browsers make and show them (WebAuthn), checked by the webauthn library.

The question (challenge) that a browser answers travels signed and dated with the form, so that nothing is kept for
strangers who only look at the sign-in page; an answer that opened something is remembered and opens nothing twice.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from itsdangerous import BadData, URLSafeTimedSerializer
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal.accounts.factors import rules
from portal.accounts.factors.models import Passkey
from portal.accounts.models import Person
from portal.kit.settings import Settings

CHALLENGE_BYTES: Final = 32
LONGEST_ANSWER: Final = 20_000


@dataclass(frozen=True)
class Made:
    """A new passkey, as its device told it."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


@dataclass(frozen=True)
class Shown:
    """A passkey that answered well."""

    challenge: bytes
    sign_count: int


@dataclass(frozen=True)
class Site:
    """Where passkeys are good: `origin` as the browser tells it, and the host within, which is never a number."""

    origin: str
    host: str


def site_of(origin: str) -> Site | None:
    """The site at this address; None for a numeric one, where browsers make no passkeys."""
    host = urlsplit(origin).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return Site(origin.rstrip("/"), host) if host else None
    return None


def ask_to_make(settings: Settings, site: Site, person: Person, known: list[Passkey]) -> dict[str, Any]:
    """What the browser needs to make a passkey: `options` for navigator.credentials.create and the `ticket` that
    comes back with the answer."""
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=settings.seller,
        user_id=f"person:{person.id}".encode(),
        user_name=person.email,
        user_display_name=person.name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=key.credential_id) for key in known],
    )
    return _asked(settings, options, f"make:{person.id}", challenge)


def ask_to_show(settings: Settings, site: Site) -> dict[str, Any]:
    """What the browser needs to show a passkey: `options` for navigator.credentials.get and the `ticket`."""
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    options = generate_authentication_options(
        rp_id=site.host, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    return _asked(settings, options, "show", challenge)


def made(settings: Settings, site: Site, person: Person, answer: str, ticket: str) -> Made | None:
    """The passkey that the browser made; None when the answer is not sound or came too late."""
    challenge = _challenge(settings, ticket, f"make:{person.id}")
    if challenge is None or len(answer) > LONGEST_ANSWER:
        return None
    try:
        told = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, RecursionError):
        return None  # the library meets junk with exceptions of its own and with Python's
    return Made(told.credential_id, told.credential_public_key, told.sign_count)


def credential_of(answer: str) -> bytes | None:
    """Which passkey an answer speaks of; None when it is none."""
    if len(answer) > LONGEST_ANSWER:
        return None
    try:
        return base64url_to_bytes(json.loads(answer)["rawId"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def shown(settings: Settings, site: Site, passkey: Passkey, answer: str, ticket: str) -> Shown | None:
    """Does the answer prove that the passkey's device and its owner are there? None: no, or too late."""
    challenge = _challenge(settings, ticket, "show")
    if challenge is None:
        return None
    try:
        told = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, RecursionError):
        return None
    return Shown(challenge, told.new_sign_count)


def _asked(settings: Settings, options: Any, purpose: str, challenge: bytes) -> dict[str, Any]:
    ticket = _signer(settings, purpose).dumps(challenge.hex())
    return {"options": json.loads(options_to_json(options)), "ticket": ticket}


def _challenge(settings: Settings, ticket: str, purpose: str) -> bytes | None:
    try:
        told = _signer(settings, purpose).loads(ticket, max_age=int(rules.CHALLENGE_LIFETIME.total_seconds()))
        return bytes.fromhex(told)
    except (BadData, ValueError, TypeError):
        return None


def _signer(settings: Settings, purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.secret_keys[::-1], salt=f"passkey:{purpose}")
