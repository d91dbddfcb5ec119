"""Staff pages for companies, members and staff."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("accounts_desk", __name__)
