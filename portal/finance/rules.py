"""What finance decides about a payment from its facts alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from payments.money import Money
from portal.orders.models import OrderState
from portal.orders.rules import SETTLED, HeldReason


class Unmatched(StrEnum):
    """Why money stands in suspense."""

    NO_ORDER = "no_order"
    AMOUNT_DIFFERS = "amount_differs"
    OTHER_CURRENCY = "other_currency"
    OTHER_REFERENCE = "other_reference"
    PAID_TWICE = "paid_twice"
    ORDER_CLOSED = "order_closed"
    ALREADY_RENEWED = "already_renewed"


_BY_HELD: Final = {
    HeldReason.AMOUNT: Unmatched.AMOUNT_DIFFERS,
    HeldReason.CURRENCY: Unmatched.OTHER_CURRENCY,
    HeldReason.REFERENCE: Unmatched.OTHER_REFERENCE,
    HeldReason.CLOSED: Unmatched.ORDER_CLOSED,
    HeldReason.ALREADY_RENEWED: Unmatched.ALREADY_RENEWED,
}


def why_unmatched(state: OrderState | None, held_reason: str | None) -> Unmatched:
    """Why money is in suspense, by its order's state and the reason it is held for; no state: it has no order."""
    if state is None:
        return Unmatched.NO_ORDER
    if state is OrderState.HELD and held_reason in tuple(HeldReason):
        return _BY_HELD[HeldReason(held_reason)]
    return Unmatched.PAID_TWICE if state in SETTLED else Unmatched.ORDER_CLOSED


@dataclass(frozen=True)
class Slice:
    """Sums over the payments charged in one currency and settled in one; `settled` None: the fee is pending."""

    charged: str
    settled: str | None
    count: int
    gross_minor: int
    fee_minor: int
    net_minor: int


@dataclass(frozen=True)
class Total:
    """The sums of one currency's columns. gross − pending + converted − fees = net."""

    currency: str
    count: int
    gross: Money
    pending: Money  # gross of the payments whose fee the provider has not told yet
    converted: Money  # what the provider changed into this currency, less what it changed out of it
    fees: Money
    net: Money


def totals(slices: Iterable[Slice]) -> list[Total]:
    """One Total for each currency, by its code; currencies are never added."""
    sums: dict[str, dict[str, int]] = {}

    def add(currency: str, **minors: int) -> None:
        row = sums.setdefault(currency, dict.fromkeys(("count", "gross", "pending", "fees", "net"), 0))
        for name, minor in minors.items():
            row[name] += minor

    for one in slices:
        pending = one.gross_minor if one.settled is None else 0
        add(one.charged, count=one.count, gross=one.gross_minor, pending=pending)
        if one.settled is not None:
            add(one.settled, fees=one.fee_minor, net=one.net_minor)
    return [_total(currency, row) for currency, row in sorted(sums.items())]


def _total(currency: str, row: dict[str, int]) -> Total:
    converted = row["net"] + row["fees"] - (row["gross"] - row["pending"])
    amounts = {name: Money(row[name], currency) for name in ("gross", "pending", "fees", "net")}
    return Total(currency=currency, count=row["count"], converted=Money(converted, currency), **amounts)


@dataclass(frozen=True)
class Proof:
    """Two ways to the same figure of one currency: the ledger's clearing account, and all payments less fees."""

    currency: str
    clearing: Money
    expected: Money

    @property
    def difference(self) -> Money:
        return self.clearing - self.expected

    @property
    def holds(self) -> bool:
        return self.difference.minor == 0


def proofs(sums: Iterable[tuple[str, str, int]]) -> list[Proof]:
    """Proofs from (what, currency, minor): what is "clearing", "gross" or "fee"."""
    found: dict[str, dict[str, int]] = {}
    for what, currency, minor in sums:
        row = found.setdefault(currency, {"clearing": 0, "gross": 0, "fee": 0})
        row[what] += minor
    return [
        Proof(currency, Money(row["clearing"], currency), Money(row["gross"] - row["fee"], currency))
        for currency, row in sorted(found.items())
    ]
