"""Bring a database to the newest schema, from code: `make run`, tests and `flask migrate` share this."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from portal.kit.settings import ROOT


def config(connection: Connection) -> Config:
    made = Config()
    made.set_main_option("script_location", str(ROOT / "migrations"))
    made.attributes["connection"] = connection
    return made


def upgrade(connection: Connection) -> None:
    """Run what is missing, in the connection's transaction."""
    command.upgrade(config(connection), "head")


def check(connection: Connection) -> None:
    """Raise when models and migrations differ."""
    command.check(config(connection))


def revise(connection: Connection, message: str) -> None:
    """Write a new migration from the difference."""
    command.revision(config(connection), message, autogenerate=True)
