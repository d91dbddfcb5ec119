"""Sign-in by Flask-Security, and our own server-side session rows behind it."""

from __future__ import annotations

from portal.accounts.signin.confirming import ask_again
from portal.accounts.signin.sessions import load_actor, open_session
from portal.accounts.signin.setup import init_app

__all__ = ["ask_again", "init_app", "load_actor", "open_session"]
