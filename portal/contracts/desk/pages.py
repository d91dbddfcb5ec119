"""Find a contract, and see all of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort, current_app, render_template, request, url_for
from flask_babel import gettext as _

from payments.money import EXPONENTS, Money
from portal.accounts import queries as accounts
from portal.audit import queries as audit
from portal.audit.actions import SYSTEM
from portal.audit.models import AuditNote
from portal.contracts import actions, queries, rules, words
from portal.contracts.desk.blueprint import blueprint
from portal.contracts.models import Contract, Term
from portal.contracts.queries import Listed, Spot, Window, Wish
from portal.kit import clock, guard, i18n, listing, web
from portal.kit.db import reader
from portal.kit.guard import Act, needs
from portal.kit.settings import Settings

NOBODY = "none"
FILTERS = ("q", "window", "currency", "owner")
PLACES = ("before", "after")


@blueprint.get("/desk/contracts")
@needs(Act.READ_DESK)
def contracts() -> str:
    """Contracts by last day, beginning with those in grace. Today is the seller's, as for all staff."""
    settings: Settings = current_app.extensions["settings"]
    at = clock.now()
    db = reader()
    owners = [(str(owner_id), name) for owner_id, name in accounts.owner_choices(db)]
    asked = listing.Asked(request.args)
    asked.only([*FILTERS, *PLACES])
    owner = asked.one_of("owner", [NOBODY, *(owner_id for owner_id, _name in owners)], _("Account manager"))
    wish = Wish(
        text=asked.search("q"),
        window=asked.word("window", Window, _("Ends")),
        currency=asked.one_of("currency", list(EXPONENTS), _("Currency")),
        owner_id=0 if owner == NOBODY else web.whole_number(owner),
    )
    page = queries.page(db, wish, clock.day(at, settings.zone), _spot(asked))
    kept = {"q": wish.text, "window": wish.window, "currency": wish.currency, "owner": owner}
    return render_template(
        "contracts/desk_list.html",
        rows=[_row(listed, clock.day(at, listed.contract.zone)) for listed in page.rows],
        notes=asked.notes,
        kept=kept,
        views=_views(kept),
        owners=owners,
        nobody=NOBODY,
        earlier_url=_address(kept, before=page.earlier) if page.earlier else None,
        later_url=_address(kept, after=page.later) if page.later else None,
        span=_span(page.rows),
    )


@blueprint.get("/desk/contracts/<number>")
@needs(Act.READ_DESK)
def contract(number: str) -> str:
    """One contract: where it stands, its terms, who answers for it, and what happened to it."""
    found = contract_or_404(number)
    on = clock.day(clock.now(), found.zone)
    declined = found.declined_at is not None
    standing = rules.standing(found.terms, on, declined)
    me = guard.me()
    return render_template(
        "contracts/desk_contract.html",
        contract=found,
        on=on,
        standing=standing,
        chip=words.standing_chip(standing, rules.can_renew(found.terms, on, declined)),
        rail=words.drawn_rail(found.terms, on),
        segment=words.SEGMENTS[found.segment],
        language=i18n.find(found.language or found.company.language) or i18n.ENGLISH,
        running=rules.running(found.terms, on),
        terms=[_term(found, term) for term in reversed(found.terms)],
        may_quote=me.can(Act.ACT_ON_DESK),
        may_correct=me.can(Act.CORRECT_RECORDS),
        story=_story(found),
    )


def contract_or_404(number: str) -> Contract:
    return queries.by_number(reader(), number) or abort(404)


def _spot(asked: listing.Asked) -> Spot | None:
    for name in PLACES:
        if given := asked.text(name):
            found = Spot.parse(given, back=name == "before")
            if found is None:
                asked.notes.append(_("That page of the list is gone; this is the first one."))
            return found
    return None


def _address(kept: dict[str, Any], **more: Any) -> str:
    given: dict[str, Any] = {name: str(value) for name, value in (kept | more).items() if value}
    return url_for("contracts_desk.contracts", **given)


def _views(kept: dict[str, Any]) -> list[dict[str, Any]]:
    """The saved views, each keeping the other filters."""
    named = [
        (None, _("All contracts")),
        (Window.DAYS_30, _("Ends within 30 days")),
        (Window.DAYS_60, _("Within 60")),
        (Window.DAYS_90, _("Within 90")),
        (Window.GRACE, _("In grace")),
        (Window.LAPSED, _("Lapsed")),
    ]
    return [
        {"label": label, "url": _address(kept | {"window": window}), "current": window is kept["window"]}
        for window, label in named
    ]


def _row(listed: Listed, on: date) -> dict[str, Any]:
    found = listed.contract
    terms, declined = listed.terms(), found.declined_at is not None
    standing = rules.standing(terms, on, declined)
    return {
        "contract": found,
        "standing": standing,
        "chip": words.standing_chip(standing, rules.can_renew(terms, on, declined)),
    }


def _span(rows: Any) -> str:
    if not rows:
        return ""
    first, last = rows[0].contract.ends_on, rows[-1].contract.ends_on
    return _("By last day: %(first)s to %(last)s", first=i18n.day_short(first), last=i18n.day_short(last))


def _term(found: Contract, term: Term) -> dict[str, Any]:
    lines = [
        {
            "name": i18n.named(line.product.names),
            "seats": line.seats,
            "unit": Money(line.unit_minor, found.currency),
        }
        for line in term.lines
    ]
    return {"term": term, "lines": lines}


def _story(found: Contract) -> list[dict[str, Any]]:
    """What happened, newest first, for the kit's timeline."""
    notes = audit.about(reader(), [actions.subject_of(found)], limit=50)
    owners = {owner_id for note in notes for owner_id in _owners_in(note)}
    refs = {note.actor for note in notes} | {f"person:{owner_id}" for owner_id in owners}
    names = accounts.names_of(reader(), refs)
    owner_names = {owner_id: names[f"person:{owner_id}"] for owner_id in owners}
    return [
        {
            "title": words.story_title(note.action),
            "text": words.story_text(note.action, note.facts, owner_names),
            "by": names[note.actor] if note.actor != SYSTEM else None,
            "when": i18n.instant(note.at, guard.me().zone),
            "iso": note.at.isoformat(),
        }
        for note in reversed(notes)
    ]


def _owners_in(note: AuditNote) -> list[int]:
    sides = (note.facts.get("before"), note.facts.get("after"))
    return [side["owner_id"] for side in sides if isinstance(side, dict) and side.get("owner_id")]
