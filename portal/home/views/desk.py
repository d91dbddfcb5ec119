"""The customer's papers for staff, byte for byte: in the same words, so they are made in the same room."""

from __future__ import annotations

from flask import Response, abort, url_for

from portal.documents import queries as documents
from portal.home.views import papers
from portal.home.views.blueprint import blueprint
from portal.kit.db import reader
from portal.kit.guard import Act, needs
from portal.orders import queries as orders
from portal.pricing import queries as price_queries


@blueprint.get("/desk/orders/<number>/receipt.pdf", endpoint="desk_receipt_pdf")
@needs(Act.READ_PRICES)
def receipt_pdf(number: str) -> Response:
    """The customer's receipt, in the reader's language."""
    db = reader()
    order = orders.by_number(db, number)
    issued = documents.for_order(db, order.id) if order else None
    if order is None or issued is None:
        abort(404)
    return papers.of_receipt(order, issued, url_for("staff.receipt", number=number))


@blueprint.get("/desk/orders/<number>/credit-notes/<note>.pdf", endpoint="desk_credit_note_pdf")
@needs(Act.READ_PRICES)
def credit_note_pdf(number: str, note: str) -> Response:
    """The customer's credit note, in the reader's language."""
    found = documents.credit_note(reader(), note)
    if found is None or found.order.number != number:
        abort(404)
    return papers.of_credit_note(found, url_for("staff.order", number=number))


@blueprint.get("/desk/quotes/<quote_id>/quote.pdf", endpoint="desk_quote_pdf")
@needs(Act.READ_PRICES)
def quote_pdf(quote_id: str) -> Response:
    """The customer's quote, in the reader's language."""
    quote = price_queries.quote(reader(), quote_id)
    if quote is None:
        abort(404)
    return papers.of_quote(quote, url_for("pricing_desk.quote", quote_id=quote.id))
