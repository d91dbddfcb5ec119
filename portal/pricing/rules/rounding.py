"""Fractions of amounts, half-up, without a float."""

from __future__ import annotations

from payments.money import Money


def portion(amount: int, numerator: int, denominator: int) -> int:
    """`amount` × `numerator` ÷ `denominator`, rounded half-up to whole minor units; none may be negative."""
    return (2 * amount * numerator + denominator) // (2 * denominator)


def per_seat_year(total: Money, seats: int, months: int) -> Money:
    """What `total` comes to per seat and 12 months, half-up; for display."""
    return Money(portion(total.minor, 12, seats * months), total.currency)


def difference(old_total: Money, new_total: Money) -> Money:
    """What the new total is more (or, negative, less) than the old one. Raises CurrencyMismatch."""
    return new_total - old_total
