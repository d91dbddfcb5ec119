"""The customer's pages, one module for each thing that they are about."""

from __future__ import annotations

from portal.home.views import (
    approvals,
    asking,
    calendar,
    contracts,
    demo,
    desk,
    documents,
    fapiao,
    limits,
    mine,
    offers,
    orders,
    papers,
    payment,
    people,
    quotes,
    start,
    statement,
    surveys,
    transfer,
)
from portal.home.views.blueprint import blueprint

__all__ = [
    "approvals", "asking", "blueprint", "calendar", "contracts", "demo", "desk", "documents", "fapiao", "limits",
    "mine", "offers", "orders", "papers", "payment", "people", "quotes", "start", "statement", "surveys",
    "transfer",
]  # fmt: skip
