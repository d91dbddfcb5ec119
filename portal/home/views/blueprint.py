"""The blueprint that all customer pages hang on."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("home", __name__)
