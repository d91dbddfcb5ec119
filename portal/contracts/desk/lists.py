"""Find contracts: the list by last day, and the same as a file."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from flask import current_app, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from payments.money import EXPONENTS
from portal.contracts import queries, rules, words
from portal.contracts.desk.blueprint import blueprint
from portal.contracts.queries import Listed, Window, Wish
from portal.kit import clock, export, i18n, listing, search, web
from portal.kit.db import reader
from portal.kit.guard import Act, confirmed, needs
from portal.kit.settings import Settings

NOBODY: Final = "none"
FILTERS: Final = ("q", "window", "currency", "owner")
EARLIER, LATER = "before", "after"


@blueprint.get("/desk/contracts")
@needs(Act.READ_DESK)
def contracts() -> str:
    """Contracts by last day, beginning with those in grace. Today is the seller's, as for all staff."""
    at, db, asked = clock.now(), reader(), listing.Asked(request.args)
    people, currencies = queries.choices(db)
    owners = [(str(owner_id), name) for owner_id, name in people]
    wish, kept = _wish(asked, [owner_id for owner_id, _name in owners])
    found = queries.find(db, wish.text)
    search.note_cut(found, wish.text, asked.notes)
    cursor = asked.cursor(EARLIER, LATER, by_day=True)
    page = queries.page(db, wish, found, _today(), cursor)
    return render_template(
        "contracts/desk_list.html",
        rows=[_row(listed, clock.day(at, listed.contract.zone)) for listed in page.rows],
        notes=asked.notes, kept=kept, views=_views(kept), owners=owners, nobody=NOBODY, currencies=currencies,
        narrow=any(value for name, value in kept.items() if name != "window"),
        back=urlencode(listing.kept(kept, FILTERS) | listing.place_in(cursor, EARLIER, LATER)) or None,
        earlier_url=_address(kept | {EARLIER: page.newer}) if page.newer else None,
        later_url=_address(kept | {LATER: page.older}) if page.older else None,
        span=_span(page.rows),
    )  # fmt: skip


@blueprint.get(f"/desk/contracts.{export.KINDS}")
@needs(Act.READ_DESK)
@confirmed
def contracts_file(kind: str) -> Response:
    """The contracts that the filters choose, as a file."""
    db, asked = reader(), listing.Asked(request.args)
    wish, kept = _wish(asked, None)
    rows = queries.every_contract(db, wish, queries.find(db, wish.text), _today())
    return export.answer(kind, "contracts", _today(), words.columns(clock.now()), rows, _address(kept))


def _today() -> date:
    settings: Settings = current_app.extensions["settings"]
    return clock.day(clock.now(), settings.zone)


def _wish(asked: listing.Asked, owners: list[str] | None) -> tuple[Wish, dict[str, Any]]:
    """The filters in the address, read and as it spells them; `owners` are those there are, None for any."""
    asked.only([*FILTERS, EARLIER, LATER])
    owner = asked.text("owner")
    if owners is not None:
        owner = asked.one_of("owner", [NOBODY, *owners], _("Account manager"))
    wish = Wish(
        text=asked.search("q"),
        window=asked.word("window", Window, _("Ends")),
        currency=asked.one_of("currency", list(EXPONENTS), _("Currency")),
        owner_id=0 if owner == NOBODY else web.whole_number(owner),
    )
    return wish, {"q": wish.text, "window": wish.window, "currency": wish.currency, "owner": owner}


def way_back() -> dict[str, Any]:
    """The list of contracts as it was left."""
    known = (*FILTERS, EARLIER, LATER)
    return listing.way_back(request.args.get(listing.LIST, ""), url_for("contracts_desk.contracts"), known)


def _address(kept: dict[str, Any]) -> str:
    return url_for("contracts_desk.contracts", **listing.kept(kept, (*FILTERS, EARLIER, LATER)))


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
