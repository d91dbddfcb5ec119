"""Tell a contract's story from its audit notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from payments.money import Money
from portal.kit import i18n

_TITLES: Final[dict[str, LazyString]] = {
    "contract.created": _l("Contract created"),
    "contract.corrected": _l("Contract corrected"),
    "contract.term_corrected": _l("Term corrected"),
    "contract.term_recorded": _l("Term added by hand"),
    "contract.extended": _l("Renewed"),
    "contract.declined": _l("Declined"),
    "contract.decline_undone": _l("Decline taken back"),
    "contract.tagged": _l("Tags changed"),
    "renewal.agreed": _l("Way to the next price agreed"),
    "renewal.dropped": _l("Way to the next price: back to the price book"),
    "special.proposed": _l("Special price proposed"),
    "special.granted": _l("Special price granted"),
    "special.refused": _l("Special price refused"),
    "special.withdrawn": _l("Special price taken back"),
}
_FIELDS: Final[dict[str, LazyString]] = {
    "zone": _l("Time zone"),
    "language": _l("Language"),
    "segment": _l("Segment"),
    "owner_id": _l("Account manager"),
}


def story_title(action: str) -> str:
    """What happened; an action that this page does not know speaks for itself."""
    return str(_TITLES.get(action, action))


def story_text(action: str, facts: Mapping[str, Any], owners: Mapping[int, str]) -> str:
    """The details: what was, and what is. `owners` has names by person id."""
    if action == "contract.corrected":
        pairs = ((name, facts["before"][name], facts["after"][name]) for name in facts["after"])
        return " ".join(
            _("%(field)s: from %(before)s to %(after)s.", field=str(_FIELDS.get(name, name)),
              before=_told(name, before, owners), after=_told(name, after, owners))
            for name, before, after in pairs
        )  # fmt: skip
    if action == "contract.term_corrected":
        before, after = _term(facts["before"]), _term(facts["after"])
        return _("It was %(before)s. It is %(after)s.", before=before, after=after)
    if action in {"contract.term_recorded", "contract.extended"}:
        text = _term(facts["after"])
        return _("Order %(order)s: %(term)s", order=facts["order"], term=text) if facts.get("order") else text
    if action == "contract.created":
        return _term(facts["term"])
    return facts.get("reason") or ""


def _told(name: str, value: Any, owners: Mapping[int, str]) -> str:
    if value is None:
        return _("nothing")
    return owners.get(value, str(value)) if name == "owner_id" else str(value)


def _term(facts: Mapping[str, Any]) -> str:
    return _(
        "%(start)s to %(end)s, %(lines)s",
        start=i18n.day_short(date.fromisoformat(facts["starts_on"])),
        end=i18n.day_short(date.fromisoformat(facts["ends_on"])),
        lines=lines_text(facts["lines"], facts["currency"]),
    )


def lines_text(lines: Sequence[Sequence[Any]], currency: str) -> str:
    """Lines of a term by code: "insight, 20 seats at CN¥1,000.00; backup, 5 seats at CN¥800.00"."""
    return "; ".join(
        ngettext(
            "%(code)s, %(num)s seat at %(price)s",
            "%(code)s, %(num)s seats at %(price)s",
            seats,
            code=code,
            price=i18n.money(Money(unit_minor, currency)),
        )
        for code, seats, unit_minor in lines
    )
