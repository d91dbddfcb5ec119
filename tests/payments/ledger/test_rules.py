"""The tax in money that goes back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from payments.ledger.rules import Sold, tax_of_return
from payments.money import Money


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


def returned(sold: Sold, parts: list[int]) -> list[int]:
    """The tax in each of the parts, one after the other."""
    gone, taxes = Sold(cny(0), cny(0)), []
    for part in parts:
        tax = tax_of_return(sold, gone, cny(part))
        gone = Sold(gone.gross + cny(part), gone.tax + tax)
        taxes.append(tax.minor)
    return taxes


def test_thirds_of_a_hundred() -> None:
    assert returned(Sold(cny(10_000), cny(566)), [3_333, 3_333, 3_334]) == [189, 188, 189]


def test_nothing_was_sold() -> None:
    assert tax_of_return(Sold(cny(0), cny(0)), Sold(cny(0), cny(0)), cny(0)) == cny(0)


@given(st.integers(1, 10**9), st.data())
def test_parts_of_a_whole_refund_carry_the_whole_tax(gross: int, data: st.DataObject) -> None:
    tax = data.draw(st.integers(0, gross))
    cuts = sorted(data.draw(st.lists(st.integers(0, gross), max_size=6)))
    parts = [end - start for start, end in zip([0, *cuts], [*cuts, gross], strict=True)]
    assert sum(returned(Sold(cny(gross), cny(tax)), parts)) == tax
