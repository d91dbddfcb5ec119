"""What a fapiao is decided by."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from portal.documents.fapiao.rules import tax_in


def test_parts_of_an_order_have_the_tax_of_the_order() -> None:
    """33.33 + 33.33 + 33.34 of 100.00 with 6 % in it: 1.89, 1.88, 1.89 (domain guide, section 2)."""
    parts = (3_333, 3_333, 3_334)
    since = [sum(parts[:place]) for place in range(3)]
    assert [tax_in(566, 10_000, before, part) for before, part in zip(since, parts, strict=True)] == [
        189,
        188,
        189,
    ]


@given(tax=st.integers(0, 10**9), more=st.integers(0, 10**9), cut=st.integers(0, 10**9))
def test_no_part_loses_a_unit(tax: int, more: int, cut: int) -> None:
    total = tax + more + 1
    cut = min(cut, total)
    assert tax_in(tax, total, 0, cut) + tax_in(tax, total, cut, total - cut) == tax
