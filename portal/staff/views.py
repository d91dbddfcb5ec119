"""The staff's pages."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("staff", __name__)
