"""Migrations make exactly what the models say, on both databases, and can be taken back."""

from __future__ import annotations

from alembic import command
from flask import Flask
from sqlalchemy import create_engine, inspect

from migrations import steps
from portal.kit.db import database


def test_models_and_migrations_agree(app: Flask) -> None:
    with database.engine.connect() as connection:
        steps.check(connection)


def test_downgrade_leaves_nothing_behind() -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        steps.upgrade(connection)
        assert "orders" in inspect(connection).get_table_names()
        command.downgrade(steps.config(connection), "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
