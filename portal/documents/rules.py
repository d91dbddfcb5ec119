"""Decide what a receipt says about seller and buyer, and what a statement of account comes to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from payments.money import Money
from portal.kit.db import Json


def particulars(
    seller: Mapping[str, str], company_name: str, invoice_details: Mapping[str, Any], po_number: str | None
) -> Json:
    """Seller and buyer as they stand on the day. `seller`: name, address, tax_id. The buyer's title is the
    company's name where none was given."""
    return {
        "seller": {key: seller.get(key, "") for key in ("name", "address", "tax_id")},
        "buyer": {
            "name": company_name,
            "title": invoice_details.get("title") or company_name,
            "tax_id": invoice_details.get("tax_id") or "",
            "address": invoice_details.get("address") or "",
            "po_number": po_number or "",
        },
    }


def receipt_number(year: int, serial: int) -> str:
    """R-2026-000089"""
    return f"R-{year}-{serial:06}"


def credit_note_number(year: int, serial: int) -> str:
    """C-2026-000012"""
    return f"C-{year}-{serial:06}"


class EntryKind(StrEnum):
    """CHARGE: a renewal that was bought. PAYMENT: money that came for one. HELD: money that came and renews
    nothing yet, so that it is the customer's. CREDIT: what of a renewal was taken back. REFUND: money that went
    back."""

    CHARGE = "charge"
    PAYMENT = "payment"
    HELD = "held"
    CREDIT = "credit"
    REFUND = "refund"


OWED_MORE: Final = frozenset({EntryKind.CHARGE, EntryKind.REFUND})


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a statement: what a customer owes more (CHARGE, REFUND) or less by `money`, which is never
    negative."""

    on: date
    kind: EntryKind
    order: str
    money: Money
    receipt: str | None = None  # or, for a CREDIT, its credit note
    method: str | None = None

    @property
    def change(self) -> Money:
        return self.money if self.kind in OWED_MORE else -self.money


@dataclass(frozen=True, slots=True)
class Account:
    """A currency's part of a statement: opening + the entries' changes = closing. `balances`: what was owed after
    each entry; negative is the customer's."""

    currency: str
    opening: Money
    entries: Sequence[Entry]
    balances: Sequence[Money]
    closing: Money


def statement(entries: Iterable[Entry], first: date, last: date) -> list[Account]:
    """The accounts of the days from `first` to `last`, both included, by currency; currencies are never added.
    What lies before `first` makes the opening balance, what lies after `last` is left out. A charge stands before
    the payment of the same day."""
    order = list(EntryKind)
    by_currency: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda each: (each.on, each.order, order.index(each.kind))):
        if entry.on <= last:
            by_currency.setdefault(entry.money.currency, []).append(entry)
    return [_account(currency, found, first) for currency, found in sorted(by_currency.items())]


def _account(currency: str, entries: Sequence[Entry], first: date) -> Account:
    nothing = Money(0, currency)
    opening = sum((entry.change for entry in entries if entry.on < first), nothing)
    shown = [entry for entry in entries if entry.on >= first]
    balances, balance = [], opening
    for entry in shown:
        balance = balance + entry.change
        balances.append(balance)
    return Account(currency, opening, shown, balances, balance)
