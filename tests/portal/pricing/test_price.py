"""The arithmetic, by the domain guide's worked numbers and by what must hold for every price."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.money import Money, grain
from portal.pricing import rules
from portal.pricing.errors import SeatsMissing, SeatsOutOfRange
from tests.portal.pricing.make import INCLUSIVE_6, NO_TAX, line, priced


def test_twenty_seats_two_years_less_eight_per_cent() -> None:
    price = priced(line(105_000, seats=20, tax=INCLUSIVE_6), months=24, discount=800)
    assert [(step.code, step.change_minor, step.result_minor) for step in price.steps] == [
        ("list_price", 0, 105_000),
        ("seats", 0, 4_200_000),
        ("term_discount", -336_000, 3_864_000),
    ]
    assert price.total == Money(3_864_000, "CNY")


def test_discounts_multiply_in_their_order_each_rounded() -> None:
    """42,000 → 38,640 → 37,480.80: −8 % for the term, then −3 % for coming early (domain guide, section 2)."""
    price = priced(line(105_000, seats=20, tax=INCLUSIVE_6), months=24, discount=800, early_bp=300)
    assert [(step.code, step.change_minor, step.result_minor) for step in price.steps[2:]] == [
        ("term_discount", -336_000, 3_864_000),
        ("early_offer", -115_920, 3_748_080),
    ]


@pytest.mark.parametrize(
    ("amount", "rate", "inclusive", "net", "tax", "total"),
    [
        (3_698_080, 600, True, 3_488_755, 209_325, 3_698_080),
        (3_333, 600, True, 3_144, 189, 3_333),
        (1_750, 700, False, 1_750, 123, 1_873),  # half-even would make it 1.22
        (1_060, 600, True, 1_000, 60, 1_060),
        (100_000, 600, False, 100_000, 6_000, 106_000),
        (100_000, 0, True, 100_000, 0, 100_000),
        (100_000, 0, False, 100_000, 0, 100_000),
        (50, 10_000, True, 25, 25, 50),
        (1, 10_000, True, 1, 0, 1),  # half a unit of net rounds up, so none is left for tax
    ],
)
def test_tax_of_a_line(amount: int, rate: int, inclusive: bool, net: int, tax: int, total: int) -> None:
    price = priced(line(amount, tax=rules.Tax("vat", rate, inclusive)))
    assert (price.net.minor, price.tax.minor, price.total.minor) == (net, tax, total)


def test_tax_is_rounded_for_each_line_and_never_on_the_total() -> None:
    three = priced(*[line(3_333, tax=INCLUSIVE_6)] * 3)
    assert [each.tax_minor for each in three.lines] == [189, 189, 189]
    assert three.tax.minor == 567
    assert priced(line(9_999, tax=INCLUSIVE_6)).tax.minor == 566  # what one rounding of the whole would give


@pytest.mark.parametrize(
    ("amount", "numerator", "denominator", "expected"),
    [
        (2_675, 1, 10, 268),  # Python's round(267.5 / 100, 2) of floats gives 2.67
        (1_005, 1, 10, 101),
        (1_245, 1, 10, 125),  # half-even: 124
        (10_449_999, 1, 100, 104_500),
        (3_333, 10_000, 10_600, 3_144),
        (0, 7, 3, 0),
        (10**17 + 1, 1, 2, 5 * 10**16 + 1),  # a float has lost the one by now
    ],
)
def test_half_up(amount: int, numerator: int, denominator: int, expected: int) -> None:
    assert rules.portion(amount, numerator, denominator) == expected


def test_exclusive_tax_is_a_step_and_inclusive_is_none() -> None:
    added = priced(line(100_000, tax=rules.Tax("vat", 1900, False)))
    assert added.steps[-1] == rules.Step(0, "tax", {"kind": "vat", "basis_points": 1900}, 19_000, 119_000)
    assert [step.code for step in priced(line(100_000, tax=INCLUSIVE_6)).steps] == ["list_price", "seats"]


@pytest.mark.parametrize(
    ("total", "seats", "months", "expected"),
    [(3_698_080, 20, 24, 92_452), (5_327_680, 20, 36, 88_795), (1_987_000, 20, 12, 99_350), (5, 2, 12, 3)],
)
def test_per_seat_and_year(total: int, seats: int, months: int, expected: int) -> None:
    assert rules.per_seat_year(Money(total, "CNY"), seats, months) == Money(expected, "CNY")


def test_difference_is_new_less_old() -> None:
    assert rules.difference(Money(200, "USD"), Money(150, "USD")) == Money(-50, "USD")


@pytest.mark.parametrize("seats", [[1], [1_000_000]])
def test_seats_in_range(seats: list[int]) -> None:
    rules.check_seats(seats, 1)


@pytest.mark.parametrize("wrong", [0, -1, 1_000_001])
def test_seats_out_of_range_name_their_line(wrong: int) -> None:
    with pytest.raises(SeatsOutOfRange) as refused:
        rules.check_seats([5, wrong], 2)
    assert refused.value.facts == {"line": 1, "seats": wrong, "least": 1, "most": 1_000_000}


@pytest.mark.parametrize("seats", [[], [1, 2]])
def test_one_seat_count_for_each_line(seats: list[int]) -> None:
    with pytest.raises(SeatsMissing):
        rules.check_seats(seats, 1)


def test_the_document_holds_codes_facts_and_names() -> None:
    price = priced(line(105_000, 20, INCLUSIVE_6, last_unit=100_000, last_seats=18), months=24, discount=800)
    document = rules.document(price, [{"en": "Insight", "zh_Hans_CN": "洞察"}])
    assert document["lines"] == [
        {
            "product": "insight", "names": {"en": "Insight", "zh_Hans_CN": "洞察"}, "seats": 20,
            "unit_minor": 105_000, "paid_unit_minor": 96_600, "net_minor": 3_645_283, "tax_minor": 218_717,
            "total_minor": 3_864_000, "tax_bp": 600, "last_seats": 18, "last_unit_minor": 100_000,
        }
    ]  # fmt: skip
    assert document["tax"] == {"kind": "vat", "basis_points": 600, "inclusive": True}
    assert document["steps"][1] == {
        "line": 0, "code": "seats", "facts": {"seats": 20, "months": 24, "last_seats": 18}, "change_minor": 0,
        "result_minor": 4_200_000,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("taxes", "told"),
    [
        ([NO_TAX], {"kind": "none", "basis_points": 0, "inclusive": False}),
        ([INCLUSIVE_6, rules.Tax("vat", 1300, True)], {"kind": "vat", "basis_points": None, "inclusive": True}),
        (
            [rules.Tax("vat", 600, False), rules.Tax("gst", 600, False)],
            {"kind": "tax", "basis_points": 600, "inclusive": False},
        ),
        (
            [rules.Tax("none", 0, False), rules.Tax("gst", 600, False)],
            {"kind": "gst", "basis_points": None, "inclusive": False},
        ),
    ],
)
def test_the_document_tells_the_common_tax(taxes: list[rules.Tax], told: dict[str, object]) -> None:
    price = priced(*[line(1000, tax=tax) for tax in taxes])
    assert rules.document(price, [{}] * len(taxes))["tax"] == told


def test_book_names_every_version_used() -> None:
    older = replace(line(1000), base=rules.Base(rules.BaseKind.SEGMENT, 1000, "2025-01", "2025-01-01"))
    assert priced(older, line(1000)).book == "2025-01, 2026-07"


def discounts(group: rules.Group) -> st.SearchStrategy[rules.Discount]:
    return st.builds(
        rules.Discount,
        group=st.just(group),
        code=st.just(f"{group}_discount"),
        basis_points=st.integers(0, 10_000),
        facts=st.just({}),
        promotion=st.none() | st.integers(1, 9),
    )


facts = st.builds(
    rules.PriceFacts,
    currency=st.sampled_from(["CNY", "USD", "JPY", "KWD"]),
    months=st.sampled_from([1, 12, 18, 24, 36]),
    lines=st.lists(
        st.builds(
            rules.LineFacts,
            product_code=st.sampled_from(["insight", "backup"]),
            seats=st.integers(1, rules.MOST_SEATS),
            base=st.builds(
                rules.Base,
                kind=st.sampled_from(rules.BaseKind),
                unit_minor=st.integers(1, rules.MOST_UNIT_MINOR),
                book=st.just("2026-07"),
                valid_from=st.just("2026-07-01"),
            ),
            tax=st.builds(rules.Tax, st.sampled_from(["vat", "none"]), st.integers(0, 10_000), st.booleans()),
            last_unit_minor=st.integers(0, 10**9),
            last_seats=st.integers(1, 1000),
            discounts=st.tuples(*[discounts(group) for group in rules.Group]),
        ),
        min_size=1,
        max_size=8,
    ).map(tuple),
    term_book=st.just("2026-07"),
)


@given(facts)
def test_totals_are_sums_of_lines_and_nothing_is_negative(given_facts: rules.PriceFacts) -> None:
    price = rules.price(given_facts)
    assert price.total.minor == sum(each.total_minor for each in price.lines)
    assert price.net + price.tax == price.total
    for each in price.lines:
        assert min(each.net_minor, each.tax_minor, each.total_minor, each.paid_unit_minor) >= 0
        assert each.net_minor + each.tax_minor == each.total_minor < 2**63
        assert each.total_minor % grain(given_facts.currency) == 0  # else the provider would refuse to charge it


@given(facts)
def test_steps_chain_to_each_lines_total(given_facts: rules.PriceFacts) -> None:
    price = rules.price(given_facts)
    for i, each in enumerate(price.lines):
        steps = [step for step in price.steps if step.line == i]
        assert [step.code for step in steps[:2]] == [f"{each.facts.base.kind}_price", "seats"]
        for before, step in pairwise(steps[1:]):
            assert step.result_minor == before.result_minor + step.change_minor
        assert steps[-1].result_minor == each.total_minor


@given(facts)
def test_same_facts_same_price(given_facts: rules.PriceFacts) -> None:
    assert rules.price(given_facts) == rules.price(given_facts)


@given(facts, st.integers(0, 10_000))
def test_a_larger_discount_never_costs_more(given_facts: rules.PriceFacts, more: int) -> None:
    lines = tuple(
        replace(
            each,
            discounts=tuple(
                replace(one, basis_points=max(one.basis_points, more)) for one in each.discounts
            ),
        )
        for each in given_facts.lines
    )  # fmt: skip
    larger = replace(given_facts, lines=lines)
    assert rules.price(larger).total <= rules.price(given_facts).total
