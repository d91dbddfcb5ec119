"""Words: what the rail tells, a sentence for every refusal, and the story of a contract."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask

from portal.contracts import errors, words
from portal.contracts.rules import Standing
from portal.kit import i18n
from portal.kit.errors import Refusal
from tests.portal.contracts.test_rules import NEXT, YEAR, Span

D = date.fromisoformat


@pytest.mark.parametrize(
    ("terms", "on", "label", "end_text"),
    [
        ([YEAR], "2026-11-22", "345 of 365 days have passed. The term ends on 12 December 2026.",
         "Ends 12 Dec 2026"),
        ([YEAR], "2025-12-01", "The term begins on 13 December 2025 and ends on 12 December 2026.",
         "Ends 12 Dec 2026"),
        ([YEAR], "2026-12-22", "The term ended on 12 December 2026. Grace lasts until 11 January 2027.",
         "Grace ends 11 Jan 2027"),
        ([YEAR], "2027-01-12", "The term ended on 12 December 2026. Grace ended on 11 January 2027.",
         "Ended 12 Dec 2026"),
        ([YEAR, NEXT], "2026-11-22",
         "This term ends on 12 December 2026. The next one is paid and runs until 12 December 2027.",
         "New end 12 Dec 2027"),
    ],
)  # fmt: skip
def test_the_rail_in_words(app: Flask, terms: list[Span], on: str, label: str, end_text: str) -> None:
    drawn = words.drawn_rail(terms, D(on))
    assert (drawn.label, drawn.start_text, drawn.end_text) == (label, "13 Dec 2025", end_text)
    assert drawn.past + drawn.left + drawn.grace_past + drawn.grace + drawn.new == 400


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["A"], "A"),
        (["A", "B"], "A and B"),
        (["A", "B", "C"], "A and 2 more"),
        (["A", "B", "C", "D"], "A and 3 more"),
    ],
)
def test_a_contract_is_called_by_its_products(app: Flask, names: list[str], expected: str) -> None:
    assert words.called(names) == expected


def test_long_terms_count_their_days_as_people_write_them(app: Flask) -> None:
    drawn = words.drawn_rail([Span(D("2023-11-22"), D("2026-11-21"))], D("2026-11-21"))
    assert drawn.label == "1,096 of 1,096 days have passed. The term ends on 21 November 2026."


def test_chips(app: Flask) -> None:
    assert words.standing_chip(Standing.UPCOMING) == ("quiet", "Running")
    assert words.standing_chip(Standing.UPCOMING, can_renew=True) == ("info", "Offer open")
    assert words.standing_chip(Standing.DUE, can_renew=True) == ("warn", "Due soon")
    for standing in Standing:
        kind, label = words.standing_chip(standing)
        assert kind in {"ok", "info", "warn", "danger", "quiet"}
        assert label


FACTS: dict[str, Any] = {
    "number": "CT-1", "product": "insight", "order": "RNW-2026-000001", "starts_on": D("2026-01-01"),
    "ends_on": D("2026-12-31"),
    "expected": "2027-01-01", "currency": "CNY", "standing": "lapsed",
}  # fmt: skip


@pytest.mark.parametrize(
    "kind", [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, Refusal)]
)
@pytest.mark.parametrize("language", ["en", "zh_Hans_CN"])
def test_every_refusal_has_a_sentence(app: Flask, kind: type[Refusal], language: str) -> None:
    if kind is Refusal:
        return
    with i18n.speaking(language):
        sentence = words.refusal(kind(**FACTS))
    assert sentence
    assert "%(" not in sentence


TERM = {
    "starts_on": "2025-12-13", "ends_on": "2026-12-12", "currency": "CNY",
    "lines": [["insight", 20, 100_000], ["backup", 1, 80_000]],
}  # fmt: skip
TOLD = "13 Dec 2025 to 12 Dec 2026, insight, 20 seats at CN¥1,000.00; backup, 1 seat at CN¥800.00"


@pytest.mark.parametrize(
    ("action", "facts", "text"),
    [
        ("contract.created", {"term": TERM}, TOLD),
        ("contract.extended", {"order": "RNW-1", "after": TERM}, f"Order RNW-1: {TOLD}"),
        ("contract.term_recorded", {"after": TERM}, TOLD),
        ("contract.term_corrected", {"before": TERM, "after": TERM}, f"It was {TOLD}. It is {TOLD}."),
        ("contract.corrected",
         {"before": {"owner_id": None, "zone": "UTC"}, "after": {"owner_id": 7, "zone": "PRC"}},
         "Account manager: from nothing to Chen Hao. Time zone: from UTC to PRC."),
        ("contract.declined", {"reason": "too expensive"}, "too expensive"),
        ("contract.decline_undone", {}, ""),
        ("contract.something_new", {}, ""),
    ],
)  # fmt: skip
def test_the_story(app: Flask, action: str, facts: dict[str, Any], text: str) -> None:
    assert words.story_title(action)
    assert words.story_text(action, facts, {7: "Chen Hao"}) == text
