"""The customer's pages, one module for each thing that they are about."""

from __future__ import annotations

from portal.home.views import contracts, demo, documents, offers, orders, papers, payment, quotes, start, surveys
from portal.home.views.blueprint import blueprint

__all__ = [
    "blueprint", "contracts", "demo", "documents", "offers", "orders", "papers", "payment", "quotes", "start",
    "surveys",
]  # fmt: skip
