"""The API's routes: every resource's table in one."""

from __future__ import annotations

from payments.sandbox.api import (
    balance,
    charges,
    customers,
    disputes,
    endpoints,
    events,
    intents,
    payment_methods,
    payouts,
    refunds,
    sessions,
)
from payments.sandbox.api.route import Route

ROUTES: list[Route] = [
    *customers.ROUTES,
    *sessions.ROUTES,
    *intents.ROUTES,
    *payment_methods.ROUTES,
    *charges.ROUTES,
    *refunds.ROUTES,
    *disputes.ROUTES,
    *balance.ROUTES,
    *payouts.ROUTES,
    *events.ROUTES,
    *endpoints.ROUTES,
]
