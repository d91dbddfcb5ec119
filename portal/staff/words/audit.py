"""Tell what stands in the audit trail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from portal.audit.actions import SYSTEM
from portal.audit.models import AuditNote
from portal.kit import addresses
from portal.kit.export import Column, local
from portal.staff.words import notes

_MORE: Final[dict[str, LazyString]] = {
    "account.added": _l("Bank account added"),
    "account.changed": _l("Bank account changed"),
    "account.closed": _l("Bank account closed"),
    "approval.limit_set": _l("Limit for approval set"),
    "audit.exported": _l("Audit trail exported"),
    "company.created": _l("Company created"),
    "company.corrected": _l("Company corrected"),
    "company.invoice_details_changed": _l("Invoice details changed"),
    "contract.created": _l("Contract created"),
    "contract.corrected": _l("Contract corrected"),
    "contract.declined": _l("Renewal declined"),
    "contract.decline_undone": _l("Decline taken back"),
    "contract.term_corrected": _l("Term corrected"),
    "contract.term_recorded": _l("Term recorded"),
    "cover.ended": _l("Stand-in ended"),
    "cover.set": _l("Stand-in set"),
    "import.asked": _l("Import started"),
    "import.stopped": _l("Import stopped"),
    "import.uploaded": _l("File uploaded for import"),
    "limits.set": _l("Limits set"),
    "member.added": _l("Member added"),
    "member.invited": _l("Member invited"),
    "member.joined": _l("Member joined"),
    "member.removed": _l("Member removed"),
    "member.role_changed": _l("Member’s role changed"),
    "order.placed": _l("Order placed"),
    "payment.started": _l("Payment started"),
    "payment.unknown": _l("Payment of an unknown order"),
    "person.app_added": _l("Authenticator app added"),
    "person.app_removed": _l("Authenticator app removed"),
    "person.data_taken": _l("Took a copy of what is kept"),
    "person.erased": _l("Erased"),
    "person.factors_reset": _l("Second steps removed"),
    "person.other_sessions_ended": _l("Signed out everywhere else"),
    "person.passkey_added": _l("Passkey added"),
    "person.passkey_removed": _l("Passkey removed"),
    "person.password_set": _l("Password set"),
    "person.profile_changed": _l("Profile changed"),
    "person.recovery_code_used": _l("Recovery code used"),
    "person.recovery_codes_made": _l("Recovery codes made"),
    "person.session_ended": _l("Signed out of one browser"),
    "person.signed_in": _l("Signed in"),
    "person.signed_out": _l("Signed out"),
    "person.signed_out_by_staff": _l("Signed out everywhere by an administrator"),
    "person.sso_tied": _l("Tied to the sign-in service"),
    "person.view_begun": _l("Began to look at the portal as a customer"),
    "person.view_ended": _l("Stopped looking as a customer"),
    "price.added": _l("Price added"),
    "price.ended": _l("Price ended"),
    "price.withdrawn": _l("Price withdrawn"),
    "promotion.drafted": _l("Offer drafted"),
    "promotion.redrafted": _l("Draft of an offer changed"),
    "promotion.published": _l("Offer published"),
    "version.drafted": _l("Version of the price book drafted"),
    "version.redrafted": _l("Draft of a version changed"),
    "version.row_added": _l("Price put into a draft"),
    "version.row_removed": _l("Price taken out of a draft"),
    "version.published": _l("Version of the price book published"),
    "version.discarded": _l("Draft of a version dropped"),
    "renewal.agreed": _l("Way to the next price agreed"),
    "renewal.dropped": _l("Way to the next price: back to the price book"),
    "special.proposed": _l("Special price proposed"),
    "special.granted": _l("Special price granted"),
    "special.refused": _l("Special price refused"),
    "special.withdrawn": _l("Special price taken back"),
    "index.set": _l("Price index entered"),
    "tax.exempted": _l("Company exempted from tax"),
    "tax.exemption_ended": _l("Exemption from tax ended"),
    "tax.exemption_withdrawn": _l("Exemption from tax taken back"),
    "tag.added": _l("Tag added"),
    "contract.tagged": _l("Tags of a contract changed"),
    "promotion.ended": _l("Offer ended"),
    "promotion.withdrawn": _l("Offer withdrawn"),
    "quote.sealed": _l("Price held"),
    "quote.sent": _l("Quote sent"),
    "staff.created": _l("Staff account created"),
    "staff.activated": _l("Access given back"),
    "staff.deactivated": _l("Access taken away"),
    "staff.role_changed": _l("Staff role changed"),
    "survey.answered": _l("Survey answered"),
    "survey.mailed": _l("Survey mailed"),
    "survey.opted_in": _l("Questions by mail wanted again"),
    "survey.opted_out": _l("No more questions by mail"),
    "tax_rate.added": _l("Tax rate added"),
    "term_discount.added": _l("Term discount added"),
}
ACTIONS: Final[dict[str, LazyString]] = notes.ACTIONS | _MORE
_KINDS: Final[dict[str, LazyString]] = {
    "account": _l("Bank account"),
    "company": _l("Company"),
    "contract": _l("Contract"),
    "import": _l("Import"),
    "order": _l("Order"),
    "price": _l("Price"),
    "promotion": _l("Offer"),
    "quote": _l("Quote"),
    "index": _l("Price index"),
    "tag": _l("Tag"),
    "version": _l("Version of the price book"),
}


def choices() -> list[tuple[str, str]]:
    """All that can have been done, for the filter, by its words."""
    return sorted(((code, str(label)) for code, label in ACTIONS.items()), key=lambda pair: (pair[1], pair[0]))


def action(code: str) -> str:
    return str(ACTIONS.get(code, code))


def who(ref: str, names: Mapping[str, str]) -> str:
    """Somebody's name; what the portal did by itself was done by nobody."""
    return _("the portal itself") if ref == SYSTEM else names.get(ref, ref)


