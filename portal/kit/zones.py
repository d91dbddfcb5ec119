"""The time zones that a form offers: one name for each place, without the aliases that older lists carry."""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location

from portal.kit import i18n

_AREAS: Final = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)


def choices(kept: str | None = None) -> list[tuple[str, str]]:
    """(IANA name, label) by name; `kept` is offered too: what stands stays, however it is spelled."""
    found = _choices(i18n.speaking_now().code)
    if kept and kept not in {name for name, _label in found}:
        return [(kept, kept), *found]
    return found


@lru_cache(maxsize=4)
def _choices(code: str) -> list[tuple[str, str]]:
    return [(name, _label(name, code)) for name in sorted(_canonical())]


def _canonical() -> set[str]:
    """Names in use today: no second names ("Asia/Calcutta", "US/Pacific") and no bare offsets."""
    second = get_global("zone_aliases")
    return {name for name in available_timezones() if name.partition("/")[0] in _AREAS and name not in second}


def _label(name: str, code: str) -> str:
    """The name, and the place in the reader's language where that says more."""
    if code == i18n.ENGLISH.code:
        return name
    city = get_timezone_location(name, locale=Locale.parse(code), return_city=True)
    return f"{city} · {name}" if city else name
