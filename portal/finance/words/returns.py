"""Say why money goes back."""

from __future__ import annotations

from typing import Final

from flask_babel import lazy_gettext as _l

from payments.reconcile.models import ExceptionKind
from payments.refunds.actions import PROVIDER
from payments.refunds.models import Refund

# Why the portal itself, or a click on an exception, asked.
_REASONS: Final = {
    ExceptionKind.SECOND_PAYMENT.value: _l("The order was paid twice"),
    ExceptionKind.HELD.value: _l("The money did not fit its order"),
    ExceptionKind.UNKNOWN_PAYMENT.value: _l("No order asked for this money"),
}


def reason(refund: Refund) -> str:
    """The requester's own words, or what stands for them."""
    if refund.requested_by == PROVIDER:
        return str(_l("Made in Stripe’s own pages"))
    known = _REASONS.get(refund.reason)
    return str(known) if known else refund.reason
