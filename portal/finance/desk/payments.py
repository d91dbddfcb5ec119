"""Finance's pages: what was paid, what it cost, and whether the books agree."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final
from urllib.parse import urlencode

from flask import current_app, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from payments.money import EXPONENTS
from portal.finance import queries, words
from portal.finance.desk.blueprint import blueprint
from portal.finance.queries import Filters
from portal.kit import clock, export, listing, search
from portal.kit.db import reader
from portal.kit.guard import Act, confirmed, needs
from portal.kit.i18n import zone_name
from portal.kit.settings import Settings

PAGE_ROWS: Final = 50
FIELDS: Final = ("q", "currency", "from", "to", "unmatched")


@blueprint.get("/finance")
@needs(Act.SEE_PAYMENTS)
def index() -> Response:
    return redirect(url_for("finance.payments"))


@blueprint.get("/finance/payments")
@needs(Act.SEE_PAYMENTS)
def payments() -> str | Response:
    db, asked = reader(), listing.Asked(request.args)
    currencies, g.open_exceptions = queries.currencies_and_open(db)
    filters, cursor = _filters(asked, currencies), asked.cursor()
    found = queries.find(db, filters.q)
    search.note_cut(found, filters.q, asked.notes)
    page = listing.page(
        lambda at, limit: queries.payments(db, filters, found, at, limit),
        lambda payment: payment.place, cursor, PAGE_ROWS,
    )  # fmt: skip
    kept = _kept(filters)
    if page is None:
        return redirect(url_for("finance.payments", **kept))
    return render_template(
        "finance/payments.html",
        page=page, currencies=currencies, filters=filters, kept=kept, notes=asked.notes,
        back=urlencode(kept | listing.place_in(cursor)) or None,
        words=words.UNMATCHED, method=words.method, short=listing.short_in(filters.zone, clock.now()),
        zone=filters.zone, zone_name=zone_name(filters.zone, clock.now()),
    )  # fmt: skip


@blueprint.get("/finance/payments/totals")
@needs(Act.SEE_PAYMENTS)
def totals() -> str:
    """What the payments that the filters choose add up to, and whether the books agree. A page of its own, since
    it reads all of them, however many there are, and the list does not."""
    db, asked = reader(), listing.Asked(request.args)
    filters = _filters(asked, list(EXPONENTS))
    found = queries.find(db, filters.q)
    search.note_cut(found, filters.q, asked.notes)
    kept = _kept(filters)
    return render_template(
        "finance/totals.html",
        totals=queries.sums(db, filters, found), proofs=queries.clearing_proofs(db), filters=filters, kept=kept,
        notes=asked.notes, zone_name=zone_name(filters.zone, clock.now()),
    )  # fmt: skip


@blueprint.get(f"/finance/payments.{export.KINDS}")
@needs(Act.SEE_PAYMENTS)
@confirmed
def payments_file(kind: str) -> Response:
    """The payments that the filters choose, as a file."""
    db, asked = reader(), listing.Asked(request.args)
    filters = _filters(asked, list(EXPONENTS))
    rows = queries.every_payment(db, filters, queries.find(db, filters.q))
    on = clock.day(clock.now(), filters.zone)
    back = url_for("finance.payments", **_kept(filters))
    return export.answer(kind, "payments", on, words.columns(filters.zone), rows, back)


def _filters(asked: listing.Asked, currencies: list[str]) -> Filters:
    """The filters in the address; `currencies` are those there are."""
    settings: Settings = current_app.extensions["settings"]
    asked.only(FIELDS)
    first, last = asked.days()
    return Filters(
        zone=settings.zone,
        q=asked.search("q"),
        currency=asked.one_of("currency", currencies, _("Currency")),
        first=first,
        last=last,
        unmatched=asked.one_of("unmatched", ("1",), _("Only unmatched")) == "1",
    )


def _kept(filters: Filters) -> dict[str, Any]:
    """The filters as an address spells them, for links that stay within them."""
    given = asdict(filters) | {"from": filters.first, "to": filters.last, "unmatched": int(filters.unmatched)}
    return listing.kept(given, FIELDS)
