"""What finance's pages say."""

from __future__ import annotations

from typing import Final

from flask_babel import lazy_gettext as _l

from portal.finance.rules import Unmatched

# Why money stands in suspense, and what to do about it.
UNMATCHED: Final = {
    Unmatched.NO_ORDER: (
        _l("No order belongs to this money."),
        _l("Open the charge in Stripe by its id and find out who paid; pay it back there if nobody knows."),
    ),
    Unmatched.AMOUNT_DIFFERS: (
        _l("The amount differs from the order’s total; the order is held."),
        _l("Compare both amounts on the order’s page, then ask the customer or pay it back in Stripe."),
    ),
    Unmatched.PAID_TWICE: (
        _l("The order was already paid; this is a second payment."),
        _l("Pay this charge back in Stripe and tell the customer."),
    ),
    Unmatched.ORDER_CLOSED: (
        _l("The money came after the order was closed; the order is held."),
        _l("Ask the customer whether they still want the renewal; if not, pay it back in Stripe."),
    ),
}
