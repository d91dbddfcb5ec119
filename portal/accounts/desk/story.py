"""Tell what happened to a company from its audit notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.accounts import queries, words
from portal.accounts.models import CompanyRole
from portal.audit import queries as audit
from portal.audit.actions import SYSTEM
from portal.audit.models import AuditNote
from portal.kit import guard, i18n

MOST: Final = 50
_TITLES: Final = {
    "company.created": _l("Company created"),
    "company.corrected": _l("Company corrected"),
    "company.invoice_details_changed": _l("Invoice details changed"),
    "approval.limit_set": _l("Limit for approval set"),
    "member.added": _l("Added to the team: %(name)s"),
    "member.invited": _l("Invited: %(name)s"),
    "member.joined": _l("Joined the team: %(name)s"),
    "member.role_changed": _l("Role changed: %(name)s"),
    "member.removed": _l("Removed from the team: %(name)s"),
}
_FIELDS: Final = {
    "name": _l("Name"),
    "country": _l("Country"),
    "language": _l("Language"),
    "zone": _l("Time zone"),
    "invoice_details": _l("Invoice details"),
    "title": _l("Invoice title"),
    "tax_id": _l("Tax number"),
    "address": _l("Invoice address"),
    "registered_address": _l("Registered address"),
    "phone": _l("Phone"),
    "bank": _l("Bank"),
    "account": _l("Bank account"),
}


def tell(db: Session, company_id: int) -> list[dict[str, Any]]:
    """What happened, newest first, for the kit's timeline; two statements at most."""
    notes = audit.about(db, [f"company:{company_id}"], limit=MOST)
    refs = {note.actor for note in notes} | {_person(note) for note in notes}
    names = queries.names_of(db, refs)
    return [
        {
            "title": _title(note, names),
            "text": _text(note.facts),
            "by": names[note.actor] if note.actor != SYSTEM else None,
            "when": i18n.instant(note.at, guard.me().zone),
            "iso": note.at.isoformat(),
        }
        for note in reversed(notes)
    ]


def _person(note: AuditNote) -> str:
    return f"person:{note.facts['person']}" if note.facts.get("person") else SYSTEM


def _title(note: AuditNote, names: Mapping[str, str]) -> str:
    known = _TITLES.get(note.action)
    return str(known) % {"name": names[_person(note)]} if known else _("Changed")


def _text(facts: Mapping[str, Any]) -> str:
    """What was, and what is; a role by its name."""
    before, after = facts.get("before"), facts.get("after")
    if "changed" in facts:
        return ", ".join(str(_FIELDS.get(name, name)) for name in facts["changed"])
    if "currency" in facts:  # amounts are for those who see prices, and not all who read this do
        return ""
    if isinstance(after, Mapping):
        was = before if isinstance(before, Mapping) else {}
        return " ".join(_field(name, was.get(name), after.get(name)) for name in sorted({*was, *after}))
    if after:
        return _("From %(before)s to %(after)s.", before=_role(before), after=_role(after))
    return _role(facts["role"]) if facts.get("role") else ""


def _field(name: str, before: object, after: object) -> str:
    if isinstance(after, Mapping) or isinstance(before, Mapping):
        return _text({"before": before or {}, "after": after or {}})
    if before == after:
        return ""
    return _(
        "%(field)s: from %(before)s to %(after)s.",
        field=str(_FIELDS.get(name, name)), before=before or _("nothing"), after=after or _("nothing"),
    )  # fmt: skip


def _role(value: object) -> str:
    known = str(value) in tuple(CompanyRole)
    return str(words.COMPANY_ROLES[CompanyRole(str(value))]) if known else str(value)
