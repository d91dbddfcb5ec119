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
from portal.kit.guard import Act, Door, needs
from portal.kit.settings import Settings
from portal.orders import queries as orders
from portal.orders.rules import CLOSED
from portal.pricing import queries as price_queries
from portal.pricing import words as price_words
from portal.pricing.models import Quote
from portal.pricing.rules import QuoteStanding, quote_standing


@blueprint.get("/orders/<number>/receipt.pdf", endpoint="receipt_pdf")
@needs(Door.SIGNED_IN)
def receipt_pdf(number: str) -> Response:
    """The receipt to keep."""
    db = reader()
    order = orders.by_number(db, number)
    if order is None:
        abort(404)
    _require(order.company_id)
    issued = documents.for_order(db, order.id)
    if issued is None:
        abort(404)
    paid = clock.day(order.paid_at or issued.issued_at, order.contract.zone)
    told = words.receipt(issued, paid, day_of(issued), term_text(order), _settings().practice)
    return _sent(told, issued.issued_at, issued.number)


@blueprint.get("/quotes/<quote_id>/quote.pdf", endpoint="quote_pdf")
@needs(Door.SIGNED_IN)
def quote_pdf(quote_id: str) -> Response:
    """The quote to show around; it says on its face whether it still holds."""
    quote = price_queries.quote(reader(), quote_id)
    if quote is None:
        abort(404)
    _require(quote.company_id)
    settings = _settings()
    seller = {
        "name": settings.seller, "address": settings.seller_address, "tax_id": settings.seller_tax_id,
    }  # fmt: skip
    term = price_words.term_text(quote.starts_on, quote.ends_on, quote.months, quote.starts_on_payment)
    return _sent(words.offer(quote, seller, term, _standing(quote), settings.practice), quote.created_at, quote.id)


def _standing(quote: Quote) -> str:
    """What the quote is worth: what was ordered by it stands, whatever has changed since."""
    order = orders.of_quote(reader(), quote.id)
    if order is not None and order.state not in CLOSED:
        return words.accepted(order.number, clock.day(order.placed_at, quote.contract.zone))
    standing = quote_standing(quote, quote.contract.rev, clock.now())
    holds = standing is QuoteStanding.VALID
    return price_words.held_text(quote) if holds else price_words.standing_text(quote, standing)


def _require(company_id: int) -> None:
    """The company's people who may see prices, and staff who may read them: a paper has one address for all."""
    if not guard.me().can(Act.READ_PRICES):
        guard.require(Act.SEE_PRICES, company_id)


def _sent(told: Paper, at: datetime, name: str) -> Response:
    """The PDF as a download. Its name is a number of ours, which every system can write."""
    answer = Response(paper.to_pdf(told, at), mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.pdf")
    return answer


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found
