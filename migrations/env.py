"""Alembic's environment: the tables of the portal and of payments, on the database of the settings."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import create_engine

from migrations.tables import METADATA
from payments.db import UtcDateTime
from portal.kit.settings import load


def render(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Write our own column types by the database type beneath them, so that migrations import nothing of ours."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    connection = context.config.attributes.get("connection")
    if connection is None:
        engine = create_engine(load().sqlalchemy_url)
        with engine.begin() as opened:
            migrate(opened)
    else:
        migrate(connection)


def migrate(connection: Any) -> None:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
