"""The customer's account pages: password, team."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)
