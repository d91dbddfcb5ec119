"""Decide what a customer's page shows: which contract comes first, what an order asks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from portal.contracts.rules import Standing, grace_ends
from portal.orders.models import OrderState

# The version of the terms of sale that a customer accepts; the text stands in templates/home/terms.html.
TERMS_VERSION: Final = "2026-03"
TERMS_ON: Final = date(2026, 3, 1)

# After this long the return page stops asking and leaves it to the mail.
CONFIRMING_SECONDS: Final = 60
REFRESH_SECONDS: Final = 3

# Standings in which a contract wants something done now.
PRESSING: Final = (Standing.ENDS_TODAY, Standing.IN_GRACE, Standing.DUE)
PAID_STATES: Final = (OrderState.PAID, OrderState.PARTLY_REFUNDED, OrderState.DISPUTED)
# Money may have gone back of all that no longer wait for it, a late payment of a cancelled order among them. Not
# asked for the paid ones, whose page has its six statements: of a second payment the mail tells.
MONEY_BACK: Final = frozenset(OrderState) - {
    OrderState.AWAITING_PAYMENT, OrderState.AWAITING_TRANSFER, OrderState.PROCESSING, OrderState.PAID,
}  # fmt: skip
UNPAID: Final = (OrderState.AWAITING_PAYMENT, OrderState.AWAITING_TRANSFER)

_USCC_SIGNS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def days_to_act(standing: Standing, ends_on: date, on: date) -> int:
    """Days left before something stops: to the end of the term, or of grace once it has ended."""
    return ((grace_ends(ends_on) if standing is Standing.IN_GRACE else ends_on) - on).days


def needs_you(standing: Standing, order: OrderState | None, can_renew: bool, can_pay: bool) -> bool:
    """Is it this person's turn? `order` is the state of the contract's open order, if there is one."""
    if order is not None:
        return order in UNPAID and can_pay
    return standing in PRESSING and can_renew


def is_pressing(standing: Standing, order: OrderState | None) -> bool:
    """Does somebody of the company, if not this person, have to do something now?"""
    return order in UNPAID if order is not None else standing in PRESSING


def shown_before(
    shown_seats: Sequence[str], shown_totals: Sequence[str], months: int, seats: Sequence[int]
) -> int | None:
    """The total, in minor units, that the form says it showed for this very choice; None when it was another
    one."""
    if [str(count) for count in seats] != list(shown_seats):
        return None
    totals = dict(each.partition(":")[::2] for each in shown_totals)
    total = totals.get(str(months), "")
    return int(total) if total.isascii() and total.isdigit() and len(total) <= 18 else None


def was_on_screen(
    shown_seats: Sequence[str], shown_totals: Sequence[str], months: int, seats: Sequence[int], total_minor: int
) -> bool:
    """Did the customer see `total_minor` for this choice before asking to have it held?

    `shown_seats` and `shown_totals` ("24:3680000", minor units) are what the form says it showed: only ever
    compared, never a price. A request that says nothing of a screen is compared with nothing.
    """
    if not shown_seats and not shown_totals:
        return True
    return [str(count) for count in seats] == list(shown_seats) and f"{months}:{total_minor}" in shown_totals


class Asks(StrEnum):
    """What the page of an unpaid order is about."""

    PAY = "pay"
    TRY_AGAIN = "try_again"
    CONFIRMING = "confirming"
    STILL_CONFIRMING = "still_confirming"


def asks(failed: bool, since: datetime | None, at: datetime) -> Asks:
    """`since`: when the customer came back from the provider and nobody could yet tell what happened there."""
    if since is not None and since <= at:
        soon = at - since < timedelta(seconds=CONFIRMING_SECONDS)
        return Asks.CONFIRMING if soon else Asks.STILL_CONFIRMING
    return Asks.TRY_AGAIN if failed else Asks.PAY


class TaxIdProblem(StrEnum):
    LENGTH = "length"
    SIGNS = "signs"


def tax_id_problem(text: str, country: str) -> TaxIdProblem | None:
    """What is wrong with a buyer's tax number, where we can tell: in China 18 signs with a check sign
    (GB 32100-2015). Other countries' numbers are taken as typed."""
    if country != "CN" or not text:
        return None
    if len(text) != 18:
        return TaxIdProblem.LENGTH
    if any(sign not in _USCC_SIGNS for sign in text):
        return TaxIdProblem.SIGNS
    total = sum(_USCC_SIGNS.index(sign) * weight for sign, weight in zip(text, _USCC_WEIGHTS, strict=False))
    return None if _USCC_SIGNS[(31 - total % 31) % 31] == text[17] else TaxIdProblem.SIGNS


def is_order_number(text: str) -> bool:
    """Has `text` the form of an order's number (RNW-2026-000124)? It may come from an address."""
    return re.fullmatch(r"RNW-\d{4}-\d{6,9}", text, re.ASCII) is not None


def last_day(until: datetime, zone: str) -> date:
    """The last calendar day in `zone` that begins before `until`, the first instant at which something is over."""
    return (until - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date()
