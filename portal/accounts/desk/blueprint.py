"""The blueprint that the account desk's pages share."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("accounts_desk", __name__)
