"""A contract, and all of it."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template

from payments.money import Money
from portal.accounts import queries as accounts
from portal.audit import queries as audit
from portal.audit.actions import SYSTEM
from portal.audit.models import AuditNote
from portal.contracts import actions, book, queries, rules, words
from portal.contracts.desk.blueprint import blueprint
from portal.contracts.desk.lists import way_back
from portal.contracts.desk.tags import choices
from portal.contracts.models import Contract, Term
from portal.kit import clock, guard, i18n
from portal.kit.db import reader
from portal.kit.guard import Act, needs


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
        may_quote=me.can(Act.ACT_ON_DESK) and book.is_mine(found),
        may_correct=me.can(Act.CORRECT_RECORDS),
        tags=choices(found),
        may_tag=me.can(Act.ACT_ON_DESK) and book.is_mine(found),
        story=_story(found),
        **way_back(),
    )


def contract_or_404(number: str) -> Contract:
    return queries.by_number(reader(), number) or abort(404)


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
