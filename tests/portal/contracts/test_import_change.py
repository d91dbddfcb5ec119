"""An import over contracts that are there already, and one that keeps nothing or goes in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.accounts.models import Company
from portal.audit.models import AuditNote
from portal.contracts import actions as contracts
from portal.contracts import imports as importer
from portal.contracts import queries, rules, words
from portal.contracts.imports import ImportUnreadable, flow, pieces, trial, world
from portal.contracts.imports.shapes import COLUMNS
from portal.contracts.models import Contract
from portal.contracts.rules import LineSpec
from portal.kit.db import transaction
from portal.pricing import actions as pricing
from portal.pricing.rules import Method, RenewalRow
from tests import factories
from tests.conftest import NOW
from tests.portal.contracts.import_scene import GOOD, HEAD, codes, count, imported, line, totals, whole, written


def ordered(number: str = "CT-2023-00417") -> None:
    with transaction() as db:
        held = queries.lock(db, whole(number).id)
        plan = rules.next_term(held.terms[-1], 12, NOW.date())
        contracts.extend(db, held, plan, [LineSpec("insight", 20, 100_000)], "RNW-1", "person:1", NOW)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_on": "2026-12-31"}, "ends_on"),
        ({"starts_on": "2025-12-01"}, "starts_on"),
        ({"seats": "99"}, "seats"),
        ({"currency": "USD"}, "currency"),
    ],
)
def test_what_was_sold_does_not_change(prepared: Flask, changes: dict[str, str], field: str) -> None:
    imported(line())
    ordered()
    result = imported(line(**changes))
    expected = "ends_on" if field == "starts_on" else field
    assert codes(result) == [(2, expected, "has_orders")]
    assert whole().ends_on == date(2027, 12, 12)


def test_a_price_that_is_kept_does_not_change_unseen(prepared: Flask) -> None:
    imported(line())
    with transaction() as db:
        held = queries.lock(db, whole().id)
        pricing.agree_renewal(db, held, RenewalRow(None, Method.SAME), "person:1", NOW)
    assert codes(imported(line(unit_price="1.00"))) == [(2, "unit_price", "price_kept")]
    assert imported(line(seats="21")).tally.updated == 1
    assert (
        imported(line(seats="21", starts_on="2026-12-13", ends_on="2027-12-12", unit_price="900.00")).exit_code
        == 0
    )


def test_a_renewed_contract_accepts_the_old_file_and_the_new_term(prepared: Flask) -> None:
    imported(line())
    ordered()
    assert imported(line()).tally.unchanged == 1
    assert imported(line(starts_on="2026-12-13", ends_on="2027-12-12")).tally.unchanged == 1
    assert imported(line(segment="small")).tally.updated == 1, "what no price depends on may change"


def test_another_company_does_not_take_a_contract_over(prepared: Flask) -> None:
    imported(line())
    assert codes(imported(line(company="Harbor"))) == [(2, "company", "other_company")]
    assert count(Company) == 1


def test_a_dry_run_tells_and_changes_nothing(prepared: Flask) -> None:
    lines = [line(), line(contract_number="CT-2", seats="0"), line(contract_number="CT-3")]
    trial = imported(*lines, dry_run=True)
    assert (count(Contract), count(Company), count(AuditNote)) == (0, 0, 0)
    real = imported(*lines)
    assert totals(trial) == totals(real) == (3, 2, 2, 0, 0)
    assert codes(trial) == codes(real)


def test_all_or_nothing(prepared: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = imported(line(), line(contract_number="CT-2", product="unknown"), all_or_nothing=True)
    assert totals(bad) == (2, 0, 0, 0, 0)
    assert (bad.held_back, bad.exit_code, count(Contract)) == (True, 2, 0)
    good = imported(line(), line(contract_number="CT-2"), all_or_nothing=True)
    assert totals(good) == (2, 2, 2, 0, 0)
    assert not good.held_back
    monkeypatch.setattr(flow, "MAX_ROWS_AT_ONCE", {"sqlite": 2, "postgresql": 2})
    with pytest.raises(ImportUnreadable, match="limit"):
        imported("x", "x", "x", all_or_nothing=True)


def test_all_or_nothing_rolls_back_when_the_world_changed_meanwhile(
    prepared: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trial finds all well; before the writing two companies of one name appear."""
    try_out = trial.try_out
    turns = []

    def then_somebody_else(*given: Any) -> Any:
        plan = try_out(*given)
        turns.append(1)
        if len(turns) == 1:
            with transaction() as db:
                for _twin in range(2):
                    factories.company(db, "Late")
        return plan

    monkeypatch.setattr(trial, "try_out", then_somebody_else)
    result = imported(line(), line(contract_number="CT-2", company="Late"), all_or_nothing=True)
    assert codes(result) == [(3, "company", "company_ambiguous")]
    assert (result.tally.kept, result.held_back, count(Contract), len(turns)) == (0, True, 0, 2)


