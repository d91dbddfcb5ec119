"""The statement of account: what was bought, what was paid, and what is left, year by year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask import Response, abort, current_app, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.accounts.models import Company
from portal.checkout import queries as checkout
from portal.checkout.queries import Returned
from portal.documents import queries as documents
from portal.documents import rules
from portal.documents.rules import Account, Entry, EntryKind
from portal.home.queries import papers as queries
from portal.home.views import papers
from portal.home.views.blueprint import blueprint
from portal.home.words import statement as words
from portal.kit import clock, guard, listing
from portal.kit.db import reader
from portal.kit.guard import Act, needs
from portal.kit.settings import Settings
from portal.orders.rules import SETTLED

YEARS_BACK = 10


@dataclass(frozen=True)
class Statement:
    """What both the page and the paper tell. `until`: the last day that it covers."""

    company: Company
    year: int
    until: date
    accounts: list[Account]
    at: datetime


@blueprint.get("/documents/statement", endpoint="statement")
@needs(Act.SEE_PRICES)
def statement_page() -> str:
    """The statement to look at, for the company and the year in the address."""
    asked = listing.Asked(request.args)
    told = _statement(asked)
    return render_template(
        "home/statement.html",
        told=told,
        notes=asked.notes,
        years=_years(told.at),
        companies=accounts.companies_by_id(reader(), guard.me().companies_for(Act.SEE_PRICES)),
        words=words,
        zone_note=words.days_in(_settings().zone),
    )


@blueprint.get("/documents/statement.pdf", endpoint="statement_pdf")
@needs(Act.SEE_PRICES)
def statement_pdf() -> Response:
    """The statement to keep; a paper for another company or year than was asked for would mislead."""
    asked = listing.Asked(request.args)
    told = _statement(asked)
    if asked.notes:
        abort(404)
    settings = _settings()
    seller = {
        "name": settings.seller, "address": settings.seller_address, "tax_id": settings.seller_tax_id,
    }  # fmt: skip
    made = words.as_paper(
        told.company, seller, told.year, told.until, told.accounts, words.days_in(settings.zone), settings.practice
    )
    page = url_for("home.statement", company=told.company.id, year=told.year)
    return papers.sent(made, told.at, f"statement-{told.year}", page)


def _statement(asked: listing.Asked) -> Statement:
    db, at = reader(), clock.now()
    mine = guard.me().companies_for(Act.SEE_PRICES)
    asked.only(("company", "year"))
    chosen = asked.one_of("company", [str(each) for each in mine], _("Company"))
    year = int(asked.one_of("year", _years(at), _("Year")) or _years(at)[0])
    found = accounts.company(db, int(chosen) if chosen else mine[0])
    if found is None:
        abort(404)
    today = clock.day(at, _settings().zone)
    until = min(date(year, 12, 31), today)
    told = rules.statement(_entries(db, found.id), date(year, 1, 1), until)
    return Statement(found, year, until, told, at)


def _entries(db: Session, company_id: int) -> list[Entry]:
    """Everything that moved the company's account, by the seller's calendar."""
    zone = _settings().zone
    orders = {order.number: (order, receipt) for order, receipt in queries.orders_of(db, company_id)}
    entries = [
        Entry(clock.day(order.paid_at, zone), EntryKind.CHARGE, order.number, order.total)
        for order, _receipt in orders.values()
        if order.state in SETTLED and order.paid_at
    ]
    # What did not pay for a renewal is the customer's until somebody decides.
    for each in checkout.captured(db, list(orders)):
        order, receipt = orders[each.number]
        kind = EntryKind.PAYMENT if each.sold else EntryKind.HELD
        method = each.method or (order.paid_with if each.sold else None)
        entries.append(
            Entry(clock.day(each.at, zone), kind, each.number, each.money, receipt if each.sold else None, method)
        )
    returned = checkout.returned(db, list(orders))
    notes = documents.credit_note_numbers(db, [back.source for back in returned]) if returned else {}
    return entries + [each for back in returned for each in _back(back, notes.get(back.source), zone)]


def _back(back: Returned, note: str | None, zone: str) -> list[Entry]:
    """Money that went back; what had been bought with it is credited first, by a credit note for a refund."""
    on = clock.day(back.at, zone)
    credit = [Entry(on, EntryKind.CREDIT, back.number, back.money, note)] if back.sold else []
    return [*credit, Entry(on, EntryKind.REFUND, back.number, back.money)]


def _years(at: datetime) -> list[str]:
    this = clock.day(at, _settings().zone).year
    return [str(year) for year in range(this, this - YEARS_BACK, -1)]


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found
