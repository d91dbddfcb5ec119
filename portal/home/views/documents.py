"""Receipts: the list, and one to read and print."""

from __future__ import annotations

from flask import abort, render_template

from portal.documents import queries as documents
from portal.home import queries
from portal.home.views.blueprint import blueprint
from portal.home.words import contracts as contract_words
from portal.home.words import orders as words
from portal.kit import guard
from portal.kit.db import reader
from portal.kit.guard import Act, needs
from portal.kit.i18n import named
from portal.orders import queries as orders
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
        names={
            receipt.id: contract_words.name([named(line["names"]) for line in receipt.order.quote.document["lines"]])
            for receipt in found
        },
    )


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
    quote = order.quote
    return render_template(
        "home/receipt.html",
        receipt=issued,
        order=order,
        quote=quote,
        lines=[(price_words.line_name(line), line) for line in quote.document["lines"]],
        steps=price_words.explain(quote.document, quote.currency),
        method=words.method(order.paid_with),
    )