def test_when_somebody_creates_the_same_contract_meanwhile_the_chunk_is_decided_again(
    prepared: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = world.load
    turns = []

    def load_too_early(db: Session, wanted, hold, world=None):  # type: ignore[no-untyped-def]
        known = load(db, wanted, hold, world)
        turns.append(1)
        if len(turns) == 1:  # as if another import had committed right after we looked
            known.contracts.clear()
        return known

    imported(line())
    looked_at = pieces._looked_at
    early: list[Any] = [lambda wanted: (wanted, [None] * len(wanted)), looked_at]
    monkeypatch.setattr(pieces, "_looked_at", lambda wanted: early.pop(0)(wanted))  # noqa: PLW0108
    monkeypatch.setattr(world, "load", load_too_early)
    assert imported(line(segment="small")).tally.updated == 1
    assert len(turns) == 3


def test_many_rows_go_in_short_transactions(prepared: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE", 20)
    lines = [line(contract_number=f"CT-{n}", company=f"Company {n // 2}", contact_email=f"p{n}@x.example")
             for n in range(100)]  # fmt: skip
    opened = []

    @contextmanager
    def counted() -> Iterator[Session]:
        with transaction() as db:
            opened.append(1)
            yield db

    monkeypatch.setattr(pieces, "transaction", counted)
    result = imported(*lines)
    assert totals(result) == (100, 100, 100, 0, 0)
    assert count(Company) == 50
    assert len(opened) == 5
    assert imported(*lines).tally.unchanged == 100


def test_the_report_says_it_in_sentences(prepared: Flask) -> None:
    with written(f"{HEAD},Note\n{line(seats='none')},x\n{line(contract_number='CT-2')},x\n".encode()) as file:
        result = importer.run(file, by="system", at=NOW, dry_run=True, all_or_nothing=True)
    assert list(importer.report(result)) == [
        "Row 2, seats: “none” is no whole number.",
        "We do not know these columns and left them out: Note.",
        "This was a trial run: nothing was changed. A real run would do this:",
        "Nothing was kept, since all or nothing was asked for and some rows were refused.",
        "0 of 2 rows kept, 1 refused.",
        "Contracts: 0 created, 0 updated, 0 unchanged.",
    ]


def test_every_problem_has_a_sentence(app: Flask) -> None:
    facts = {name: name for name in (
        "value", "limit", "columns", "currency", "decimals", "first", "last", "known", "zone", "rows", "other",
        "second", "product", "email", "company", "country", "ends_on", "row", "line",
    )}  # fmt: skip
    for code in words.ROW_PROBLEMS:
        assert words.row_problem(7, "", code, facts).startswith("Row 7: ")
    for code in words.FILE_PROBLEMS:
        assert "%" not in words.file_problem(ImportUnreadable(code, **facts))


def test_good_is_what_the_columns_say() -> None:
    assert set(GOOD) == set(COLUMNS)
