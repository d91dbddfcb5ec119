"""What explanations, refusals and seals are made of, to the letter: other pages, papers and years read them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from portal.pricing import rules
from portal.pricing.errors import PriceUnavailable, UnknownTerm
from portal.pricing.rules import (
    BaseKind,
    ExemptReason,
    ExemptRow,
    Group,
    IndexRow,
    Method,
    Pick,
    PriceRow,
    PromotionKind,
    PromotionRow,
    RenewalRow,
    promotions,
    steps,
)
from tests.portal.pricing.make import INCLUSIVE_6, ON, book, contract, early, line, term_discount

SINCE = date(2026, 1, 1)
OF = contract(("insight", 20, 100_000), ("backup", 3, 50_000))
ROWS = (
    PriceRow("insight", 105_000, "2026-07", SINCE, None),
    PriceRow("backup", 60_000, "2026-08", SINCE, None, BaseKind.LIST, 59_000),
)


def coupon(**changes: Any) -> PromotionRow:
    given: dict[str, Any] = {"basis_points": 0, "amount_minor": 10_000, "currency": "CNY", "code": "FAIR"}
    return PromotionRow(
        id=9, kind=PromotionKind.COUPON, names={"en": "Fair"}, least=1, product_code=None, valid_from=SINCE,
        valid_to=None, **(given | changes),
    )  # fmt: skip


def told(found: rules.Offer, code: str) -> list[tuple[int | None, dict[str, Any]]]:
    return [(step.line, step.facts) for step in found.priced.steps if step.code == code]


def test_the_steps_facts() -> None:
    table = replace(book(), prices=ROWS, promotions=(coupon(),))
    found = rules.offer(table, OF, 24, [20, 4], ON)
    assert told(found, "list_price") == [
        (0, {"book": "2026-07", "valid_from": "2026-01-01", "last_unit_minor": 100_000}),
        (1, {"book": "2026-08", "valid_from": "2026-01-01", "last_unit_minor": 50_000}),
    ]
    assert told(found, "seats") == [
        (0, {"seats": 20, "months": 24, "last_seats": 20}), (1, {"seats": 4, "months": 24, "last_seats": 3}),
    ]  # fmt: skip
    assert told(found, "term_discount")[0] == (0, {"months": 24, "basis_points": 800, "book": "2026-07"})
    off = {"promotion": 9, "names": {"en": "Fair"}, "basis_points": 0, "least": 1, "until": None, "code": "FAIR",
           "amount_minor": 10_000}  # fmt: skip
    assert told(found, "coupon_offer") == [(0, off), (1, off)]
    assert told(found, "floor_price") == [(1, {"floor_minor": 59_000})]
    assert (found.priced.months, found.priced.book) == (24, "2026-07, 2026-08")
    assert [each["product"] for each in found.document["lines"]] == ["insight", "backup"]
    assert [each["last_seats"] for each in found.document["lines"]] == [20, 3]


def test_each_products_own_agreement_is_found() -> None:
    table = replace(book(), prices=ROWS, renewals=(RenewalRow("backup", Method.SAME),))
    found = rules.offer(table, OF, 12, None, ON)
    assert [step.code for step in found.priced.steps if step.code.endswith("_price")] == [
        "list_price",
        "last_price",
    ]


def test_a_floor_of_the_second_line_alone_counts() -> None:
    table = replace(book(), prices=ROWS)
    assert told(rules.offer(table, OF, 24, None, ON), "floor_price") == [(1, {"floor_minor": 59_000})]


def test_an_uplifts_facts() -> None:
    agreed = RenewalRow(None, Method.UPLIFT, 500, "CPI", 200, 6, Pick.GREATER, 900)
    found = rules.uplift(agreed, [IndexRow("CPI", date(2026, 6, 1), 320)], ON)
    assert found.facts == {
        "basis_points": 520, "rate": 500, "series": "CPI", "points": 200, "pick": "greater", "cap": 900,
        "index_basis_points": 320, "index_month": "2026-06-01",
    }  # fmt: skip
    plain = rules.uplift(RenewalRow(None, Method.UPLIFT, 300), [], ON)
    assert (plain.facts["index_basis_points"], plain.facts["index_month"], plain.facts["series"]) == (
        None, None, None
    )  # fmt: skip


def test_an_exemptions_step() -> None:
    exempt = ExemptRow(rules.Exemption(ExemptReason.CHARITY, "C-77"), SINCE, None)
    found = rules.offer(replace(book(), exemptions=(exempt,)), contract(("insight", 1, 1)), 12, None, ON)
    assert told(found, "tax_exempt") == [
        (0, {"kind": "vat", "basis_points": 600, "reason": "charity", "certificate": "C-77"})
    ]


@pytest.mark.parametrize("group", list(Group))
def test_a_groups_step_takes_its_own_discount_and_no_other(group: Group) -> None:
    own = rules.Discount(group, f"{group}_x", 1_000, {"of": group})
    others = tuple(rules.Discount(each, "other", 5_000, {}) for each in Group if each is not group)
    lines = (
        replace(line(105_000), discounts=others),
        replace(line(105_000), discounts=(*others, own)),
        replace(line(105_000), discounts=(own, *others)),
    )
    facts = rules.PriceFacts("CNY", 12, lines, "2026-07")
    assert list(steps.discount(group)(facts, (500, 1_000, 2_005))) == [
        (1, f"{group}_x", {"of": group}, 900), (2, f"{group}_x", {"of": group}, 1_805),
    ]  # fmt: skip
    fixed = replace(own, basis_points=0, amount_minor=7)
    assert list(steps.discount(group)(replace(facts, lines=(replace(lines[0], discounts=(fixed,)),)), (5,))) == []


def test_an_amount_off_nothing_is_no_step() -> None:
    fixed = rules.Discount(Group.COUPON, "coupon_offer", 0, {}, amount_minor=100)
    facts = rules.PriceFacts("CNY", 12, (replace(line(1), discounts=(fixed,)),), "2026-07")
    assert list(steps.amount_off(facts, (0,))) == []


def unavailable(table: rules.Book, months: int | None = 12, last: int = 100_000) -> dict[str, Any]:
    of = contract(("insight", 20, last))
    with pytest.raises(PriceUnavailable) as refused:
        rules.offers(table, of, None, ON) if months is None else rules.offer(table, of, months, None, ON)
    return dict(refused.value.facts)


def test_what_is_missing_is_named() -> None:
    day = {"currency": "CNY", "on": "2026-11-22"}
    product = {"product_code": "insight"}
    assert unavailable(book(prices=())) == day | product | {"what": "price"}
    assert unavailable(book(taxes=())) == day | product | {"what": "tax"}
    assert unavailable(book(discounts=()), None) == day | {"what": "term"}
    kept = replace(book(), renewals=(RenewalRow(None, Method.SAME),))
    assert unavailable(kept, last=0) == day | product | {"what": "last"}
    free = replace(book(), promotions=(coupon(amount_minor=10**9),))
    assert unavailable(free) == day | {"what": "price"}
    with pytest.raises(UnknownTerm) as refused:
        rules.offer(book(), OF, 7, None, ON)
    assert refused.value.facts == {"months": 7, "on": "2026-11-22"}


def test_a_products_own_tax_comes_first() -> None:
    table = replace(book(taxes=[("backup", INCLUSIVE_6), (None, rules.Tax("vat", 1300, True))]), prices=ROWS)
    found = rules.offer(table, OF, 12, None, ON)
    assert [each["tax_bp"] for each in found.document["lines"]] == [1300, 600]


@pytest.mark.parametrize(
    ("code", "kept"), [("fair", "FAIR"), ("fai", ""), ("A" * 24, "A" * 24), ("A" * 25, ""), ("fa ir-26", "FAIR26")]
)
def test_the_shortest_and_longest_code(code: str, kept: str) -> None:
    assert rules.normal_code(code) == kept


@pytest.mark.parametrize(
    ("discounts", "taken"),
    [
        ((term_discount(24, 800), early(300)), [Group.TERM, Group.EARLY]),
        ((early(300), term_discount(24, 800), early(301), early(301)), [Group.TERM, Group.EARLY]),
    ],
)
def test_the_best_of_each_group_in_the_groups_order(discounts: Any, taken: list[Group]) -> None:
    found = list(promotions.best(discounts))
    assert [each.group for each in found] == taken
    assert found[-1].basis_points == max(each.basis_points for each in discounts if each.group is Group.EARLY)


@dataclass(frozen=True)
class Quote:
    """A quote as its seal reads it."""

    document: dict[str, Any]
    seal: str = ""
    id: str = "Q-2026-000001"
    contract_id: int = 1
    company_id: int = 2
    contract_rev: int = 3
    months: int = 24
    starts_on_payment: bool = False
    starts_on: date = date(2026, 12, 13)
    ends_on: date = date(2028, 12, 12)
    anchor_on: date = date(2025, 12, 13)
    months_from_anchor: int = 36
    currency: str = "CNY"
    net_minor: int = 1_000
    tax_minor: int = 60
    total_minor: int = 1_060
    book: str = "2026-07"
    quoted_on: date = date(2026, 11, 22)
    valid_until: datetime = datetime(2026, 12, 22, 16, tzinfo=UTC)


DOCUMENT = {
    "lines": [{"product": "insight", "names": {"en": "Insight"}, "total_minor": 1_060}],
    "steps": [{"line": 0, "code": "early_offer", "facts": {"names": {"en": "Early"}, "basis_points": 300}}],
    "tax": {"kind": "vat"},
}
# Quotes of years ago must still show that nobody touched them: this may never change.
DIGEST = "fd3726add2be1d6b689254152437cf14501aef11cc59cbbdce79f13c49f048d6"


def test_the_seal_of_a_known_quote_is_the_same_for_ever() -> None:
    quote = Quote(DOCUMENT)
    assert rules.seal_of(quote) == DIGEST
    assert rules.verify_seal(replace(quote, seal=DIGEST))
    assert not rules.verify_seal(replace(quote, seal=DIGEST, total_minor=1_061))
    renamed = {**DOCUMENT, "lines": [{"product": "insight", "names": {"en": "New"}, "total_minor": 1_060}]}
    assert rules.seal_of(replace(quote, document=renamed)) == DIGEST


@pytest.mark.parametrize(
    ("changes", "until", "held"),
    [
        ({}, datetime(2026, 12, 22, 16, tzinfo=UTC), date(2026, 12, 22)),
        ({"ends_on": date(2026, 11, 1)}, datetime(2026, 12, 1, 16, tzinfo=UTC), date(2026, 12, 1)),
        ({"ends_on": date(2026, 11, 1), "on_payment": True}, datetime(2026, 12, 22, 16, tzinfo=UTC),
         date(2026, 12, 22)),
        ({"early_days": 15}, datetime(2026, 11, 27, 16, tzinfo=UTC), date(2026, 11, 27)),
    ],
)  # fmt: skip
def test_how_long_a_price_is_held(changes: dict[str, Any], until: datetime, held: date) -> None:
    given: dict[str, Any] = {
        "quoted_on": ON, "zone": "Asia/Shanghai", "ends_on": date(2026, 12, 12), "on_payment": False,
    }  # fmt: skip
    found = rules.valid_until(**(given | changes))
    assert found == until
    assert rules.held_until(found, "Asia/Shanghai") == held
