"""Receipt and quote as PDF, from the same rows and words as their pages."""

from __future__ import annotations

from datetime import datetime

from flask import Response, abort, current_app

from portal.documents import paper
from portal.documents import queries as documents
from portal.documents.paper import Paper
from portal.home.views.blueprint import blueprint
from portal.home.views.documents import day_of, term_text
from portal.home.words import papers as words
from portal.kit import clock, guard
from portal.kit.db import reader
from portal.kit.guard import Act, needs
from portal.kit.settings import Settings
from portal.orders import queries as orders
from portal.pricing import queries as price_queries
from portal.pricing import words as price_words
from portal.pricing.rules import QuoteStanding, quote_standing


@blueprint.get("/orders/<number>/receipt.pdf", endpoint="receipt_pdf")
@needs(Act.SEE_PRICES)
def receipt_pdf(number: str) -> Response:
    """The receipt to keep."""
    db = reader()
    order = orders.by_number(db, number)
    if order is None:
        abort(404)
    guard.require(Act.SEE_PRICES, order.company_id)
    issued = documents.for_order(db, order.id)
    if issued is None:
        abort(404)
    paid = clock.day(order.paid_at or issued.issued_at, order.contract.zone)
    told = words.receipt(issued, paid, day_of(issued), term_text(order), _settings().practice)
    return _sent(told, issued.issued_at, issued.number)


@blueprint.get("/quotes/<quote_id>/quote.pdf", endpoint="quote_pdf")
@needs(Act.SEE_PRICES)
def quote_pdf(quote_id: str) -> Response:
    """The quote to show around; it says on its face whether it still holds."""
    quote = price_queries.quote(reader(), quote_id)
    if quote is None:
        abort(404)
    guard.require(Act.SEE_PRICES, quote.company_id)
    standing = quote_standing(quote, quote.contract.rev, clock.now())
    holds = standing is QuoteStanding.VALID
    text = price_words.held_text(quote) if holds else price_words.standing_text(quote, standing)
    settings = _settings()
    seller = {
        "name": settings.seller, "address": settings.seller_address, "tax_id": settings.seller_tax_id,
    }  # fmt: skip
    term = price_words.term_text(quote.starts_on, quote.ends_on, quote.months, quote.starts_on_payment)
    return _sent(words.offer(quote, seller, term, text, settings.practice), quote.created_at, quote.id)


def _sent(told: Paper, at: datetime, name: str) -> Response:
    """The PDF as a download. Its name is a number of ours, which every system can write."""
    answer = Response(paper.to_pdf(told, at), mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.pdf")
    return answer


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found
