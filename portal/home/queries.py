"""Find what the customer's pages join from several rooms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    Row,
    Select,
    String,
    cast,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, joinedload

from portal.contracts.models import Contract
from portal.documents.models import Receipt
from portal.kit.db import BigId
from portal.kit.mail import Mail
from portal.orders.models import Order
from portal.pricing.models import Price, TaxRate, TermDiscount
from portal.pricing.rules import Book, DiscountRow, PriceRow, Tax, TaxRow, last_lines

MAILS = 200
RECEIPTS = 500


def receipts(db: Session, company_ids: Sequence[int]) -> list[Receipt]:
    """The companies' receipts with order, quote, contract and company, newest first, at most RECEIPTS."""
    order = joinedload(Receipt.order)
    wanted = (
        select(Receipt)
        .join(Receipt.order)
        .where(Order.company_id.in_(company_ids))
        .options(order.joinedload(Order.quote), order.joinedload(Order.contract), order.joinedload(Order.company))
        .order_by(Receipt.issued_at.desc(), Receipt.id.desc())
        .limit(RECEIPTS)
    )
    return list(db.scalars(wanted))


def mails(db: Session) -> list[Mail]:
    """The last letters, newest first."""
    return list(db.scalars(select(Mail).order_by(Mail.id.desc()).limit(MAILS)))


def books(db: Session, contracts: Sequence[Contract], on: date) -> dict[int, Book]:
    """The price book as it concerns each contract (by id), for all of them in one statement; rows that ended
    before `on` are left out."""
    if not contracts:
        return {}
    codes = {line.product_code for contract in contracts for line in last_lines(contract)}
    rows = db.execute(
        union_all(
            _prices(codes, {contract.currency for contract in contracts}, on),
            _discounts(on),
            _taxes({contract.company.country for contract in contracts}, on),
        )
    ).all()
    return {contract.id: _book(rows, contract) for contract in contracts}


def _book(rows: Sequence[Row[Any]], contract: Contract) -> Book:
    currency, country = contract.currency, contract.company.country
    return Book(
        currency=currency,
        prices=tuple(
            PriceRow(row.code, row.amount, row.label, row.valid_from, row.valid_to)
            for row in rows
            if row.what == "price" and row.place == currency
        ),
        discounts=tuple(
            DiscountRow(row.months, row.amount, row.label, row.valid_from, row.valid_to)
            for row in rows
            if row.what == "discount"
        ),
        taxes=tuple(
            TaxRow(row.code, Tax(row.label, row.amount, bool(row.inclusive)), row.valid_from, row.valid_to)
            for row in rows
            if row.what == "tax" and row.place == country
        ),
    )


def _prices(codes: set[str], currencies: set[str], on: date) -> Select[*tuple[Any, ...]]:
    return select(
        literal("price").label("what"), Price.product_code.label("code"), Price.currency.label("place"),
        cast(null(), Integer).label("months"), Price.unit_minor.label("amount"), Price.book.label("label"),
        cast(null(), Boolean).label("inclusive"), Price.valid_from, Price.valid_to,
    ).where(Price.product_code.in_(codes), Price.currency.in_(currencies), _not_over(Price, on))  # fmt: skip


def _discounts(on: date) -> Select[*tuple[Any, ...]]:
    return select(
        literal("discount"), cast(null(), String), cast(null(), String), TermDiscount.months,
        cast(TermDiscount.basis_points, BigId), TermDiscount.book, cast(null(), Boolean), TermDiscount.valid_from,
        TermDiscount.valid_to,
    ).where(_not_over(TermDiscount, on))  # fmt: skip


def _taxes(countries: set[str], on: date) -> Select[*tuple[Any, ...]]:
    return select(
        literal("tax"), TaxRate.product_code, TaxRate.country, cast(null(), Integer),
        cast(TaxRate.basis_points, BigId), TaxRate.kind, TaxRate.inclusive, TaxRate.valid_from, TaxRate.valid_to,
    ).where(TaxRate.country.in_(countries), _not_over(TaxRate, on))  # fmt: skip


def _not_over(row: type[Price | TermDiscount | TaxRate], on: date) -> ColumnElement[bool]:
    return or_(row.valid_to.is_(None), row.valid_to > on)
