"""Long lists: cursors, pages, and filters read from an address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

import pytest
from flask import Flask
from sqlalchemy.dialects import sqlite

from portal.kit import listing
from portal.kit.listing import Asked, Cursor
from portal.orders.models import Order
from tests.conftest import NOW


class Colour(StrEnum):
    RED = "red"


Place = tuple[datetime, int]


def fetch_from(rows: Sequence[Place]) -> object:
    """A list sorted newest first that answers as the database would."""

    def fetch(cursor: Cursor | None, limit: int) -> Sequence[Place]:
        if cursor is None:
            return rows[:limit]
        at = (cursor.at, cursor.id)
        if cursor.backwards:
            return [row for row in reversed(rows) if row > at][:limit]
        return [row for row in rows if row < at][:limit]

    return fetch


def page_of(rows: Sequence[Place], cursor: Cursor | None) -> listing.Page[Place] | None:
    return listing.page(fetch_from(rows), lambda row: row, cursor, 3)  # type: ignore[arg-type]


ROWS = sorted([(NOW - timedelta(minutes=n // 2), n) for n in range(8)], reverse=True)


def test_the_first_page_leads_only_to_older_ones() -> None:
    page = page_of(ROWS, None)
    assert page is not None
    assert (page.rows, page.newer) == (ROWS[:3], None)
    assert page.older is not None


def test_pages_forth_and_back_show_each_row_once_though_instants_tie() -> None:
    seen: list[Place] = []
    page = page_of(ROWS, None)
    while page is not None:
        seen += page.rows
        last = page
        page = page_of(ROWS, page.older) if page.older else None
    assert seen == ROWS
    assert last.newer is not None
    back = page_of(ROWS, last.newer)
    assert back is not None
    assert back.rows == ROWS[3:6]
    assert back.newer is not None
    assert back.older is not None


def test_going_back_to_the_start_asks_for_the_first_page() -> None:
    second = page_of(ROWS, Cursor(*ROWS[2]))
    assert second is not None
    assert second.newer is not None
    assert page_of(ROWS, second.newer) is None


def test_an_empty_list_leads_nowhere() -> None:
    page = page_of([], None)
    assert page == listing.Page([], None, None)


def test_a_cursor_survives_the_address() -> None:
    cursor = Cursor(NOW.replace(microsecond=7), 42, True)
    assert Cursor.parse(str(cursor), backwards=True) == cursor


@pytest.mark.parametrize("text", ["", "x", "20261122T063000.000000Z-", "20261122T063000.000000Z-4x", "2026-1",
                                  "20261122T063000.000000Z-９", "99991399T000000.000000Z-1",
                                  "20261122T063000.000000Z-" + "9" * 19])  # fmt: skip
def test_a_broken_cursor_is_none(text: str) -> None:
    assert Cursor.parse(text, backwards=False) is None


def test_days_are_counted_in_the_zone() -> None:
    first, before = listing.between(Order.placed_at, date(2026, 11, 22), date(2026, 11, 22), "Asia/Shanghai")
    values = [next(iter(cond.compile(dialect=sqlite.dialect()).params.values())) for cond in (first, before)]
    assert [value.astimezone(UTC) for value in values] == [
        datetime(2026, 11, 21, 16, tzinfo=UTC),
        datetime(2026, 11, 22, 16, tzinfo=UTC),
    ]
    assert listing.between(Order.placed_at, None, None, "Asia/Shanghai") == []


class TestAsked:
    @pytest.fixture(autouse=True)
    def _request(self, app: Flask) -> Iterator[None]:
        with app.test_request_context():
            yield

    def test_known_parts_are_read_without_a_note(self) -> None:
        asked = Asked({"colour": "red", "from": "2026-11-01", "q": "  two   words ", "older": str(Cursor(NOW, 1))})
        asked.only(["colour", "from", "q"])
        assert asked.word("colour", Colour, "Colour") is Colour.RED
        assert asked.day("from", "From") == date(2026, 11, 1)
        assert asked.text("q") == "two words"
        assert asked.cursor() == Cursor(NOW, 1)
        assert asked.notes == []

    def test_empty_parts_ask_for_nothing(self) -> None:
        asked = Asked({"colour": "", "from": " ", "one": ""})
        assert (asked.word("colour", Colour, "C"), asked.day("from", "F"), asked.one_of("one", ["a"], "O")) == (
            None, None, "",
        )  # fmt: skip
        assert asked.cursor() is None
        assert asked.notes == []

    def test_what_is_gone_is_left_out_and_told(self) -> None:
        asked = Asked({"colour": "blue", "from": "yesterday", "to": "0001-01-01", "one": "z", "size": "9",
                       "newer": "nowhere"})  # fmt: skip
        asked.only(["colour", "from", "to", "one"])
        assert asked.word("colour", Colour, "Colour") is None
        assert asked.day("from", "From") is None
        assert asked.day("to", "To") is None
        assert asked.one_of("one", ["a"], "One") == ""
        assert asked.cursor() is None
        for told, note in zip(
            ("size", "blue", "yesterday", "0001-01-01", "z", "first one"), asked.notes, strict=True
        ):
            assert told in note

    @pytest.mark.parametrize(
        "typed", ["RNW-2026-000124", "rnw2026000124", "RNW 2026 000124", "ＲＮＷ－２０２６－０００１２４"]
    )
    def test_an_order_number_is_found_however_it_is_typed(self, typed: str) -> None:
        assert Asked({"q": typed}).search("q") == "RNW-2026-000124"

    def test_other_words_stay(self) -> None:
        assert Asked({"q": "Ａurora 极光"}).search("q") == "Aurora 极光"
