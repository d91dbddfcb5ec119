"""Staff pages for contracts."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("contracts_desk", __name__)
