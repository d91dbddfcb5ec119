"""Find the rows of the book that matter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Integer, Row, Select, String, cast, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from portal.contracts.models import Contract
from portal.kit import clock
from portal.kit.db import BigId
from portal.pricing import rules
from portal.pricing.models import Price, TaxRate, TermDiscount
from portal.pricing.queries import claims

Part = Select[*tuple[Any, ...]]


def book_for(db: Session, contract: Contract, at: datetime, code: str = "") -> rules.Book:
    """The book as it concerns `contract` from the day of `at`, for somebody who typed a coupon's `code` (as
    rules.normal_code spells it). Needs `contract.company` and its terms."""
    return books_for(db, [contract], at, code)[contract.id]


def books_for(db: Session, contracts: Sequence[Contract], at: datetime, code: str = "") -> dict[int, rules.Book]:
    """For each contract's id the book as it concerns it, in two statements: prices of its products in its
    currency (its own, its segment's, the list's), what longer terms take off, taxes of its company's country; and
    the offers. Rows that have ended in every contract's zone are left out; rules pick the one that holds."""
    if not contracts:
        return {}
    on = min(clock.day(at, contract.zone) for contract in contracts)
    parts = (
        (Price, _prices(contracts)),
        (TermDiscount, _discounts()),
        (TaxRate, _taxes({contract.company.country for contract in contracts})),
    )
    not_over = [part.where(or_(row.valid_to.is_(None), row.valid_to > on)) for row, part in parts]
    rows = db.execute(union_all(*not_over)).all()
    offered = claims.offered(db, contracts, on, at, code)
    return {contract.id: _book(rows, contract, offered[contract.id]) for contract in contracts}


def _book(
    rows: Sequence[Row[*tuple[Any, ...]]], contract: Contract, offered: Sequence[rules.PromotionRow]
) -> rules.Book:
    currency, country = contract.currency, contract.company.country
    return rules.Book(
        currency=currency,
        prices=tuple(
            rules.PriceRow(row.code, row.amount, row.label, row.valid_from, row.valid_to, kind)
            for row in rows
            if row.what == "price" and row.place == currency and (kind := _kind(row, contract))
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
        promotions=tuple(offered),
    )


def _kind(row: Row[*tuple[Any, ...]], contract: Contract) -> rules.BaseKind | None:
    """As what a price row concerns the contract; None when it is somebody else's."""
    if row.contract_id is not None:
        return rules.BaseKind.CONTRACT if row.contract_id == contract.id else None
    if row.segment is not None:
        return rules.BaseKind.SEGMENT if row.segment == contract.segment else None
    return rules.BaseKind.LIST


def _prices(contracts: Sequence[Contract]) -> Part:
    codes = {line.product_code for contract in contracts for line in rules.last_lines(contract)}
    segments = {contract.segment for contract in contracts}
    of_all = Price.contract_id.is_(None) & or_(Price.segment.is_(None), Price.segment.in_(segments))
    return select(
        literal("price").label("what"),
        Price.product_code.label("code"),
        Price.currency.label("place"),
        cast(null(), Integer).label("months"),
        Price.unit_minor.label("amount"),
        Price.book.label("label"),
        cast(null(), Boolean).label("inclusive"),
        cast(Price.segment, String).label("segment"),
        Price.contract_id.label("contract_id"),
        Price.valid_from,
        Price.valid_to,
    ).where(
        Price.product_code.in_(codes),
        Price.currency.in_({contract.currency for contract in contracts}),
        or_(of_all, Price.contract_id.in_([contract.id for contract in contracts])),
    )


def _discounts() -> Part:
    row = TermDiscount
    return select(
        literal("discount"), cast(null(), String), cast(null(), String), row.months,
        cast(row.basis_points, BigId), row.book, cast(null(), Boolean), cast(null(), String), cast(null(), BigId),
        row.valid_from, row.valid_to,
    )  # fmt: skip


def _taxes(countries: set[str]) -> Part:
    row = TaxRate
    return select(
        literal("tax"), row.product_code, row.country, cast(null(), Integer), cast(row.basis_points, BigId),
        row.kind, row.inclusive, cast(null(), String), cast(null(), BigId), row.valid_from, row.valid_to,
    ).where(row.country.in_(countries))  # fmt: skip
