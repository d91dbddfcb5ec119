"""Find the rows of the book that matter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
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
from sqlalchemy.orm import Session

from portal.contracts.models import Contract, Segment
from portal.kit import clock
from portal.kit.db import BigId
from portal.pricing import rules
from portal.pricing.models import (
    Price,
    PriceIndex,
    RenewalAgreement,
    SpecialPrice,
    SpecialState,
    TaxExemption,
    TaxRate,
    TermDiscount,
)
from portal.pricing.queries import claims

Part = Select[*tuple[Any, ...]]
Found = Row[*tuple[Any, ...]]

# One statement reads rows of all kinds: each part of it names those of these columns that it has.
_COLUMNS: Final[dict[str, Any]] = {
    "id": BigId, "code": String, "place": String, "label": String, "months": Integer, "amount": BigId,
    "least": BigId, "most": Integer, "points": Integer, "inclusive": Boolean, "segment": String, "pick": String,
    "contract_id": BigId, "company_id": BigId, "valid_from": Date, "valid_to": Date,
}  # fmt: skip


def book_for(db: Session, contract: Contract, at: datetime, code: str = "") -> rules.Book:
    """The book as it concerns `contract` from the day of `at`, for somebody who typed a coupon's `code` (as
    rules.normal_code spells it). Needs `contract.company` and its terms."""
    return books_for(db, [contract], at, code)[contract.id]


def books_for(db: Session, contracts: Sequence[Contract], at: datetime, code: str = "") -> dict[int, rules.Book]:
    """For each contract's id the book as it concerns it, in two statements: prices of its products in its
    currency (its own, its segment's, the list's), what longer terms take off, taxes of its company's country and
    whether that is exempt, what was agreed with and granted to it; and the offers. Rows that have ended in every
    contract's zone are left out; rules pick the one that holds."""
    if not contracts:
        return {}
    on = min(clock.day(at, contract.zone) for contract in contracts)
    rows = db.execute(union_all(*_parts(contracts, on))).all()
    offered = claims.offered(db, contracts, on, at, code)
    everybody = [row for row in rows if row.contract_id is None and row.company_id is None]
    of_contract, of_company = _by(rows, "contract_id"), _by(rows, "company_id")
    shared: dict[Any, rules.Book] = {}  # contracts that differ in nothing that the book asks share what it holds
    found = {}
    for contract in contracts:
        kind = _Kind.of(contract)
        if kind not in shared:
            shared[kind] = _book(contract.currency, [row for row in everybody if kind.has(row)])
        own = [*of_contract[contract.id], *of_company[contract.company_id]]
        found[contract.id] = _with(shared[kind], [row for row in own if kind.has(row)], offered[contract.id])
    return found


@dataclass(frozen=True)
class _Kind:
    """What decides which rows of everybody's concern a contract."""

    currency: str
    country: str
    segment: Segment
    codes: frozenset[str]

    @classmethod
    def of(cls, contract: Contract) -> _Kind:
        codes = frozenset(line.product_code for line in rules.last_lines(contract))
        return cls(contract.currency, contract.company.country, contract.segment, codes)

    def has(self, row: Found) -> bool:
        if row.what == "price":
            mine = row.place == self.currency and row.code in self.codes
            return bool(mine and row.segment in (None, self.segment))
        return bool(row.what != "tax" or row.place == self.country)


def _by(rows: Sequence[Found], column: str) -> defaultdict[int, list[Found]]:
    found: defaultdict[int, list[Found]] = defaultdict(list)
    for row in rows:
        owner = getattr(row, column)
        if owner is not None:
            found[owner].append(row)
    return found


