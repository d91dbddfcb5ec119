"""Say what was agreed with one customer, and where drafts and special prices stand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from portal.kit import i18n
from portal.pricing.models import RenewalAgreement, SpecialPrice, SpecialState, VersionState
from portal.pricing.rules import Method, Pick

METHODS: Final[Mapping[Method, LazyString]] = {
    Method.LIST: _l("Today’s price book"),
    Method.SAME: _l("What it costs now"),
    Method.UPLIFT: _l("What it costs now, and an adjustment"),
}
PICKS: Final[Mapping[Pick, LazyString]] = {
    Pick.LESSER: _l("The lower one counts"),
    Pick.GREATER: _l("The higher one counts"),
}
SPECIAL_STATES: Final[Mapping[SpecialState, tuple[str, LazyString]]] = {
    SpecialState.PROPOSED: ("info", _l("Waits for a yes")),
    SpecialState.GRANTED: ("ok", _l("Granted")),
    SpecialState.REFUSED: ("quiet", _l("Refused")),
    SpecialState.WITHDRAWN: ("quiet", _l("Taken back")),
}
VERSION_STATES: Final[Mapping[VersionState, tuple[str, LazyString]]] = {
    VersionState.DRAFT: ("info", _l("Draft")),
    VersionState.PUBLISHED: ("ok", _l("Published")),
    VersionState.DISCARDED: ("quiet", _l("Discarded")),
}


def special_chip(special: SpecialPrice, on: date) -> tuple[str, str]:
    """Where a special price stands on a day."""
    if special.state is SpecialState.GRANTED and special.valid_to <= on:
        return "quiet", _("Over")
    kind, label = SPECIAL_STATES[special.state]
    return kind, str(label)


def agreement(row: RenewalAgreement) -> str:
    """How a next price is found, in a sentence's place."""
    if row.method is not Method.UPLIFT:
        return str(METHODS[row.method])
    parts = [] if row.rate is None else [i18n.percent(row.rate)]
    if row.series:
        parts.append(_series(row))
    text = parts[0]
    if len(parts) > 1 and row.pick is Pick.LESSER:
        text = _("the lower of %(one)s and %(other)s", one=parts[0], other=parts[1])
    elif len(parts) > 1:
        text = _("the higher of %(one)s and %(other)s", one=parts[0], other=parts[1])
    if row.cap is not None:
        return _("What it costs now, plus %(rate)s, at most %(cap)s", rate=text, cap=i18n.percent(row.cap))
    return _("What it costs now, plus %(rate)s", rate=text)


def _series(row: RenewalAgreement) -> str:
    if not row.points:
        return row.series or ""
    return _("%(series)s and %(points)s", series=row.series, points=i18n.percent(row.points))
