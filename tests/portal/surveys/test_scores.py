"""What scores come to: the domain guide's worked numbers, and what must hold for all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.surveys import rules
from portal.surveys.rules import Tally

D = Decimal
COUNT = st.integers(0, 5_000)
TALLIES = st.builds(Tally, COUNT, COUNT, COUNT)


def test_fifty_answers() -> None:
    found = rules.nps(Tally(28, 12, 10))
    assert found is not None
    assert (found.value, found.low, found.high, found.few) == (D("36.00"), D("13.99"), D("58.01"), False)


def test_five_hundred_answers_are_surer() -> None:
    found = rules.nps(Tally(280, 120, 100))
    assert found is not None
    assert found.value == D("36.00")
    assert found.high - found.value == found.value - found.low == D("6.96")


def test_five_promoters_are_not_certain() -> None:
    """The plain formula would say 100 ± 0."""
    found = rules.nps(Tally(5, 0, 0))
    assert found is not None
    assert (found.value, found.low.quantize(D("0.1")), found.high, found.few) == (
        D("62.50"), D("17.5"), D("100.00"), True,
    )  # fmt: skip


def test_forty_promoters_are_a_headline_but_not_certain() -> None:
    found = rules.nps(Tally(40, 0, 0))
    assert found is not None
    assert (found.value, found.high, found.few) == (D(100), D(100), False)
    assert found.low < 95


@pytest.mark.parametrize(("total", "few"), [(29, True), (30, False)])
def test_from_thirty_answers_on_there_is_a_headline(total: int, few: bool) -> None:
    found = rules.nps(Tally(total - 2, 1, 1))
    assert found is not None
    assert found.few is few


@pytest.mark.parametrize(
    ("before", "matters"), [((12, 12, 26), True), ((19, 11, 20), True), ((21, 11, 18), False)]
)
def test_two_waves_of_fifty_differ_beyond_31_only(before: tuple[int, int, int], matters: bool) -> None:
    found = rules.change(Tally(28, 12, 10), Tally(*before))
    assert found is not None
    assert abs(found.chance - 31) < 2
    assert found.matters is matters


def test_two_equal_waves_of_fifty() -> None:
    found = rules.change(Tally(28, 12, 10), Tally(28, 12, 10))
    assert found is not None
    assert (found.by, found.chance, found.matters) == (D(0), D("31.12"), False)


def test_few_answers_are_not_compared() -> None:
    assert rules.change(Tally(28, 12, 10), Tally(29, 0, 0)) is None


def test_csat_with_wilson() -> None:
    found = rules.csat({5: 30, 4: 7, 3: 4, 1: 3})
    assert found is not None
    assert (found.value, found.low, found.high) == (D("84.09"), D("70.63"), D("92.07"))


def test_nobody_answered() -> None:
    assert rules.nps(Tally()) is None
    assert rules.csat({}) is None
    assert rules.share(0, 0) is None


def test_tally_of_scores() -> None:
    assert Tally.of({10: 2, 9: 1, 8: 4, 7: 1, 6: 3, 0: 2}) == Tally(3, 5, 5)


def test_share_is_half_up() -> None:
    assert rules.share(1, 8) == 1250
    assert rules.share(2, 3) == 6667


@given(TALLIES.filter(lambda tally: tally.total > 0))
def test_nps_stays_within_its_interval_and_the_interval_within_100(tally: Tally) -> None:
    found = rules.nps(tally)
    assert found is not None
    assert -100 <= found.low <= found.value <= found.high <= 100
    assert found.low < found.high


@given(TALLIES.filter(lambda tally: tally.total > 0))
def test_nps_mirrors(tally: Tally) -> None:
    here, there = rules.nps(tally), rules.nps(Tally(tally.detractors, tally.passives, tally.promoters))
    assert here is not None
    assert there is not None
    assert (here.value, here.low, here.high) == (-there.value, -there.high, -there.low)


@given(st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_for_any_share(case: tuple[int, int]) -> None:
    hits, total = case
    found = rules.wilson(hits, total)
    assert found is not None
    assert 0 <= found.low <= found.value <= found.high <= 100


@given(TALLIES.filter(lambda tally: tally.total >= 30), st.integers(2, 9))
def test_more_answers_of_the_same_kind_are_surer(tally: Tally, times: int) -> None:
    many = Tally(tally.promoters * times, tally.passives * times, tally.detractors * times)
    here, there = rules.nps(tally), rules.nps(many)
    assert here is not None
    assert there is not None
    assert there.high - there.low <= here.high - here.low
