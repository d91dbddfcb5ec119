"""Find the rows of the book that matter, and quotes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Boolean, Integer, Row, Select, String, cast, literal, null, or_, select, union_all
from sqlalchemy.orm import Session, joinedload

from portal.contracts.models import Contract
from portal.kit.db import BigId
from portal.pricing import rules
from portal.pricing.models import Price, Quote, TaxRate, TermDiscount

Part = Select[*tuple[Any, ...]]


def book_for(db: Session, contract: Contract, on: date) -> rules.Book:
    """The book as it concerns `contract` from `on`, in one statement. Needs `contract.company` and its terms."""
    return books_for(db, [contract], on)[contract.id]


def books_for(db: Session, contracts: Sequence[Contract], on: date) -> dict[int, rules.Book]:
    """For each contract's id the book as it concerns it, all in one statement: prices of its products in its
    currency, what longer terms take off, taxes of its company's country. Rows that ended by `on` (the earliest
    day that will be asked for) are left out; rules pick the one that holds."""
    if not contracts:
        return {}
    parts = (
        (Price, _prices(contracts)),
        (TermDiscount, _discounts()),
        (TaxRate, _taxes({contract.company.country for contract in contracts})),
    )
    not_over = [part.where(or_(row.valid_to.is_(None), row.valid_to > on)) for row, part in parts]
    rows = db.execute(union_all(*not_over)).all()
    return {contract.id: _book(rows, contract) for contract in contracts}


def _book(rows: Sequence[Row[*tuple[Any, ...]]], contract: Contract) -> rules.Book:
    currency, country = contract.currency, contract.company.country
    return rules.Book(
        currency=currency,
        prices=tuple(
            rules.PriceRow(row.code, row.amount, row.label, row.valid_from, row.valid_to)
            for row in rows
            if row.what == "price" and row.place == currency
        ),
        discounts=tuple(
            rules.DiscountRow(row.months, row.amount, row.label, row.valid_from, row.valid_to)
            for row in rows
            if row.what == "discount"
        ),
        taxes=tuple(
            rules.TaxRow(row.code, rules.Tax(row.label, row.amount, row.inclusive), row.valid_from, row.valid_to)
            for row in rows
            if row.what == "tax" and row.place == country
        ),
    )


def _prices(contracts: Sequence[Contract]) -> Part:
    codes = {line.product_code for contract in contracts for line in rules.last_lines(contract)}
    return select(
        literal("price").label("what"),
        Price.product_code.label("code"),
        Price.currency.label("place"),
        cast(null(), Integer).label("months"),
        Price.unit_minor.label("amount"),
        Price.book.label("label"),
        cast(null(), Boolean).label("inclusive"),
        Price.valid_from,
        Price.valid_to,
    ).where(Price.product_code.in_(codes), Price.currency.in_({contract.currency for contract in contracts}))


def _discounts() -> Part:
    row = TermDiscount
    return select(
        literal("discount"), cast(null(), String), cast(null(), String), row.months,
        cast(row.basis_points, BigId), row.book, cast(null(), Boolean), row.valid_from, row.valid_to,
    )  # fmt: skip


def _taxes(countries: set[str]) -> Part:
    row = TaxRate
    return select(
        literal("tax"), row.product_code, row.country, cast(null(), Integer), cast(row.basis_points, BigId),
        row.kind, row.inclusive, row.valid_from, row.valid_to,
    ).where(row.country.in_(countries))  # fmt: skip


def quote(db: Session, quote_id: str) -> Quote | None:
    """The quote with its contract and company."""
    return db.scalar(
        select(Quote).where(Quote.id == quote_id).options(joinedload(Quote.contract), joinedload(Quote.company))
    )


def latest_quotes(db: Session, contract_id: int, limit: int = 20) -> Sequence[Quote]:
    """The contract's newest quotes, newest first."""
    return db.scalars(
        select(Quote)
        .where(Quote.contract_id == contract_id)
        .order_by(Quote.created_at.desc(), Quote.id.desc())
        .limit(limit)
    ).all()


def same_day_quotes(db: Session, contract: Contract, months: int, by: str, quoted_on: date) -> Sequence[Quote]:
    """Quotes that this person made today of this contract as it stands, for this term length, newest first."""
    return db.scalars(
        select(Quote)
        .where(
            Quote.contract_id == contract.id,
            Quote.contract_rev == contract.rev,
            Quote.months == months,
            Quote.created_by == by,
            Quote.quoted_on == quoted_on,
            Quote.voided_at.is_(None),
        )
        .order_by(Quote.created_at.desc(), Quote.id.desc())
    ).all()
