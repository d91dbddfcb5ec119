"""Finance's pages: what was paid, what it cost, and whether the books agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    Response,
    current_app,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.finance import queries, words
from portal.finance.queries import Filters, Payment
from portal.kit import clock, csvout, listing
from portal.kit.db import reader
from portal.kit.guard import Act, needs
from portal.kit.i18n import zone_name
from portal.kit.settings import Settings

PAGE_ROWS: Final = 25
FIELDS: Final = ("q", "currency", "from", "to", "unmatched")

blueprint = Blueprint("finance", __name__)


@blueprint.get("/finance")
@needs(Act.SEE_PAYMENTS)
def index() -> BaseResponse:
    return redirect(url_for("finance.payments"))


@blueprint.get("/finance/payments")
@needs(Act.SEE_PAYMENTS)
def payments() -> str | BaseResponse:
    db, asked = reader(), listing.Asked(request.args)
    proofs = queries.clearing_proofs(db)
    filters = _filters(asked, [proof.currency for proof in proofs])
    cursor = asked.cursor()
    page = listing.page(
        lambda at, limit: queries.payments(db, filters, at, limit),
        lambda payment: payment.place,
        cursor,
        PAGE_ROWS,
    )
    kept = _kept(filters)
    if page is None:
        return redirect(url_for("finance.payments", **kept))
    return render_template(
        "finance/payments.html",
        page=page, totals=queries.sums(db, filters), proofs=proofs, filters=filters, kept=kept, notes=asked.notes,
        words=words.UNMATCHED, method=words.method, short=listing.short_in(filters.zone, clock.now()),
        zone=filters.zone, zone_name=zone_name(filters.zone, clock.now()),
    )  # fmt: skip


@blueprint.get("/finance/payments.csv")
@needs(Act.SEE_PAYMENTS)
def payments_csv() -> Response:
    db, asked = reader(), listing.Asked(request.args)
    filters = _filters(asked, None)
    rows = (_csv_row(payment, filters.zone) for payment in queries.every_payment(db, filters))
    name = f"payments-{clock.day(clock.now(), filters.zone).isoformat()}.csv"
    return Response(
        stream_with_context(_encoded(csvout.stream(_csv_head(filters.zone), rows))),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _filters(asked: listing.Asked, currencies: list[str] | None) -> Filters:
    """The filters in the address; `currencies` are those there are, None for any."""
    settings: Settings = current_app.extensions["settings"]
    asked.only(FIELDS)
    wanted = asked.text("currency")
    return Filters(
        zone=settings.zone,
        q=asked.search("q"),
        currency=wanted if currencies is None else asked.one_of("currency", currencies, _("Currency")),
        first=asked.day("from", _("From")),
        last=asked.day("to", _("To")),
        unmatched=asked.one_of("unmatched", ("1",), _("Only unmatched")) == "1",
    )


def _kept(filters: Filters) -> dict[str, Any]:
    """The filters as an address spells them, for links that stay within them."""
    given = asdict(filters) | {"from": filters.first, "to": filters.last, "unmatched": int(filters.unmatched)}
    return {name: str(given[name]) for name in FIELDS if given[name]}


def _csv_head(zone: str) -> list[str]:
    return [
        _("Date and time (%(zone)s)", zone=zone), _("Order"), _("Company"), _("Currency"), _("Gross"),
        _("Settled in"), _("Settled"), _("Fee"), _("Net"), _("Charge"), _("Balance transaction"),
        _("Checkout session"), _("Payment intent"), _("Method"), _("State"), _("Reason"),
        _("Receipt number"), _("Sale before tax"), _("Sale’s tax"), _("Names the order"),
    ]  # fmt: skip


def _csv_row(payment: Payment, zone: str) -> list[csvout.Cell]:
    """Columns as in the head; amounts as plain numbers in major units, an unknown one empty."""
    settled, fee, net = payment.settled, payment.fee, payment.net
    return [
        _stamp(payment.happened_at, zone), payment.order_number, payment.company, payment.gross.currency,
        payment.gross.major, settled.currency if settled else None, settled.major if settled else None,
        fee.major if fee else None, net.major if net else None, payment.charge_id, payment.transaction_id,
        payment.session_id, payment.intent_id, words.method(payment.method),
        _("In suspense") if payment.unmatched else _("Booked"),
        str(words.UNMATCHED[payment.unmatched][0]) if payment.unmatched else None,
        payment.receipt_number, payment.sold.major if payment.sold else None,
        payment.tax.major if payment.tax else None, payment.claims,
    ]  # fmt: skip


def _stamp(at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")


def _encoded(chunks: Iterator[str]) -> Iterator[bytes]:
    return (chunk.encode() for chunk in chunks)
