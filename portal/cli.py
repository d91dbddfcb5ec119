"""`flask --app wsgi …`: the commands of those who install and run the portal."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Add our commands to `flask`."""
