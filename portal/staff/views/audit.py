"""Who did what to which, when: for those who audit."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.accounts import queries as accounts
from portal.audit import actions as trail
from portal.audit.models import AuditNote
from portal.kit import clock, export, listing
from portal.kit.db import reader, transaction
from portal.kit.guard import Act, confirmed, me, needs
from portal.staff.queries import audit as queries
from portal.staff.queries.audit import Filters
from portal.staff.views.blueprint import blueprint, seller_zone, times
from portal.staff.words import audit as words

PAGE_ROWS: Final = 50
FIELDS: Final = ("who", "action", "about", "from", "to")


@blueprint.get("/desk/audit")
@needs(Act.READ_AUDIT)
def audit() -> str | Response:
    db, asked = reader(), listing.Asked(request.args)
    filters, cursor = _filters(asked), asked.cursor()
    actor = queries.actor_of(db, filters.who)
    if actor is None:
        asked.notes.append(_("Nobody has the address “%(given)s”.", given=filters.who))
    page = listing.page(
        lambda at, limit: queries.notes(db, filters, actor, at, limit),
        lambda note: (note.at, note.id), cursor, PAGE_ROWS,
    )  # fmt: skip
    kept = _kept(filters)
    if page is None:
        return redirect(url_for("staff.audit", **kept))
    return render_template(
        "staff/audit.html",
        page=page, filters=filters, kept=kept, notes=asked.notes, words=words, url_of=url_of,
        names=accounts.names_of(db, _refs(page.rows)), actions=words.choices(),
        short=listing.short_in(filters.zone, clock.now()), **times(),
    )  # fmt: skip


@blueprint.get(f"/desk/audit.{export.KINDS}")
@needs(Act.READ_AUDIT)
@confirmed
def audit_file(kind: str) -> Response:
    """The notes that the filters choose, as a file. Taking the trail out leaves a trace in it."""
    db, asked, at = reader(), listing.Asked(request.args), clock.now()
    filters = _filters(asked)
    kept, actor = _kept(filters), queries.actor_of(db, filters.who)
    chosen = kept | {"who": actor} if filters.who else kept  # whoever it is by number: the trail holds no address
    with transaction() as writer:
        trail.note(writer, me().ref, "audit.exported", "audit:trail", at, kind=kind, filters=chosen)
    rows = queries.every_note(db, filters, actor)
    on = clock.day(at, filters.zone)
    return export.answer(kind, "audit", on, words.columns(filters.zone), rows, url_for("staff.audit", **kept))


def url_of(subject: str) -> str | None:
    """The page about what a note is about, where there is one that auditors may open."""
    kind, _sep, name = subject.partition(":")
    pages = {
        "order": ("staff.order", "number"),
        "contract": ("contracts_desk.contract", "number"),
        "quote": ("pricing_desk.quote", "quote_id"),
        "company": ("accounts_desk.company", "company_id"),
    }
    if kind not in pages:
        return None
    endpoint, part = pages[kind]
    parts: dict[str, Any] = {part: name}
    return url_for(endpoint, **parts)


def _refs(rows: Any) -> list[str]:
    """Everybody whom the page names."""
    found: list[AuditNote] = list(rows)
    return [ref for note in found for ref in (note.actor, note.subject)]


def _filters(asked: listing.Asked) -> Filters:
    """The filters in the address."""
    asked.only(FIELDS)
    first, last = asked.days()
    return Filters(
        zone=seller_zone(),
        who=asked.text("who").lower(),
        action=asked.one_of("action", list(words.ACTIONS), _("What")),
        about=asked.search("about"),
        first=first,
        last=last,
    )


def _kept(filters: Filters) -> dict[str, Any]:
    return listing.kept(asdict(filters) | {"from": filters.first, "to": filters.last}, FIELDS)
