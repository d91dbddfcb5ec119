"""Receipt, credit note and quote as PDF, from the same rows and words as their pages."""

from __future__ import annotations

from datetime import datetime

import structlog
from flask import Response, abort, current_app, render_template, url_for

from portal.documents import paper
from portal.documents import queries as documents
from portal.documents.errors import PaperNotSet
from portal.documents.models import CreditNote, Receipt
from portal.documents.paper import Paper
from portal.home.views.blueprint import blueprint
from portal.home.views.documents import day_of, own_receipt, term_text
from portal.home.words import papers as words
from portal.kit import clock, guard
from portal.kit.asked import request_id
from portal.kit.db import reader
from portal.kit.guard import Act, needs
from portal.kit.settings import Settings
from portal.orders import queries as orders
from portal.orders.models import OPEN, Order
from portal.orders.rules import SETTLED
from portal.pricing import queries as price_queries
from portal.pricing import words as price_words
from portal.pricing.models import Quote
from portal.pricing.rules import QuoteStanding, quote_standing

log = structlog.get_logger(__name__)


@blueprint.get("/orders/<number>/receipt.pdf", endpoint="receipt_pdf")
@needs(Act.SEE_PRICES)
def receipt_pdf(number: str) -> Response:
    """The receipt to keep."""
    order, issued = own_receipt(number)
    return of_receipt(order, issued, url_for("home.receipt", number=number))


@blueprint.get("/orders/<number>/credit-notes/<note>.pdf", endpoint="credit_note_pdf")
@needs(Act.SEE_PRICES)
def credit_note_pdf(number: str, note: str) -> Response:
    """The credit note to keep."""
    found = documents.credit_note(reader(), note)
    if found is None or found.order.number != number:
        abort(404)
    guard.require(Act.SEE_PRICES, found.order.company_id)
    return of_credit_note(found, url_for("home.order", number=number))


@blueprint.get("/quotes/<quote_id>/quote.pdf", endpoint="quote_pdf")
@needs(Act.SEE_PRICES)
def quote_pdf(quote_id: str) -> Response:
    """The quote to show around; it says on its face whether it still holds."""
    quote = price_queries.quote(reader(), quote_id)
    if quote is None:
        abort(404)
    guard.require(Act.SEE_PRICES, quote.company_id)
    return of_quote(quote, url_for("home.quote", quote_id=quote.id))


def of_receipt(order: Order, issued: Receipt, page: str) -> Response:
    """The receipt's PDF; `page`: where the same can be read."""
    paid = clock.day(order.paid_at or issued.issued_at, order.contract.zone)
    told = words.receipt(issued, paid, day_of(issued), term_text(order), _settings().practice)
    return sent(told, issued.issued_at, issued.number, page)


def of_credit_note(note: CreditNote, page: str) -> Response:
    """The credit note's PDF; `page`: where of it can be read."""
    order = note.order
    issued = documents.for_order(reader(), order.id)
    if issued is None:
        abort(404)
    on = clock.day(note.issued_at, order.contract.zone)
    told = words.credit_note(note, issued, on, term_text(order), _settings().practice)
    return sent(told, note.voided_at or note.issued_at, note.number, page)


def of_quote(quote: Quote, page: str) -> Response:
    """The quote's PDF; `page`: where the same can be read."""
    settings = _settings()
    seller = {
        "name": settings.seller, "address": settings.seller_address, "tax_id": settings.seller_tax_id,
    }  # fmt: skip
    term = price_words.term_text(quote.starts_on, quote.ends_on, quote.months, quote.starts_on_payment)
    told = words.offer(quote, seller, term, _standing(quote), settings.practice)
    return sent(told, quote.created_at, quote.id, page)


def _standing(quote: Quote) -> str:
    """Until when the quote holds, by which order it was accepted, or why it no longer holds. An order that was
    closed unpaid used it up without a renewal, as its page says too."""
    order = orders.of_quote(reader(), quote.id)
    if order is not None and (order.state in OPEN or order.state in SETTLED):
        return words.accepted(order.number)
    standing = quote_standing(quote, quote.contract.rev, clock.now()) if order is None else QuoteStanding.VOIDED
    holds = standing is QuoteStanding.VALID
    return price_words.held_text(quote) if holds else price_words.standing_text(quote, standing)


def sent(told: Paper, at: datetime, name: str, page: str) -> Response:
    """The PDF as a download. Its name is a number of ours, which every system can write. All rows are read by now,
    so that nothing in the database waits while the pages are set."""
    reader().close()
    try:
        made = paper.to_pdf(told, at)
    except PaperNotSet as error:
        log.error("paper.not_set", name=name, exc_info=error)
        return Response(_broken(page), 500, mimetype="text/html")
    answer = Response(made, mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.pdf")
    return answer


def _broken(page: str) -> str:
    title, text, label = words.not_set()
    return render_template(
        "errors/error.html", code=500, request_id=request_id(), title=title, text=text, action_url=page,
        action_label=label, base="_kit/desk.html" if guard.me().is_staff else "_kit/page.html",
    )  # fmt: skip


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found
