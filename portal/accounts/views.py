"""The customer's account pages: password, team."""

from __future__ import annotations

from flask import Blueprint
from portal.kit.guard import Door, needs

blueprint = Blueprint("accounts", __name__)


@blueprint.get("/forgot")
@needs(Door.PUBLIC)
def forgot() -> str:
    return ""

@blueprint.get("/account")
@needs(Door.SIGNED_IN)
def account() -> str:
    return ""
