"""Find the rows of the book that matter, and quotes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Boolean, Integer, RowMapping, Select, String, cast, literal, null, or_, select, union_all
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import Company
from portal.contracts.models import Contract
from portal.kit.db import BigId
from portal.pricing import rules
from portal.pricing.models import Price, Quote, TaxRate, TermDiscount


def book_for(db: Session, contract: Contract, on: date) -> rules.Book:
    """The book as it concerns `contract`, in one statement: prices of its products in its currency, what longer
    terms take off, taxes of its company's country, as they hold on `on`."""
    codes = {line.product_code for line in rules.last_lines(contract)}
    parts = [
        part.where(row.valid_from <= on, or_(row.valid_to.is_(None), row.valid_to > on))
        for row, part in (
            (Price, _prices(contract.currency, codes)),
            (TermDiscount, _discounts()),
            (TaxRate, _taxes(contract.company_id)),
        )
    ]
    rows = db.execute(union_all(*parts)).mappings().all()
    return rules.Book(
        currency=contract.currency,
        prices=tuple(
            rules.PriceRow(row["code"], row["amount"], row["book"], row["valid_from"], row["valid_to"])
            for row in rows
            if row["what"] == "price"
        ),
        discounts=tuple(
            rules.DiscountRow(row["months"], row["amount"], row["book"], row["valid_from"], row["valid_to"])
            for row in rows
            if row["what"] == "discount"
        ),
        taxes=tuple(_tax_row(row) for row in rows if row["what"] == "tax"),
    )


def _tax_row(row: RowMapping) -> rules.TaxRow:
    tax = rules.Tax(row["kind"], row["amount"], row["inclusive"])
    return rules.TaxRow(row["code"], tax, row["valid_from"], row["valid_to"])


def _prices(currency: str, codes: set[str]) -> Select[*tuple[Any, ...]]:
    return select(
        literal("price").label("what"),
        Price.product_code.label("code"),
        cast(null(), Integer).label("months"),
        Price.unit_minor.label("amount"),
        cast(null(), String).label("kind"),
        cast(null(), Boolean).label("inclusive"),
        Price.valid_from,
        Price.valid_to,
        Price.book,
    ).where(Price.currency == currency, Price.product_code.in_(codes))


def _discounts() -> Select[*tuple[Any, ...]]:
    row = TermDiscount
    return select(
        literal("discount"), cast(null(), String), row.months, cast(row.basis_points, BigId), cast(null(), String),
        cast(null(), Boolean), row.valid_from, row.valid_to, row.book,
    )  # fmt: skip


def _taxes(company_id: int) -> Select[*tuple[Any, ...]]:
    row = TaxRate
    country = select(Company.country).where(Company.id == company_id).scalar_subquery()
    return select(
        literal("tax"), row.product_code, cast(null(), Integer), cast(row.basis_points, BigId), row.kind,
        row.inclusive, row.valid_from, row.valid_to, cast(null(), String),
    ).where(row.country == country)  # fmt: skip


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
