"""Flask-Security's settings, and what we put in place of its parts."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Request
from flask_login import user_logged_in, user_logged_out
from flask_security.core import Security

from portal.accounts.forms import SignInForm
from portal.accounts.models import Person
from portal.accounts.signin import door, sso
from portal.accounts.signin.people import People
from portal.accounts.signin.sessions import signed_in
from portal.kit import guard
from portal.kit.settings import Settings

# OWASP's least cost for argon2id: 19 MiB, two passes, one lane; about 30 ms.
ARGON2 = {
    "argon2__type": "ID",
    "argon2__memory_cost": 19_456,
    "argon2__time_cost": 2,
    "argon2__parallelism": 1,
}


def init_app(app: Flask, settings: Settings) -> None:
    """Set up Flask-Security on `app`: sign-in and sign-out only; all else it offers stays off."""
    app.config.update(
        SECURITY_LOGIN_URL="/sign-in",
        SECURITY_LOGOUT_URL="/sign-out",
        SECURITY_LOGOUT_METHODS=["POST"],
        SECURITY_FLASH_MESSAGES=False,
        SECURITY_STATIC_FOLDER=None,
        SECURITY_FRESHNESS=timedelta(minutes=-1),
        SECURITY_CLI_USERS_NAME="",
        SECURITY_CLI_ROLES_NAME="",
        SECURITY_API_ENABLED_METHODS=["session"],
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 - the scheme's name
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS=ARGON2,
        # No secret inside the hash: a new secret key must not lock everybody out.
        SECURITY_PASSWORD_SINGLE_HASH={"argon2"},
        SECURITY_CACHE_CONTROL=None,
        # Our rows decide how long a session holds; an address that changes on the road must not end it.
        SESSION_PROTECTION=None,
    )
    security = Security(app, People(), login_form=SignInForm)
    security.want_json(_never_json)
    security.login_manager.user_loader(_person_of_cookie)
    security.login_manager.request_loader(_nobody)
    user_logged_in.connect(door.remember, app)
    user_logged_out.connect(door.forget, app)
    door.install(app, settings)
    sso.init_app(app, settings)
    guard.declare("security.login", guard.Door.PUBLIC)
    guard.declare("security.logout", guard.Door.PUBLIC)


def _person_of_cookie(fs_uniquifier: str) -> Person | None:
    """Flask-Login's idea of who is signed in: the same row that the guard reads."""
    found = signed_in()
    return found.person if found and found.person.fs_uniquifier == fs_uniquifier else None


def _nobody(_request: Request) -> None:
    """Flask-Security would also take a token from header or address; we give none out."""


def _never_json(_request: Request) -> bool:
    return False
