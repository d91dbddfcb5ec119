"""Sign-in by Flask-Security, and our server-side session rows behind it."""

from __future__ import annotations

from flask import Flask

from portal.kit.guard import Actor
from portal.kit.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Set up Flask-Security on `app`."""


def load_actor() -> Actor | None:
    """Who is at the keyboard."""
    return None
