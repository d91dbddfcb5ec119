"""Decide how money that goes back splits into revenue and tax. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from payments.money import Money, half_up


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale, or a part of one: gross with the tax that is in it."""

    gross: Money
    tax: Money


def tax_of_return(sold: Sold, before: Sold, amount: Money) -> Money:
    """The tax in `amount` that goes back of `sold`, when `before` went back already: the tax of all that has gone
    back, rounded half up to the minor unit, less what went before; so that the parts of a whole refund add up to
    the sale's tax (domain guide, section 2: 33.33, 33.33, 33.34 of 100.00 carry 1.89, 1.88, 1.89)."""
    if not sold.gross.minor:
        return Money(0, amount.currency)
    gone = before.gross.minor + amount.minor
    total = half_up(Decimal(sold.tax.minor) * gone / sold.gross.minor)
    return Money(total - before.tax.minor, amount.currency)
