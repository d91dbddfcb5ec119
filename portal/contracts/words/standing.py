"""Say what a contract is called, where it stands, and what its rail shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from portal.contracts import rules
from portal.contracts.models import Segment
from portal.contracts.rules import Dated, Rail, Standing
from portal.kit import i18n

_CHIPS: Final[dict[Standing, tuple[str, LazyString]]] = {
    Standing.UPCOMING: ("quiet", _l("Running")),
    Standing.DUE: ("warn", _l("Due soon")),
    Standing.ENDS_TODAY: ("danger", _l("Ends today")),
    Standing.IN_GRACE: ("danger", _l("In grace")),
    Standing.LAPSED: ("quiet", _l("Lapsed")),
    Standing.RENEWED: ("ok", _l("Renewed")),
    Standing.DECLINED: ("quiet", _l("Not renewing")),
}
SEGMENTS: Final = {
    Segment.STRATEGIC: _l("Strategic"),
    Segment.STANDARD: _l("Standard"),
    Segment.SMALL: _l("Small"),
}


def called(products: Sequence[str]) -> str:
    """A contract by its products' names, in the order of its lines."""
    if len(products) > 2:
        rest = len(products) - 1
        return ngettext(
            "%(first)s and one more", "%(first)s and %(num)s more", rest, first=products[0]
        )  # fmt: skip
    return _("%(first)s and %(second)s", first=products[0], second=products[1]) if products[1:] else products[0]


def standing_chip(standing: Standing, can_renew: bool = False) -> tuple[str, str]:
    """Kind and label of the standing's chip; an upcoming contract that `can_renew` has its offer open."""
    if standing is Standing.UPCOMING and can_renew:
        return "info", _("Offer open")
    kind, label = _CHIPS[standing]
    return kind, str(label)


@dataclass(frozen=True, slots=True)
class RailText:
    """The rail's sentence for those who hear it, and the words at its two ends."""

    label: str
    start_text: str
    end_text: str


@dataclass(frozen=True, slots=True)
class DrawnRail:
    """All that the template macro `rail` draws."""

    label: str
    past: int
    left: int
    grace_past: int
    grace: int
    new: int
    today: int | None
    start_text: str
    end_text: str


def rail_text(rail: Rail, on: date) -> RailText:
    """What the rail shows on `on`, in words."""
    start = i18n.day_short(rail.starts_on)
    end, grace_end = rail.ends_on, rules.grace_ends(rail.ends_on)
    if rail.new_ends_on is not None:
        label = _("This term ends on %(end)s. The next one is paid and runs until %(new)s.", end=i18n.day(end),
                  new=i18n.day(rail.new_ends_on))  # fmt: skip
        return RailText(label, start, _("New end %(day)s", day=i18n.day_short(rail.new_ends_on)))
    if on < rail.starts_on:
        label = _("The term begins on %(start)s and ends on %(end)s.", start=i18n.day(rail.starts_on),
                  end=i18n.day(end))  # fmt: skip
        return RailText(label, start, _("Ends %(day)s", day=i18n.day_short(end)))
    if on <= end:
        label = _("%(passed)s of %(all)s days have passed. The term ends on %(day)s.",
                  passed=i18n.number(rail.passed), all=i18n.number(rail.days), day=i18n.day(end))  # fmt: skip
        return RailText(label, start, _("Ends %(day)s", day=i18n.day_short(end)))
    if on <= grace_end:
        label = _("The term ended on %(day)s. Grace lasts until %(grace)s.", day=i18n.day(end),
                  grace=i18n.day(grace_end))  # fmt: skip
        return RailText(label, start, _("Grace ends %(day)s", day=i18n.day_short(grace_end)))
    label = _("The term ended on %(end)s. Grace ended on %(grace)s.", end=i18n.day(end), grace=i18n.day(grace_end))
    return RailText(label, start, _("Ended %(day)s", day=i18n.day_short(end)))


def drawn_rail(terms: Sequence[Dated], on: date) -> DrawnRail:
    """The rail of these terms on `on`, ready for the template."""
    rail = rules.rail(terms, on)
    said = rail_text(rail, on)
    return DrawnRail(said.label, rail.past, rail.left, rail.grace_past, rail.grace, rail.new, rail.today,
                     said.start_text, said.end_text)  # fmt: skip
