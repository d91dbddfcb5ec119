"""What may be charged: at least one minor unit, at most what Stripe takes, and no third decimal."""

from __future__ import annotations

from payments.money import EXPONENTS
from payments.sandbox.envelope import ApiError

LARGEST = 99_999_999
LARGEST_BY_CURRENCY = {"idr": 999_999_999_999}


def check(total: int, currency: str, *, what: str, param: str) -> None:
    """Raises ApiError, which names `what` is charged and the parameter that says how much."""
    if currency.upper() not in EXPONENTS:
        raise ApiError(f"Invalid currency: {currency}", param="currency")
    if total < 1:
        raise ApiError(f"{what} must be at least 1.", code="amount_too_small")
    if total > LARGEST_BY_CURRENCY.get(currency, LARGEST):
        raise ApiError(f"{what} is too large.", code="amount_too_large")
    if EXPONENTS[currency.upper()] == 3 and total % 10:
        # Stripe charges three-decimal currencies to the second decimal only.
        message = f"Invalid amount: amounts in {currency} must be divisible by 10."
        raise ApiError(message, code="parameter_invalid_integer", param=param)
