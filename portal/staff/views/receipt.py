"""A receipt as the customer has it, for staff to read."""

from __future__ import annotations

from flask import abort, render_template

from payments.money import Money
from portal.documents import queries as documents
from portal.kit.db import reader
from portal.kit.guard import Act, me, needs
from portal.kit.i18n import percent
from portal.orders import queries as orders
from portal.pricing.words import line_name, tax_note, term_text
from portal.staff.views.blueprint import blueprint, times, way_back
from portal.staff.words import orders as words


@blueprint.get("/desk/orders/<number>/receipt")
@needs(Act.READ_PRICES)
def receipt(number: str) -> str:
    """Seller, buyer, lines, tax, total and number, from the same rows as the customer's page."""
    db = reader()
    order = orders.by_number(db, number)
    issued = documents.for_order(db, order.id) if order else None
    if order is None or issued is None:
        abort(404)
    quote = order.quote
    term = next((each for each in order.contract.terms if each.order_number == order.number), quote)
    lines = [
        {
            "name": line_name(line),
            "seats": line["seats"],
            "unit": Money(line["paid_unit_minor"], quote.currency),
            "tax": percent(line["tax_bp"]),
            "total": Money(line["total_minor"], quote.currency),
        }
        for line in quote.document["lines"]
    ]
    return render_template(
        "staff/receipt.html",
        receipt=issued, order=order, quote=quote, lines=lines, tax_note=tax_note(quote),
        term_text=term_text(term.starts_on, term.ends_on, quote.months, False),
        method=words.method(order.paid_with) if me().can(Act.SEE_PAYMENTS) else None,
        **way_back(), **times(),
    )  # fmt: skip
