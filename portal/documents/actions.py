"""Issue receipts and credit notes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.money import Money
from portal.audit import actions as audit
from portal.documents import rules
from portal.documents.errors import ReceiptNotDue
from portal.documents.models import CreditNote, Receipt
from portal.kit import clock, numbers
from portal.orders.models import Order


def issue(db: Session, order: Order, seller: Mapping[str, str], at: datetime) -> Receipt:
    """The receipt of a paid order: the one that stands, or a new one with the next number of the year (in the
    seller's zone). `seller`: name, address, tax_id, zone (IANA). Hold the order by `orders.queries.lock`.

    Raises ReceiptNotDue.
    """
    known = db.scalar(select(Receipt).where(Receipt.order_id == order.id))
    if known is not None:
        return known
    if order.paid_at is None:
        raise ReceiptNotDue(number=order.number, state=order.state)
    year = clock.day(at, seller["zone"]).year
    receipt = Receipt(
        number=rules.receipt_number(year, numbers.take(db, f"receipt-{year}")),
        order_id=order.id,
        issued_at=at,
        particulars=rules.particulars(seller, order.company.name, order.invoice_details, order.po_number),
    )
    db.add(receipt)
    db.flush()
    audit.note(db, audit.SYSTEM, "receipt.issued", order.subject, at, receipt=receipt.number)
    return receipt


def credit(
    db: Session, order: Order, source: str, amount: Money, tax: Money, zone: str, at: datetime
) -> CreditNote:
    """The credit note of a refund ("stripe:re_…"): the one that stands, or a new one with the next number of the
    year in the seller's `zone`. Hold the order by `orders.queries.lock`."""
    known = db.scalar(select(CreditNote).where(CreditNote.source == source))
    if known is not None:
        return known
    year = clock.day(at, zone).year
    note = CreditNote(
        number=rules.credit_note_number(year, numbers.take(db, f"credit-note-{year}")), order_id=order.id,
        source=source, amount_minor=amount.minor, tax_minor=tax.minor, currency=amount.currency, issued_at=at,
    )  # fmt: skip
    db.add(note)
    db.flush()
    audit.note(db, audit.SYSTEM, "credit_note.issued", order.subject, at, credit_note=note.number)
    return note


def void_credit_note(db: Session, order: Order, source: str, at: datetime) -> None:
    """The refund did not reach the customer: its note counts no more."""
    note = db.scalar(select(CreditNote).where(CreditNote.source == source, CreditNote.voided_at.is_(None)))
    if note is not None:
        note.voided_at = at
        audit.note(db, audit.SYSTEM, "credit_note.voided", order.subject, at, credit_note=note.number)
