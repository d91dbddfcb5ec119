"""Finance's pages."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("finance", __name__)
