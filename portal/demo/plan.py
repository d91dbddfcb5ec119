"""The demo's orders: when each was placed and what became of it. The first line is the oldest."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Story(StrEnum):
    """What became of an order."""

    PAID = "paid"
    PAID_AFTER_REFUSAL = "paid_after_refusal"
    WAITING = "waiting"  # placed, and nobody has tried to pay
    AT_PAGE = "at_page"  # the payment page is open
    REFUSED = "refused"  # the card was declined
    PROCESSING = "processing"
    LESS_MONEY = "less_money"  # somebody lowered the amount at the provider
    OTHER_MONEY = "other_money"  # … or charged another currency
    OTHER_REFERENCE = "other_reference"  # … or named another order
    CANCELLED = "cancelled"
    CANCELLED_BY_STAFF = "cancelled_by_staff"
    LEFT_PAGE = "left_page"  # cancelled while the payment page was open
    EXPIRED = "expired"


@dataclass(frozen=True)
class Planned:
    """An order for the contract of the same place in the list of contracts that are due."""

    days_ago: int
    story: Story
    months: int = 12
    method: str = "card"
    score: int = 0  # how satisfied they were, 1 to 5; 0: they did not say
    reason: str = ""


S = Story
ALIPAY, WECHAT = "alipay", "wechat_pay"
PLAN: Final = (
    Planned(44, S.EXPIRED), Planned(41, S.EXPIRED, 24), Planned(39, S.EXPIRED), Planned(36, S.EXPIRED),
    Planned(34, S.EXPIRED, 36),
    Planned(27, S.PAID, score=5, reason="Took us three minutes."),
    Planned(26, S.CANCELLED), Planned(26, S.PAID, 24, score=5),
    Planned(25, S.PAID, method=ALIPAY, score=4), Planned(24, S.WAITING), Planned(24, S.PAID, 12, score=5),
    Planned(23, S.PAID_AFTER_REFUSAL, score=2, reason="My card was refused at first, and nobody could say why."),
    Planned(22, S.CANCELLED_BY_STAFF), Planned(21, S.PAID, 36, score=5),
    Planned(20, S.PAID, method=WECHAT, score=5, reason="流程清楚，付款后马上收到收据。"),
    Planned(19, S.REFUSED), Planned(19, S.PAID, 12), Planned(18, S.LESS_MONEY), Planned(17, S.PAID, 24, ALIPAY, 4),
    Planned(16, S.CANCELLED), Planned(15, S.PAID, score=5), Planned(14, S.WAITING, 24),
    Planned(13, S.PAID, 12, score=3, reason="We would like to pay by bank transfer."),
    Planned(12, S.OTHER_REFERENCE), Planned(12, S.PAID, 36), Planned(11, S.PAID, method=ALIPAY, score=5),
    Planned(10, S.CANCELLED_BY_STAFF, 24), Planned(9, S.PAID, score=4), Planned(8, S.PAID_AFTER_REFUSAL, 24),
    Planned(7, S.AT_PAGE), Planned(6, S.PAID, 12, WECHAT, 5), Planned(6, S.PAID, 24, score=5),
    Planned(5, S.OTHER_MONEY), Planned(5, S.PAID), Planned(4, S.PROCESSING, method=ALIPAY),
    Planned(4, S.PAID, 12, score=1, reason="价格上涨，但没有人提前通知我们。"), Planned(3, S.PAID, 36, score=4),
    Planned(3, S.REFUSED, 24), Planned(2, S.PROCESSING), Planned(2, S.PAID, 12, ALIPAY), Planned(1, S.LEFT_PAGE),
    Planned(1, S.PROCESSING, 24), Planned(1, S.PAID, score=5), Planned(1, S.AT_PAGE, 24), Planned(0, S.WAITING),
)  # fmt: skip

CLOSED_UNPAID: Final = frozenset({S.EXPIRED, S.CANCELLED, S.CANCELLED_BY_STAFF})
