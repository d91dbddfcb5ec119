"""Staff sign in with the company's identity provider (OpenID Connect, by Authlib).

Nobody gets an account from there: an administrator makes it here, and the first sign-in ties it to the id that the
provider has for its confirmed e-mail. What the provider says is asked for with no transaction open.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import FlaskOAuth2App, OAuth
from authlib.integrations.requests_client import OAuth2Session
from flask import Flask, current_app
from joserfc.errors import JoseError
from requests import RequestException
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from portal.accounts.models import Person
from portal.audit import actions as audit
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.settings import Settings

NAME: Final = "staff"
SECONDS: Final = 5
# How a provider calls what somebody showed there (RFC 8176), by what it proves: that they know, have, or are.
KINDS: Final = (
    frozenset({"pwd", "pin", "kba"}),
    frozenset({"otp", "hwk", "swk", "sc", "sms", "tel"}),
    frozenset({"fpt", "face", "iris", "retina", "vbm"}),
)
# Between the provider's page and ours, clocks included.
JUST_NOW: Final = timedelta(minutes=5)
FAILURES: Final = (AuthlibBaseError, JoseError, RequestException, ValueError, KeyError, TypeError, RuntimeError)

log = structlog.get_logger(__name__)


class _StraightSession(OAuth2Session):  # type: ignore[misc]
    """Follows no redirect: the provider's addresses are those that its own page names."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.max_redirects = 0


class _Client(FlaskOAuth2App):  # type: ignore[misc]
    client_cls = _StraightSession


def init_app(app: Flask, settings: Settings) -> None:
    """Know the identity provider, when there is one. Nothing is asked of it before somebody signs in."""
    if not settings.oidc_issuer:
        return
    oauth = OAuth(app)
    oauth.register(
        NAME,
        client_cls=_Client,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(),
        server_metadata_url=settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": SECONDS,
        },
    )
    app.extensions["sso"] = oauth.create_client(NAME)


def client() -> Any | None:
    return current_app.extensions.get("sso")


def leave(redirect_uri: str, *, anew: bool) -> Response | None:
    """On to the provider; with `anew` its page shall ask even who is known there. None: it cannot be reached."""
    more = {"prompt": "login", "max_age": 0} if anew else {}
    try:
        found: Response = _client().authorize_redirect(redirect_uri, **more)
    except FAILURES:
        log.warning("sso.unreachable", exc_info=True)
        return None
    return found


def come_back() -> dict[str, Any] | None:
    """What the provider says about who comes back from it, checked: signature, issuer, audience, nonce, state and
    age. None when anything of it is not right."""
    settings: Settings = current_app.extensions["settings"]
    try:
        token = _client().authorize_access_token()
        claims = dict(token["userinfo"])
    except FAILURES:
        log.warning("sso.refused", exc_info=True)
        return None
    return claims if claims.get("iss", "").rstrip("/") == settings.oidc_issuer.rstrip("/") else None


def staff_of(claims: dict[str, Any]) -> Person | None:
    """Whose account this is: the one tied to the provider's id, else, once, the one with the confirmed e-mail."""
    subject = f"{claims['iss'].rstrip('/')} {claims['sub']}"
    with transaction() as db:
        person = db.scalar(select(Person).where(Person.sso_subject == subject)) or _tied(db, claims, subject)
    usable = person is not None and person.active and person.staff_role is not None
    return person if usable else None


def is_strong(claims: dict[str, Any]) -> bool:
    """Does the provider say that more than a password was shown?"""
    told = claims.get("amr")
    methods = {str(method) for method in told} if isinstance(told, list) else set()
    return "mfa" in methods or sum(not kind.isdisjoint(methods) for kind in KINDS) > 1


def is_just_now(claims: dict[str, Any], at: datetime) -> bool:
    """Does the provider say that its page asked the person a moment ago? One that is told to ask again may not do
    so, and whoever sits at an open browser is known there."""
    told = claims.get("auth_time")
    return isinstance(told, int) and abs(at.timestamp() - told) <= JUST_NOW.total_seconds()


def _tied(db: Session, claims: dict[str, Any], subject: str) -> Person | None:
    email = str(claims.get("email") or "").strip().lower()
    if not email or claims.get("email_verified") is not True:
        return None
    mine = update(Person).where(
        Person.email == email, Person.staff_role.is_not(None), Person.active, Person.sso_subject.is_(None)
    )
    person_id = db.execute(mine.values(sso_subject=subject).returning(Person.id)).scalar()
    if person_id is None:
        return None
    audit.note(db, f"person:{person_id}", "person.sso_tied", f"person:{person_id}", clock.now())
    return db.get(Person, person_id)


def _client() -> Any:
    found = client()
    if found is None:
        raise LookupError("no identity provider is set")
    return found
