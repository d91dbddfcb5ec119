"""Staff make a quote for a customer."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("pricing_desk", __name__)