def _parts(contracts: Sequence[Contract], on: date) -> Iterator[Part]:
    ids = [contract.id for contract in contracts]
    companies = {contract.company_id for contract in contracts}
    yield _prices(contracts).where(or_(Price.valid_to.is_(None), Price.valid_to > on))
    yield _part(
        "discount", months=TermDiscount.months, amount=TermDiscount.basis_points, label=TermDiscount.book,
        valid_from=TermDiscount.valid_from, valid_to=TermDiscount.valid_to,
    ).where(or_(TermDiscount.valid_to.is_(None), TermDiscount.valid_to > on))  # fmt: skip
    yield _part(
        "tax", code=TaxRate.product_code, place=TaxRate.country, amount=TaxRate.basis_points, label=TaxRate.kind,
        inclusive=TaxRate.inclusive, valid_from=TaxRate.valid_from, valid_to=TaxRate.valid_to,
    ).where(
        TaxRate.country.in_({contract.company.country for contract in contracts}),
        or_(TaxRate.valid_to.is_(None), TaxRate.valid_to > on),
    )  # fmt: skip
    yield _part(
        "exempt", label=cast(TaxExemption.reason, String), place=TaxExemption.certificate,
        company_id=TaxExemption.company_id, valid_from=TaxExemption.valid_from, valid_to=TaxExemption.valid_to,
    ).where(
        TaxExemption.company_id.in_(companies), or_(TaxExemption.valid_to.is_(None), TaxExemption.valid_to > on)
    )  # fmt: skip
    yield _part(
        "special", id=SpecialPrice.id, contract_id=SpecialPrice.contract_id, amount=SpecialPrice.basis_points,
        valid_to=SpecialPrice.valid_to,
    ).where(
        SpecialPrice.contract_id.in_(ids), SpecialPrice.state == SpecialState.GRANTED, SpecialPrice.valid_to > on
    )  # fmt: skip
    agreed = RenewalAgreement
    yield _part(
        "renewal", contract_id=agreed.contract_id, code=agreed.product_code, label=cast(agreed.method, String),
        amount=agreed.rate, place=agreed.series, points=agreed.points, months=agreed.month,
        pick=cast(agreed.pick, String), most=agreed.cap,
    ).where(agreed.contract_id.in_(ids))  # fmt: skip
    yield _part(
        "index", label=PriceIndex.series, valid_from=PriceIndex.month, amount=PriceIndex.basis_points
    ).where(PriceIndex.series.in_(select(agreed.series).where(agreed.contract_id.in_(ids))))


def _part(what: str, **given: ColumnElement[Any] | Any) -> Part:
    columns = [given.get(name, cast(null(), type_)).label(name) for name, type_ in _COLUMNS.items()]
    return select(literal(what).label("what"), *columns)


def _prices(contracts: Sequence[Contract]) -> Part:
    codes = {line.product_code for contract in contracts for line in rules.last_lines(contract)}
    segments = {contract.segment for contract in contracts}
    of_all = Price.contract_id.is_(None) & or_(Price.segment.is_(None), Price.segment.in_(segments))
    return _part(
        "price", code=Price.product_code, place=Price.currency, amount=Price.unit_minor, least=Price.floor_minor,
        label=Price.book, segment=cast(Price.segment, String), contract_id=Price.contract_id,
        valid_from=Price.valid_from, valid_to=Price.valid_to,
    ).where(
        Price.product_code.in_(codes),
        Price.currency.in_({contract.currency for contract in contracts}),
        or_(of_all, Price.contract_id.in_([contract.id for contract in contracts])),
    )  # fmt: skip


def _book(currency: str, rows: Sequence[Found]) -> rules.Book:
    return rules.Book(
        currency=currency,
        prices=_made(rows, "price", _price),
        discounts=_made(
            rows, "discount",
            lambda row: rules.DiscountRow(row.months, row.amount, row.label, row.valid_from, row.valid_to),
        ),
        taxes=_made(rows, "tax", _tax),
        indexes=_made(rows, "index", lambda row: rules.IndexRow(row.label, row.valid_from, row.amount)),
    )  # fmt: skip


def _with(book: rules.Book, own: Sequence[Found], offered: Sequence[rules.PromotionRow]) -> rules.Book:
    """The book with what is one contract's or its company's alone."""
    return replace(
        book,
        prices=(*_made(own, "price", _price), *book.prices),
        promotions=tuple(offered),
        renewals=_made(own, "renewal", _renewal),
        specials=_made(own, "special", lambda row: rules.SpecialRow(row.id, row.amount, row.valid_to)),
        exemptions=_made(own, "exempt", _exempt),
    )


def _made(rows: Sequence[Found], what: str, make: Callable[[Found], Any]) -> tuple[Any, ...]:
    return tuple(make(row) for row in rows if row.what == what)


def _price(row: Found) -> rules.PriceRow:
    kind = rules.BaseKind.LIST if row.segment is None else rules.BaseKind.SEGMENT
    if row.contract_id is not None:
        kind = rules.BaseKind.CONTRACT
    return rules.PriceRow(row.code, row.amount, row.label, row.valid_from, row.valid_to, kind, row.least)


def _tax(row: Found) -> rules.TaxRow:
    return rules.TaxRow(row.code, rules.Tax(row.label, row.amount, row.inclusive), row.valid_from, row.valid_to)


def _renewal(row: Found) -> rules.RenewalRow:
    return rules.RenewalRow(
        row.code, rules.Method(row.label), row.amount, row.place, row.points, row.months, rules.Pick(row.pick),
        row.most,
    )  # fmt: skip


def _exempt(row: Found) -> rules.ExemptRow:
    exemption = rules.Exemption(rules.ExemptReason(row.label), row.place)
    return rules.ExemptRow(exemption, row.valid_from, row.valid_to)
