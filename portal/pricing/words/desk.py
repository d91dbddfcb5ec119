"""Say what the desk's pages of prices and offers need."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from portal.contracts import words as contract_words
from portal.contracts.models import Segment
from portal.kit import i18n
from portal.pricing.models import (
    Price,
    Promotion,
    VersionRow,
)
from portal.pricing.rules import BaseKind, PromotionKind
from portal.pricing.words.explain import term_label

BASE_KINDS: Final[Mapping[BaseKind, LazyString]] = {
    BaseKind.LIST: _l("List price"),
    BaseKind.SEGMENT: _l("Segment’s price"),
    BaseKind.CONTRACT: _l("Contract’s price"),
}
PROMOTION_KINDS: Final[Mapping[PromotionKind, LazyString]] = {
    PromotionKind.EARLY: _l("Renewing early, counted in days before the term ends"),
    PromotionKind.MULTI_YEAR: _l("A long new term, counted in months"),
    PromotionKind.LOYALTY: _l("Staying, counted in whole years without a gap"),
    PromotionKind.WIN_BACK: _l("Coming back after the grace, counted in days since the end"),
    PromotionKind.COUPON: _l("Knowing a code"),
}


def takes_off(promotion: Promotion) -> str:
    """What an offer takes off: a percentage of each line, or an amount off the whole."""
    return i18n.money(promotion.amount) if promotion.amount else i18n.percent(promotion.basis_points)


def offer_chip(promotion: Promotion, on: date) -> tuple[str, str]:
    """Whether an offer can be had on a day."""
    if promotion.published_at is None:
        return "info", _("Draft")
    return holding(promotion.valid_from, promotion.valid_to, on)


def whom(price: Price | VersionRow) -> str:
    """For whom a price is. Needs `price.contract`."""
    if price.contract is not None:
        return _("Contract %(number)s", number=price.contract.number)
    if price.segment is not None:
        return str(contract_words.SEGMENTS[price.segment])
    return _("Everybody")


def segment_name(segment: Segment | None) -> str:
    return str(contract_words.SEGMENTS[segment]) if segment else _("Every segment")


def condition(kind: PromotionKind, least: int) -> str:
    """When an offer can be had."""
    if kind is PromotionKind.MULTI_YEAR:
        return _("New term of %(months)s or more", months=term_label(least))
    if kind is PromotionKind.COUPON:
        return _("With its code")
    if kind is PromotionKind.LOYALTY:
        return ngettext(
            "%(count)s whole year without a gap or more", "%(count)s whole years without a gap or more", least,
            count=i18n.number(least),
        )  # fmt: skip
    if kind is PromotionKind.WIN_BACK:
        return ngettext(
            "%(count)s day after the end or later, once the grace is over",
            "%(count)s days after the end or later, once the grace is over", least, count=i18n.number(least),
        )  # fmt: skip
    return ngettext(
        "%(count)s day before the end or earlier", "%(count)s days before the end or earlier", least,
        count=i18n.number(least),
    )  # fmt: skip


def period(valid_from: date, valid_to: date | None) -> str:
    """The days on which something holds, its last day included."""
    if valid_to is None:
        return _("since %(start)s", start=i18n.day_short(valid_from))
    last = i18n.day_short(valid_to - timedelta(days=1))
    return _("%(first)s to %(last)s", first=i18n.day_short(valid_from), last=last)


def holding(valid_from: date, valid_to: date | None, on: date) -> tuple[str, str]:
    """The chip that says whether something holds on a day."""
    if valid_from > on:
        return "info", _("Coming")
    if valid_to is not None and valid_to <= on:
        return "quiet", _("Over")
    return "ok", _("In force")


def taken(promotion: Promotion, used: int) -> str:
    """How many contracts took up an offer."""
    if promotion.limit_total is None:
        return ngettext("%(count)s contract", "%(count)s contracts", used, count=i18n.number(used))
    return _("%(used)s of %(limit)s contracts", used=i18n.number(used), limit=i18n.number(promotion.limit_total))
