"""Find companies: the list, and the same as a file."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from flask import current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.accounts import queries
from portal.accounts.desk.blueprint import blueprint
from portal.accounts.forms import countries as countries_of
from portal.kit import clock, export, guard, i18n, listing, search
from portal.kit.db import reader
from portal.kit.guard import Act, confirmed, needs
from portal.kit.settings import Settings

FIELDS: Final = ("q",)


@blueprint.get("/desk/companies")
@needs(Act.READ_DESK)
def companies() -> Response | str:
    """Companies, newest first, or those that `?q=` finds."""
    asked = listing.Asked(request.args)
    asked.only(FIELDS)
    q, cursor = asked.search("q"), asked.cursor()
    found = queries.find_companies(reader(), q)
    search.note_cut(found, q, asked.notes)
    page = queries.companies(reader(), found, cursor)
    kept = listing.kept({"q": q}, FIELDS)
    if page is None:
        return redirect(url_for("accounts_desk.companies", **kept))
    return render_template(
        "accounts/desk/companies.html",
        page=page, q=q, kept=kept, notes=asked.notes, countries=dict(countries()),
        back=urlencode(kept | listing.place_in(cursor)) or None,
        short=listing.short_in(guard.me().zone, clock.now()),
    )  # fmt: skip


@blueprint.get(f"/desk/companies.{export.KINDS}")
@needs(Act.READ_DESK)
@confirmed
def companies_file(kind: str) -> Response:
    """The companies that the search finds, as a file."""
    settings: Settings = current_app.extensions["settings"]
    asked = listing.Asked(request.args)
    q = asked.search("q")
    rows = queries.every_company(reader(), queries.find_companies(reader(), q))
    on, back = clock.day(clock.now(), settings.zone), url_for("accounts_desk.companies", q=q or None)
    return export.answer(kind, "companies", on, _columns(settings.zone), rows, back)


def way_back() -> dict[str, Any]:
    """The list of companies as it was left."""
    known = (*FIELDS, listing.NEWER, listing.OLDER)
    return listing.way_back(request.args.get(listing.LIST, ""), url_for("accounts_desk.companies"), known)


def countries() -> list[tuple[str, str]]:
    return countries_of(i18n.speaking_now().code)


def _columns(zone: str) -> list[export.Column[Any]]:
    here, named = export.local(zone), dict(countries())
    return [
        export.Column(_("Name"), lambda row: row.name),
        export.Column(_("Country"), lambda row: named.get(row.country, row.country)),
        export.Column(_("Language"), lambda row: (i18n.find(row.language) or i18n.ENGLISH).own_name),
        export.Column(_("Time zone"), lambda row: row.zone),
        export.Column(_("Customer since (%(zone)s)", zone=zone), lambda row: here(row.created_at)),
    ]
