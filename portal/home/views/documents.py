"""Receipts: the list, and one to read and print."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort, render_template

from payments.money import Money
from portal.contracts import words as contract_words
from portal.documents import queries as documents
from portal.documents.models import Receipt
from portal.finance import words as finance_words
from portal.home import queries
from portal.home.views.blueprint import blueprint
from portal.home.words import orders as words
from portal.kit import clock, guard
from portal.kit.db import Json, reader
from portal.kit.guard import Act, needs
from portal.kit.i18n import named
from portal.orders import queries as orders
from portal.orders.models import Order
from portal.pricing import words as price_words


@blueprint.get("/documents", endpoint="documents")
@needs(Act.SEE_PRICES)
def documents_list() -> str:
    """All receipts of the companies whose prices this person may see."""
    companies = guard.me().companies_for(Act.SEE_PRICES)
    found = queries.receipts(reader(), companies)
    return render_template(
        "home/documents.html",
        receipts=found,
        several=len(companies) > 1,
        days={receipt.id: day_of(receipt) for receipt in found},
        names={
            receipt.id: contract_words.called(
                [named(line["names"]) for line in receipt.order.quote.document["lines"]]
            )
            for receipt in found
        },
    )


def day_of(receipt: Receipt) -> date:
    """The receipt's day, where its contract is."""
    return clock.day(receipt.issued_at, receipt.order.contract.zone)


@blueprint.get("/orders/<number>/receipt")
@needs(Act.SEE_PRICES)
def receipt(number: str) -> str:
    """The receipt as a page that prints well."""
    db = reader()
    order = orders.by_number(db, number)
    if order is None:
        abort(404)
    guard.require(Act.SEE_PRICES, order.company_id)
    issued = documents.for_order(db, order.id)
    if issued is None:
        abort(404)
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
        total_label=price_words.total_label(quote),
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
