"""Money: an integer of minor units with its currency. No float ever enters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final

from payments.errors import CurrencyMismatch, UnknownCurrency

# Decimals of each currency we handle (ISO 4217, list one). A currency that is missing here is refused rather
# than guessed: a wrong exponent charges a hundred times too much.
EXPONENTS: Final[dict[str, int]] = {
    "AED": 2, "AUD": 2, "BHD": 3, "BRL": 2, "CAD": 2, "CHF": 2, "CNY": 2, "CZK": 2, "DKK": 2, "EUR": 2,
    "GBP": 2, "HKD": 2, "IDR": 2, "ILS": 2, "INR": 2, "JOD": 3, "JPY": 0, "KRW": 0, "KWD": 3, "MXN": 2,
    "MYR": 2, "NOK": 2, "NZD": 2, "OMR": 3, "PHP": 2, "PLN": 2, "SAR": 2, "SEK": 2, "SGD": 2, "THB": 2,
    "TND": 3, "TWD": 2, "USD": 2, "VND": 0, "ZAR": 2,
}  # fmt: skip


def exponent(currency: str) -> int:
    """Number of decimals of `currency` (three capital letters). Raises UnknownCurrency."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise UnknownCurrency(currency=currency) from None


def grain(currency: str) -> int:
    """The step in minor units in which an amount can be charged: card networks take currencies of three decimals
    in tens (Stripe's rule for BHD, JOD, KWD, OMR and TND)."""
    return 10 if exponent(currency) == 3 else 1


def half_up(value: Decimal) -> int:
    """`value` (minor units with a fraction) rounded half away from zero to whole minor units."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An exact amount: `minor` units (may be negative) of `currency` (ISO 4217, capitals)."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units must be int, not {type(self.minor).__name__}")
        exponent(self.currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """Read a major-unit number such as "1,234.50". Raises ValueError when it is no number or has more
        decimals than the currency."""
        cleaned = text.strip().replace(",", "").replace("，", "")
        if not cleaned or not all(c in "0123456789.-+" for c in cleaned):
            raise ValueError(text)
        try:
            minor = Decimal(cleaned).scaleb(exponent(currency))
        except InvalidOperation:
            raise ValueError(text) from None
        if minor != minor.to_integral_value() or abs(minor) >= 2**53:
            raise ValueError(text)
        return cls(int(minor), currency)

    @property
    def major(self) -> Decimal:
        """The amount in major units, for display and for exports only."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def _same(self, other: Money) -> int:
        if self.currency != other.currency:
            raise CurrencyMismatch(left=self.currency, right=other.currency)
        return other.minor

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __mul__(self, count: int) -> Money:
        return Money(self.minor * count, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def split(self, weights: Sequence[int]) -> list[Money]:
        """Share the amount by `weights` without losing a minor unit: largest remainder first, ties to the
        earliest share. Raises ValueError for no or only zero weights."""
        total = sum(weights)
        if total <= 0 or any(weight < 0 for weight in weights):
            raise ValueError("weights must be non-negative and not all zero")
        sign = -1 if self.minor < 0 else 1
        pieces = [divmod(abs(self.minor) * weight, total) for weight in weights]
        left = abs(self.minor) - sum(whole for whole, _ in pieces)
        by_remainder = sorted(range(len(pieces)), key=lambda i: (-pieces[i][1], i))
        extra = set(by_remainder[:left])
        return [Money(sign * (whole + (i in extra)), self.currency) for i, (whole, _) in enumerate(pieces)]
