"""Sealing: what a quote holds, how long, and that nobody changes it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from portal.contracts.models import Contract
from portal.kit.db import reading, transaction
from portal.pricing import actions, queries, rules
from portal.pricing.errors import (
    ContractNotRenewable,
    PriceUnavailable,
    SeatsMissing,
    SeatsOutOfRange,
    UnknownTerm,
)
from portal.pricing.models import Price
from portal.pricing.rules import QuoteStanding
from tests import factories
from tests.conftest import NOW
from tests.portal.pricing.scene import Scene, sealed, staged

pytestmark = pytest.mark.usefixtures("app")


def test_a_sealed_quote_holds_price_dates_and_number() -> None:
    quote = sealed(staged())
    assert quote.id == "Q-2026-000001"
    assert (quote.starts_on, quote.ends_on, quote.months) == (date(2026, 12, 13), date(2028, 12, 12), 24)
    assert (quote.anchor_on, quote.months_from_anchor, quote.starts_on_payment) == (date(2025, 12, 13), 36, False)
    # 20 seats × 2 × 1,000.00 − 8 %, 6 % VAT inside
    assert (quote.total_minor, quote.net_minor, quote.tax_minor) == (3_680_000, 3_471_698, 208_302)
    assert quote.document["lines"][0]["names"]["zh_Hans_CN"] == "洞察分析 商业版"
    assert (quote.quoted_on, quote.book, quote.currency) == (date(2026, 11, 22), "2026-07", "CNY")


def test_the_price_is_that_of_the_quote_day() -> None:
    scene = staged()
    with transaction() as db:
        db.execute(text("UPDATE prices SET valid_to = '2026-11-22'"))
        for code in factories.PRODUCTS:
            db.add(Price(product_code=code, currency="CNY", unit_minor=110_000, valid_from=date(2026, 11, 22),
                         book="2026-11", created_at=NOW))  # fmt: skip
    quote = sealed(scene, 12)
    assert (quote.total_minor, quote.book) == (2_200_000, "2026-07, 2026-11")


def test_an_early_price_is_held_until_its_last_early_day() -> None:
    scene = staged()
    with transaction() as db:
        factories.promotion(
            db, kind=rules.PromotionKind.EARLY, names={"en": "Early"}, basis_points=300, least=15,
            valid_from=date(2026, 11, 1),
        )  # fmt: skip
    quote = sealed(scene, 12)
    assert quote.document["steps"][-1]["code"] == "early_offer"
    # the contract ends on 12 December; fifteen days before is the 27th, whose end is 16:00 UTC in Shanghai
    assert quote.valid_until == datetime(2026, 11, 27, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "until"),
    [
        ("Asia/Shanghai", datetime(2026, 12, 22, 16, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 12, 22, 8, tzinfo=UTC)),
    ],
)
def test_held_for_thirty_days_until_midnight_in_the_contracts_zone(zone: str, until: datetime) -> None:
    # 22 November, 06:30 UTC is still the 21st in Los Angeles
    scene = staged(zone=zone)
    quote = sealed(scene)
    assert quote.valid_until == until
    rev = scene.contract.rev
    assert rules.quote_standing(quote, rev, until - timedelta(microseconds=1)) is QuoteStanding.VALID
    assert rules.quote_standing(quote, rev, until) is QuoteStanding.EXPIRED


def test_the_number_carries_the_year_of_the_contracts_zone() -> None:
    scene = staged()
    with transaction() as db:
        quote = actions.seal(db, scene.contract, 12, None, scene.ref, datetime(2026, 12, 31, 16, tzinfo=UTC))
    assert (quote.id, quote.quoted_on) == ("Q-2027-000001", date(2027, 1, 1))


def test_in_grace_it_is_held_no_longer_than_grace() -> None:
    scene = staged(starts_on=date(2025, 11, 13), ends_on=date(2026, 11, 12))
    quote = sealed(scene)
    assert quote.starts_on == date(2026, 11, 13)
    assert quote.valid_until == datetime(2026, 12, 12, 16, tzinfo=UTC)  # grace ends with 12 December in Shanghai


def test_a_lapsed_contract_starts_on_payment_and_is_held_thirty_days() -> None:
    scene = staged(starts_on=date(2025, 9, 1), ends_on=date(2026, 8, 31))
    quote = sealed(scene)
    assert (quote.starts_on_payment, quote.starts_on, quote.anchor_on) == (True, NOW.date(), NOW.date())
    assert quote.valid_until == datetime(2026, 12, 22, 16, tzinfo=UTC)


def test_other_seats_and_several_lines() -> None:
    scene = staged(lines=(("insight", 20, 100_000), ("backup", 5, 90_000)))
    quote = sealed(scene, 12, [25, 1])
    assert [line["seats"] for line in quote.document["lines"]] == [25, 1]
    assert [line["total_minor"] for line in quote.document["lines"]] == [2_500_000, 100_000]
    assert quote.total_minor == 2_600_000


@pytest.mark.parametrize(
    ("currency", "country", "total"),
    [("JPY", "JP", 736_000), ("KWD", "KW", 1_582_400), ("USD", "US", 515_200), ("CNY", "DE", 4_379_200)],
)
def test_currencies_and_countries(currency: str, country: str, total: int) -> None:
    """20 seats, 24 months, −8 %: JPY has no decimals, KWD three; Germany adds 19 %."""
    with transaction() as db:
        factories.book(db)
        company = factories.company(db, country=country)
        contract = factories.contract(db, company, currency=currency, lines=(("insight", 20, 1),))
        assert actions.seal(db, contract, 24, None, "person:1", NOW).total_minor == total


@pytest.mark.parametrize(
    ("months", "seats", "error"),
    [
        (24, [0], SeatsOutOfRange),
        (24, [1_000_001], SeatsOutOfRange),
        (24, [1, 1], SeatsMissing),
        (24, [], SeatsMissing),
        (18, None, UnknownTerm),
        (0, None, UnknownTerm),
    ],
)
def test_impossible_wishes_are_refused(months: int, seats: list[int] | None, error: type[Exception]) -> None:
    scene = staged()
    with pytest.raises(error), transaction() as db:
        actions.seal(db, scene.contract, months, seats, scene.ref, NOW)
    with reading() as db:
        assert queries.latest_quotes(db, scene.contract.id) == []


def test_no_price_no_quote() -> None:
    scene = staged()
    with transaction() as db:
        db.execute(text("DELETE FROM prices"))
    with pytest.raises(PriceUnavailable), transaction() as db:
        actions.seal(db, scene.contract, 12, None, scene.ref, NOW)


@pytest.mark.parametrize(
    ("changes", "standing"),
    [
        ({"declined_at": NOW}, "declined"),
        ({"starts_on": date(2026, 6, 1), "ends_on": date(2027, 5, 31)}, "upcoming"),
    ],
)
def test_contracts_that_cannot_be_renewed(changes: dict[str, Any], standing: str) -> None:
    scene = staged(**changes)
    with pytest.raises(ContractNotRenewable) as refused:
        sealed(scene)
    assert refused.value.facts["standing"] == standing


def test_too_early_names_the_first_day() -> None:
    scene = staged(starts_on=date(2026, 6, 1), ends_on=date(2027, 5, 31))
    with pytest.raises(ContractNotRenewable) as refused:
        sealed(scene)
    assert refused.value.facts["opens_on"] == "2026-12-02"


def test_a_renewed_contract_is_not_quoted_again() -> None:
    scene = staged()
    with transaction() as db:
        contract = db.get_one(Contract, scene.contract.id)
        factories.term(db, contract, date(2026, 12, 13), date(2027, 12, 12), 12, (("insight", 20, 100_000),))
    with pytest.raises(ContractNotRenewable) as refused:
        sealed(scene)
    assert refused.value.facts["standing"] == "renewed"


def test_statement_counts(statements: Any) -> None:
    scene: Scene = staged()
    with reading() as db:
        contract = db.get_one(Contract, scene.contract.id)
        _ = contract.company, [line.product for term in contract.terms for line in term.lines]
        statements()
        book = queries.book_for(db, contract, NOW)
        assert len(statements()) == 2
        assert len(rules.offers(book, contract, None, NOW.date())) == 3
        assert statements() == []
    sealed(scene)
    assert len(statements()) <= 9
    with reading() as db:
        found = queries.quote(db, "Q-2026-000001")
        assert found is not None
        _ = found.contract.number, found.company.name
    assert len(statements()) == 1


def test_books_of_several_contracts_in_one_statement(statements: Any) -> None:
    with transaction() as db:
        factories.book(db)
        chinese = factories.contract(db, factories.company(db))
        german = factories.contract(
            db, factories.company(db, country="DE"), currency="USD", lines=(("backup", 2, 1),)
        )
        statements()
        books = queries.books_for(db, [chinese, german], NOW)
        assert len([sql for sql in statements() if "prices" in sql]) == 1
        assert queries.books_for(db, [], NOW) == {}
    assert [tax.tax.basis_points for tax in books[german.id].taxes] == [1900]
    # a mixed answer never crosses over: the currency is each contract's own
    assert {row.unit_minor for row in books[german.id].prices} == {14_000}
    assert {row.unit_minor for row in books[chinese.id].prices} == {100_000}


def test_the_code_of_a_quote() -> None:
    plain = {"code": "seats", "facts": {"seats": 1}}
    coupon = {"code": "coupon_offer", "facts": {"code": "SPRING26"}}
    assert rules.code_in({"steps": [plain, coupon]}) == "SPRING26"
    assert rules.code_in({"steps": [plain]}) == ""
