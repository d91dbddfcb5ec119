"""Offers: what may be taken off a renewal on a day, and which of several is best."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from portal.contracts import rules as contracts
from portal.kit.db import Json
from portal.pricing.rules.facts import WHOLE, Discount, Group


class PromotionKind(StrEnum):
    """EARLY: for a price held at least so many days before the term ends. MULTI_YEAR: for a new term of at least
    so many months. LOYALTY: for a contract that has run without a gap for at least so many whole years. WIN_BACK:
    for one that lapsed, at least so many days after its end. COUPON: for whoever types its code; it counts
    nothing."""

    EARLY = "early"
    MULTI_YEAR = "multi_year"
    LOYALTY = "loyalty"
    WIN_BACK = "win_back"
    COUPON = "coupon"


# A multi-year offer competes with what the price book takes off for the same length: the better one is taken.
# Nobody is loyal and won back at once.
_GROUP: Final = {
    PromotionKind.EARLY: Group.EARLY,
    PromotionKind.MULTI_YEAR: Group.TERM,
    PromotionKind.LOYALTY: Group.LOYALTY,
    PromotionKind.WIN_BACK: Group.LOYALTY,
    PromotionKind.COUPON: Group.COUPON,
}


# The most that `least` may ask for, and that a limit may be.
MOST_LEAST: Final = {
    PromotionKind.EARLY: 180,
    PromotionKind.MULTI_YEAR: 120,
    PromotionKind.LOYALTY: 50,
    PromotionKind.WIN_BACK: 730,
    PromotionKind.COUPON: 1,
}
LEAST_CODE: Final = 4
MOST_CODE: Final = 24
MOST_POINTS: Final = WHOLE - 1  # a renewal for nothing is for people to decide
# Up to so much somebody of sales may give a special price alone; above it finance says yes (domain guide, 7).
SPECIAL_ALONE: Final = 1_000
MOST_CONTRACTS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class PromotionRow:
    """An offer as it concerns one contract. `least` counts what PromotionKind says for its kind; a coupon is among
    a contract's offers when its `code` was typed, and may take off `amount_minor` of `currency` from the whole
    instead of `basis_points` from each line. `product_code` None: every product. `used_up`: its limit leaves
    nothing for this contract."""

    id: int
    kind: PromotionKind
    names: dict[str, str]
    basis_points: int
    least: int
    product_code: str | None
    valid_from: date
    valid_to: date | None
    used_up: bool = False
    code: str = ""
    amount_minor: int = 0
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a renewal is, as far as an offer asks: the new term's length, the last day of the latest term, the day
    of the price, and since when the contract has run without a gap."""

    months: int
    ends_on: date
    on: date
    since: date


def fits(row: PromotionRow, product_code: str, currency: str, occasion: Occasion) -> bool:
    """May this offer be taken off a line of this product on this occasion?"""
    on = occasion.on
    holds = row.valid_from <= on and (row.valid_to is None or on < row.valid_to)
    of_this = row.product_code in (None, product_code) and row.currency in ("", currency)
    if row.used_up or not holds or not of_this:
        return False
    return _amount(row.kind, occasion) >= row.least


def _amount(kind: PromotionKind, occasion: Occasion) -> int:
    """What the occasion has of what the kind of offer counts; less than nothing where it has none of it."""
    after = (occasion.on - occasion.ends_on).days
    lapsed = occasion.on > contracts.grace_ends(occasion.ends_on)
    if kind is PromotionKind.EARLY:
        return -after
    if kind is PromotionKind.COUPON:
        return 1
    if kind is PromotionKind.MULTI_YEAR:
        return occasion.months
    if kind is PromotionKind.WIN_BACK:
        return after if lapsed else -1
    return -1 if lapsed else whole_years(occasion.since, min(occasion.on, occasion.ends_on + timedelta(days=1)))


def whole_years(since: date, until: date) -> int:
    """Anniversaries of `since` up to `until`; one that began on 29 February is a year older on 1 March."""
    return until.year - since.year - ((until.month, until.day) < (since.month, since.day))


def normal_code(typed: str) -> str:
    """How a coupon's code is kept and compared: however it is spelled, capitals and digits alone; empty for what
    is none."""
    text = "".join(char for char in unicodedata.normalize("NFKC", typed).upper() if char.isalnum())
    return text if text.isascii() and LEAST_CODE <= len(text) <= MOST_CODE else ""


def best(found: Iterable[Discount]) -> Iterator[Discount]:
    """The best discount of each group; of equal ones the first, so that a rule of the book comes before an offer
    that may run out."""
    by_group: dict[Group, Discount] = {}
    for each in found:
        known = by_group.get(each.group)
        if known is None or each.basis_points > known.basis_points:
            by_group[each.group] = each
    return (by_group[group] for group in Group if group in by_group)


def as_discount(row: PromotionRow, occasion: Occasion) -> Discount:
    """The offer as a discount with its explanation. `until`: the last day on which it can be had, if there is
    one."""
    last = _last_day(row, occasion)
    facts: Json = {
        "promotion": row.id, "names": row.names, "basis_points": row.basis_points, "least": row.least,
        "until": last.isoformat() if last else None,
    }  # fmt: skip
    if row.code:
        facts["code"] = row.code
    if row.amount_minor:
        facts["amount_minor"] = row.amount_minor
    code = f"{row.kind}_offer"
    return Discount(
        _GROUP[row.kind], code, row.basis_points, facts, promotion=row.id, amount_minor=row.amount_minor
    )


def _last_day(row: PromotionRow, occasion: Occasion) -> date | None:
    ends = [row.valid_to - timedelta(days=1)] if row.valid_to else []
    if row.kind is PromotionKind.EARLY:
        ends.append(occasion.ends_on - timedelta(days=row.least))
    return min(ends, default=None)
