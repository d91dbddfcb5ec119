"""Tell the story of a version from its audit notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from payments.money import Money
from portal.kit import i18n

_TITLES: Final[Mapping[str, LazyString]] = {
    "version.drafted": _l("Drafted"),
    "version.redrafted": _l("Name, days or reason changed"),
    "version.row_added": _l("Price put in"),
    "version.row_removed": _l("Price taken out"),
    "version.published": _l("Published"),
    "version.discarded": _l("Dropped"),
}


def version_title(action: str) -> str:
    """What happened to a version."""
    return str(_TITLES[action])


def version_text(facts: Mapping[str, Any]) -> str:
    """The price that a note is about, if it is about one."""
    if "unit_minor" not in facts:
        return ""
    return f"{facts['product_code']}: {i18n.money(Money(facts['unit_minor'], facts['currency']))}"
