"""Compare prices: with the last term's, with those of other term lengths, with one worked out before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from payments.money import Money
from portal.kit import i18n
from portal.kit.db import Json
from portal.pricing import rules
from portal.pricing.words.explain import Told, line_name, seats_label, term_label


def signed(value: Money) -> str:
    """An amount with its currency and its sign: "+CN¥420.00", "−CN¥3,360.00"."""
    sign = "−" if value.minor < 0 else "+" if value.minor else ""
    return sign + i18n.money(-value if value.minor < 0 else value)


def compare_last(told: Told) -> str | None:
    """The change of the price per year against the last term, as the country shows prices; None when the last
    term's price is not known."""
    lines = told.document["lines"]
    # Without tax the total does not compare with last term's price per seat, which stands with it.
    if any(not line["last_unit_minor"] for line in lines) or "exempt" in told.document["tax"]:
        return None
    shown = "total_minor" if told.document["tax"]["inclusive"] else "net_minor"
    old = Money(sum(line["last_unit_minor"] * line["last_seats"] for line in lines), told.currency)
    new = rules.per_seat_year(Money(sum(line[shown] for line in lines), told.currency), 1, told.months)
    change = rules.difference(old, new)
    facts = {"change": i18n.money(-change if change.minor < 0 else change), "old": i18n.money(old),
             "new": i18n.money(new)}  # fmt: skip
    if change.minor > 0:
        return _("Per year you pay %(change)s more than in your last term: %(new)s after %(old)s.", **facts)
    if change.minor < 0:
        return _("Per year you pay %(change)s less than in your last term: %(new)s after %(old)s.", **facts)
    return _("Per year you pay the same as in your last term: %(new)s.", new=facts["new"])


def change_text(old_total: Money, new_total: Money) -> str:
    """What a price worked out again differs from the one before."""
    change = rules.difference(old_total, new_total)
    if not change.minor:
        return _("The price is the same as before.")
    return _(
        "The price changed by %(change)s, from %(old)s to %(new)s.",
        change=signed(change), old=i18n.money(old_total), new=i18n.money(new_total),
    )  # fmt: skip


@dataclass(frozen=True)
class LineChange:
    """A line beside what it was in the last term; `old` is empty where that is not known."""

    name: str
    seats: str
    old: str
    new: str
    change: str


def line_changes(told: Told) -> list[LineChange]:
    """Per seat and year, line by line, as the country shows prices."""
    return [_line_change(line, told.currency) for line in told.document["lines"]]


def _line_change(line: Json, currency: str) -> LineChange:
    old, new = Money(line["last_unit_minor"], currency), Money(line["paid_unit_minor"], currency)
    seats = seats_label(line["seats"])
    if line["last_seats"] != line["seats"]:
        seats = _("%(seats)s, %(last)s before", seats=seats, last=i18n.number(line["last_seats"]))
    return LineChange(
        name=line_name(line),
        seats=seats,
        old=i18n.amount(old) if old.minor else "",
        new=i18n.amount(new),
        change=i18n.amount(rules.difference(old, new), signed=True) if old.minor else "",
    )


def saving(offer: rules.Offer, others: Iterable[rules.Offer]) -> str | None:
    """What a term saves against buying the shortest one on sale again and again at today's price; None when it
    does not, or is the shortest itself."""
    shortest = min(others, key=lambda each: each.months)
    if shortest.months == offer.months:
        return None
    apart = Money(rules.portion(shortest.total.minor, offer.months, shortest.months), offer.currency)
    saved = rules.difference(offer.total, apart)
    if saved.minor <= 0:
        return None
    return _(
        "%(saved)s less than %(months)s at a time, at today's price",
        saved=i18n.money(saved), months=term_label(shortest.months),
    )  # fmt: skip


def coming(change: rules.Coming | None) -> str | None:
    """From when the same renewal costs something else; None where nothing is known to come."""
    if change is None:
        return None
    return _(
        "From %(day)s on, this would be %(total)s. A price that you hold before stays.",
        day=i18n.day(change.on), total=i18n.money(change.total),
    )  # fmt: skip


def early_until(told: Told) -> date | None:
    """The last day on which the early price that is in `told` can be held; None where there is none."""
    days = [step["facts"]["until"] for step in told.document["steps"] if step["code"] == "early_offer"]
    return min((date.fromisoformat(day) for day in days if day), default=None)
