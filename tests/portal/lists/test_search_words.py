"""Numbers are found however people spell them."""

from __future__ import annotations

import pytest

from portal.kit.search import spellings


@pytest.mark.parametrize(
    ("typed", "prefixes", "kept"),
    [
        ("ct 2022 02042", (), "CT-2022-02042"),
        ("CT202202042", (), "CT-2022-02042"),
        ("ｃｔ－２０２２－０２０４２", (), "CT-2022-02042"),
        ("2026-000043", ("RNW",), "RNW-2026-000043"),
        ("R2026000022", ("R",), "R-2026-000022"),
        ("r 2026 000022", ("R",), "R-2026-000022"),
        ("CT/2022/02042", (), "CT-2022-02042"),
        ("HF.7/a", (), "HF.7/a"),
    ],
)
def test_a_number_is_found_in_every_spelling(typed: str, prefixes: tuple[str, ...], kept: str) -> None:
    assert kept in spellings(typed, *prefixes)


def test_nothing_typed_is_nothing_looked_for() -> None:
    assert spellings(" - ") == ["-"]
