"""Find an order."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final
from urllib.parse import urlencode

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from payments.money import EXPONENTS
from portal.kit import clock, export, listing, search
from portal.kit.db import reader
from portal.kit.guard import Act, confirmed, me, needs
from portal.orders.models import OrderState
from portal.staff.queries import orders as queries
from portal.staff.rules import VIEW_STATES, Filters, View
from portal.staff.views.blueprint import FIELDS, blueprint, sees_prices, seller_zone, times
from portal.staff.words import orders as words

PAGE_ROWS: Final = 50


@blueprint.get("/desk")
@needs(Act.READ_DESK)
def index() -> Response:
    return redirect(url_for("staff.orders"))


@blueprint.get("/desk/orders")
@needs(Act.READ_DESK)
def orders() -> str | Response:
    db, asked = reader(), listing.Asked(request.args)
    currencies = queries.currencies(db)
    filters, cursor = _filters(asked, currencies), asked.cursor()
    found = _found(filters)
    search.note_cut(found, filters.q, asked.notes)
    page = listing.page(
        lambda at, limit: queries.orders(db, filters, found, at, limit),
        lambda order: (order.placed_at, order.id), cursor, PAGE_ROWS,
    )  # fmt: skip
    kept = _kept(filters)
    if page is None:
        return redirect(url_for("staff.orders", **kept))
    return render_template(
        "staff/orders.html",
        page=page, filters=filters, kept=kept, notes=asked.notes, currencies=currencies,
        back=urlencode(kept | listing.place_in(cursor)) or None,
        views=_views(filters.view, kept), states=_states(filters.view),
        words=words, sees_prices=sees_prices(), sees_payments=me().can(Act.SEE_PAYMENTS),
        short=listing.short_in(filters.zone, clock.now()), **times(),
    )  # fmt: skip


@blueprint.get(f"/desk/orders.{export.KINDS}")
@needs(Act.READ_DESK)
@confirmed
def orders_file(kind: str) -> Response:
    """The orders that the filters choose, as a file; amounts only for those who see prices."""
    db, asked = reader(), listing.Asked(request.args)
    filters = _filters(asked, list(EXPONENTS))
    rows = queries.every_order(db, filters, _found(filters))
    on = clock.day(clock.now(), filters.zone)
    back = url_for("staff.orders", **_kept(filters))
    return export.answer(
        kind, "orders", on, words.columns(filters.zone, sees_prices(), me().can(Act.SEE_PAYMENTS)), rows, back
    )


def _found(filters: Filters) -> search.Found | None:
    year = clock.day(clock.now(), filters.zone).year
    return queries.find(reader(), filters.q, year, me().can(Act.SEE_PAYMENTS))


def _filters(asked: listing.Asked, currencies: list[str]) -> Filters:
    """The filters in the address."""
    asked.only(FIELDS)
    first, last = asked.days()
    view = asked.word("view", View, _("View")) or View.ALL
    state = asked.one_of("state", [state for state, _label in _states(view)], _("State"))
    return Filters(
        zone=seller_zone(),
        view=view,
        q=asked.search("q"),
        state=OrderState(state) if state else None,
        currency=asked.one_of("currency", currencies, _("Currency")),
        first=first,
        last=last,
    )


def _kept(filters: Filters) -> dict[str, Any]:
    """The filters as an address spells them, for links that stay within them."""
    view = None if filters.view is View.ALL else filters.view
    given = asdict(filters) | {"from": filters.first, "to": filters.last, "view": view}
    return listing.kept(given, FIELDS)


def _views(current: View, kept: dict[str, Any]) -> list[dict[str, Any]]:
    """The saved views, each keeping the other filters but the state, which another view may not hold."""
    others = {name: value for name, value in kept.items() if name not in ("view", "state")}
    return [
        {
            "label": label,
            "url": url_for("staff.orders", **others, view=None if view is View.ALL else view),
            "current": view is current,
        }
        for view, label in words.VIEWS.items()
    ]


def _states(view: View) -> list[tuple[OrderState, str]]:
    """The states to choose from within a view."""
    return [(state, str(label)) for state, (_kind, label) in words.STATES.items() if state in VIEW_STATES[view]]
