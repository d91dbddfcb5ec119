"""The blueprint that the contract desk's pages share."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("contracts_desk", __name__)