def about(subject: str, names: Mapping[str, str]) -> str:
    """What a note is about: somebody's name, or the kind and number of a thing."""
    kind, _sep, name = subject.partition(":")
    if kind == "person":
        return names.get(subject, subject)
    return _("%(kind)s %(name)s", kind=_KINDS[kind], name=name) if kind in _KINDS else subject


def facts(note: AuditNote) -> list[str]:
    """The note's facts, each on its line; what was and what became of it beside each other."""
    before, after = note.facts.get("before"), note.facts.get("after")
    found = []
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys((*before, *after)):
            found.append(_change(name.replace("_", " "), before.get(name), after.get(name)))
    elif before is not None or after is not None:
        found.append(_change(_("changed"), before, after))
    rest = {name: value for name, value in note.facts.items() if name not in ("before", "after")}
    return found + [
        _("%(what)s: %(value)s", what=name.replace("_", " "), value=_plain(value)) for name, value in rest.items()
    ]


def columns(zone: str) -> list[Column[Any]]:
    """The columns of the trail's export; codes as they are kept, so that a program can read them."""
    here, shown = local(zone), addresses.shower()
    return [
        Column(_("Number"), lambda row: row.id),
        Column(_("Time (%(zone)s)", zone=zone), lambda row: here(row.at)),
        Column(_("Who"), lambda row: row.actor),
        Column(_("What"), lambda row: row.action),
        Column(_("About"), lambda row: row.subject),
        Column(_("Facts"), lambda row: shown(json.dumps(row.facts, ensure_ascii=False, sort_keys=True))),
        Column(_("Address"), lambda row: row.ip),
        Column(_("Request"), lambda row: row.request_id),
    ]


def _change(what: str, before: object, after: object) -> str:
    return _("%(what)s: %(before)s → %(after)s", what=what, before=_plain(before), after=_plain(after))


def _plain(value: object) -> str:
    if value is None or value == "":
        return _("nothing")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return addresses.shown(text)
