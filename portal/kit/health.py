"""Is the process alive, and can it reach its database? For supervisors and load balancers."""

from __future__ import annotations

from flask import Blueprint
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal.kit.db import reading
from portal.kit.guard import Door, needs

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@needs(Door.PUBLIC)
def alive() -> tuple[str, int]:
    return "ok\n", 200


@blueprint.get("/readyz")
@needs(Door.PUBLIC)
def ready() -> tuple[str, int]:
    try:
        with reading() as db:
            db.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return "database unreachable\n", 503
    return "ok\n", 200
