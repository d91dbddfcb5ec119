"""Say why money goes back, and whose yes is missing."""

from __future__ import annotations

from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from payments.money import Money
from payments.reconcile.models import ExceptionKind
from payments.refunds.actions import PROVIDER
from payments.refunds.models import Refund
from portal.kit import i18n

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
    return why(refund.reason)


def why(reason: str) -> str:
    """A reason as it is kept, in words."""
    known = _REASONS.get(reason)
    return str(known) if known else reason


def missing(refund: Refund, limit_minor: int) -> str:
    """Whose yes a refund waits for."""
    if refund.amount_minor <= limit_minor:
        return _("Somebody of finance must agree.")
    if refund.approved_by is None and not limit_minor:
        return _("Two people must agree; the first one is of finance.")
    if refund.approved_by is None:
        limit = i18n.money(Money(limit_minor, refund.currency))
        return _("Above %(limit)s two people must agree; the first one is of finance.", limit=limit)
    return _("A second person must agree who neither asked nor agreed.")
