"""Documents: the list of receipts, credit notes and quotes, and a receipt to read and print."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from payments.money import Money
from portal.accounts import queries as accounts
from portal.contracts import words as contract_words
from portal.documents import queries as documents
from portal.documents.models import Receipt
from portal.finance import words as finance_words
from portal.home.queries import papers
from portal.home.views.blueprint import blueprint
from portal.home.words import orders as words
from portal.kit import clock, guard, listing
from portal.kit.db import Json, reader
from portal.kit.guard import Act, needs
from portal.kit.i18n import named
from portal.orders import queries as orders
from portal.orders.models import Order
from portal.orders.rules import CLOSED
from portal.pricing import words as price_words
from portal.pricing.rules import quote_standing

FILTERS = ("kind", "year", "company")
PAGE_ROWS = 25
YEARS_BACK = 10


class Kind(StrEnum):
    """What a list of documents shows."""

    RECEIPT = "receipt"
    CREDIT_NOTE = "credit_note"
    QUOTE = "quote"


FETCH = {
    None: papers.all_kinds,
    Kind.RECEIPT: papers.receipts,
    Kind.CREDIT_NOTE: papers.credit_notes,
    Kind.QUOTE: papers.quotes,
}


@blueprint.get("/documents", endpoint="documents")
@needs(Act.SEE_PRICES)
def documents_list() -> str | Response:
    """Receipts, credit notes and quotes of the companies whose prices this person may see, newest first."""
    db, me, asked, at = reader(), guard.me(), listing.Asked(request.args), clock.now()
    asked.only(FILTERS)
    mine = me.companies_for(Act.SEE_PRICES)
    years = [str(year) for year in range(clock.day(at, me.zone).year, 0, -1)][:YEARS_BACK]
    kind = asked.word("kind", Kind, _("Kind"))
    year = asked.one_of("year", years, _("Year"))
    company = asked.one_of("company", [str(each) for each in mine], _("Company"))
    wish = papers.Wish(
        companies=[int(company)] if company else mine,
        zone=me.zone,
        first=date(int(year), 1, 1) if year else None,
        last=date(int(year), 12, 31) if year else None,
    )
    begun = asked.cursor()
    page = listing.page(
        lambda cursor, limit: FETCH[kind](db, wish, cursor, limit),
        lambda found: (found.at, found.place), begun, PAGE_ROWS,
    )  # fmt: skip
    chosen = {"kind": kind, "year": year, "company": company}
    kept: dict[str, Any] = {name: str(value) for name, value in chosen.items() if value}
    if page is None:
        return redirect(url_for("home.documents", **kept))
    return render_template(
        "home/documents.html",
        page=page,
        rows=[_row(found, at) for found in page.rows],
        kept=kept,
        narrowed=bool(kept or begun),
        kind=kind,
        notes=asked.notes,
        years=years,
        kinds=[
            (Kind.RECEIPT, _("Receipts")),
            (Kind.CREDIT_NOTE, _("Credit notes")),
            (Kind.QUOTE, _("Quotes")),
        ],
        companies=accounts.companies_by_id(db, mine) if len(mine) > 1 else [],
    )


def _row(found: papers.Found, at: datetime) -> dict[str, Any]:
    """A document as the list shows it."""
    quote, order, issued, note = found.quote, found.order, found.receipt, found.note
    accepted = order if order is not None and order.state not in CLOSED else None
    if note is not None:
        chip = ("quiet", _("Void")) if note.voided_at else ("ok", _("Credited"))
    elif issued is not None:
        chip = ("ok", _("Paid"))
    elif accepted is not None:
        chip = ("quiet", _("Accepted"))
    else:
        standing = quote_standing(quote, quote.contract.rev, at)
        chip = (price_words.STANDING_CHIPS[standing], price_words.standing_label(standing))
    return {
        "receipt": issued,
        "note": note,
        "quote": quote,
        "order": order if issued is not None or note is not None else accepted,
        "contract": quote.contract,
        "company": quote.company,
        "day": clock.day(found.at, quote.contract.zone),
        "name": contract_words.called([named(line["names"]) for line in quote.document["lines"]]),
        "chip": chip,
        "total": note.amount if note is not None else quote.total,
    }


def day_of(receipt: Receipt) -> date:
    """The receipt's day, where its contract is."""
    return clock.day(receipt.issued_at, receipt.order.contract.zone)


def own_receipt(number: str) -> tuple[Order, Receipt]:
    """The order and its receipt, if whoever asks may see them; else the request ends here."""
    db = reader()
    order = orders.by_number(db, number)
    if order is None:
        abort(404)
    guard.require(Act.SEE_PRICES, order.company_id)
    return order, documents.for_order(db, order.id) or abort(404)


@blueprint.get("/orders/<number>/receipt")
@needs(Act.SEE_PRICES)
def receipt(number: str) -> str:
    """The receipt as a page that prints well."""
    order, issued = own_receipt(number)
    quote, document = order.quote, order.quote.document
    paid_on = clock.day(order.paid_at or issued.issued_at, order.contract.zone)
    return render_template(
        "home/receipt.html",
        receipt=issued,
        order=order,
        quote=quote,
        lines=[_line(line, quote.currency, quote.months, document["tax"]) for line in document["lines"]],
        amount_title=words.amount_title(document["tax"]),
        steps=price_words.explain(document["steps"], quote.currency, document["lines"]),
        total_label=_("Total paid"),
        tax_note=price_words.tax_note(quote),
        tax_name=words.tax_title(document["tax"]),
        paid_line=words.paid_on(paid_on, day_of(issued)),
        term_text=term_text(order),
        method=finance_words.method(order.paid_with),
    )


def _line(line: Json, currency: str, months: int, tax: Json) -> dict[str, Any]:
    """A line as the receipt shows it; its amount has tax in it where prices have."""
    shown = line["total_minor"] if tax["inclusive"] else line["net_minor"]
    return {
        "name": price_words.line_name(line),
        "made_of": words.made_of(Money(line["paid_unit_minor"], currency), line["seats"], months, shown),
        "seats": line["seats"],
        "tax_bp": line["tax_bp"],
        "total": Money(shown, currency),
    }


def term_text(order: Order) -> str:
    """The days of the term that this order added; the quote's where the term cannot be told."""
    term = next((term for term in order.contract.terms if term.order_number == order.number), None)
    starts_on, ends_on = (term.starts_on, term.ends_on) if term else (order.quote.starts_on, order.quote.ends_on)
    return price_words.term_text(starts_on, ends_on, order.quote.months, False)
