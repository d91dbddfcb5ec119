"""An import keeps what is right, lists what is not, and changes nothing the second time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import Company, CompanyRole, Membership, MemberState, StaffRole
from portal.audit.models import AuditNote
from portal.contracts import actions as contracts
from portal.contracts import imports as importer
from portal.contracts import queries, rules, words
from portal.contracts.imports import ImportResult, ImportUnreadable, world
from portal.contracts.imports import flow as running
from portal.contracts.imports.model import COLUMNS
from portal.contracts.models import Contract, Segment
from portal.contracts.rules import LineSpec
from portal.kit.db import reading, transaction
from tests import factories
from tests.conftest import NOW
from tests.portal.contracts.test_import_cells import GOOD, HEAD, line


@pytest.fixture
def prepared(app: Flask) -> Flask:
    """Products, and Chen Hao of staff."""
    with transaction() as db:
        factories.products(db)
        factories.staff(db, StaffRole.CS, "cs@portal.example")
    return app


def imported(*lines: str, **options: bool) -> ImportResult:
    return importer.run("\n".join([HEAD, *lines]).encode(), by="system", at=NOW, **options)


def whole(number: str = "CT-2023-00417") -> Contract:
    with reading() as db:
        found = queries.by_number(db, number)
    assert found is not None, f"{number} was kept"
    return found


def count(what: type[Contract | Company | AuditNote | Membership]) -> int:
    with reading() as db:
        return db.scalar(select(func.count()).select_from(what)) or 0


def codes(result: ImportResult) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.field, problem.code) for problem in result.refused]


def totals(result: ImportResult) -> tuple[int, int, int, int, int]:
    return result.rows, result.kept, result.created, result.updated, result.unchanged


def test_a_contract_of_two_lines_is_kept_with_company_contact_and_owner(prepared: Flask) -> None:
    result = imported(line(), line(product="backup", seats="5", unit_price="800"))
    assert totals(result) == (2, 2, 1, 0, 0)
    assert (result.refused, result.exit_code) == ([], 0)
    contract = whole()
    (term,) = contract.terms
    assert [(row.product_code, row.seats, row.unit_minor) for row in term.lines] == [
        ("insight", 20, 100_000), ("backup", 5, 80_000),
    ]  # fmt: skip
    assert (contract.segment, contract.language, contract.zone) == (
        Segment.STANDARD,
        "zh_Hans_CN",
        "Asia/Shanghai",
    )
    assert contract.owner is not None
    assert contract.owner.email == "cs@portal.example"
    company = contract.company
    assert (company.name, company.country, company.language) == ("Aurora 极光科技", "CN", "zh_Hans_CN")
    with reading() as db:
        (member,) = db.scalars(select(Membership))
    assert (member.role, member.state, member.invited_at) == (CompanyRole.OWNER, MemberState.PENDING, None)


def test_the_second_run_changes_nothing(prepared: Flask) -> None:
    lines = [line(), line(product="backup"), line(contract_number="CT-2", contact_email="second@aurora.example")]
    imported(*lines)
    before, versions = count(AuditNote), (whole().version, whole("CT-2").version)
    result = imported(*reversed(lines))
    assert totals(result) == (3, 3, 0, 0, 2)
    assert count(AuditNote) == before
    assert (whole().version, whole("CT-2").version) == versions


def test_the_first_contact_owns_and_later_ones_view(prepared: Flask) -> None:
    imported(line(), line(contract_number="CT-2", contact_email="second@aurora.example"))
    result = imported(line(contract_number="CT-3", contact_email="third@aurora.example"), line())
    assert result.kept == 2
    with reading() as db:
        roles = list(db.scalars(select(Membership.role).order_by(Membership.id)))
    assert roles == [CompanyRole.OWNER, CompanyRole.VIEWER, CompanyRole.VIEWER]


def test_a_new_contact_is_a_change_and_who_left_stays_away(prepared: Flask) -> None:
    imported(line())
    assert totals(imported(line(contact_email="second@aurora.example"))) == (1, 1, 0, 1, 0)
    with transaction() as db:
        db.scalars(select(Membership)).first().state = MemberState.LEFT  # type: ignore[union-attr]
    assert imported(line()).unchanged == 1


def test_a_company_that_is_there_is_used(prepared: Flask) -> None:
    with transaction() as db:
        factories.company(db, "Aurora 极光科技")
    imported(line(company="  Aurora 极光科技 ", country=""))
    assert count(Company) == 1


def test_the_country_comes_from_the_zone_or_is_refused(prepared: Flask) -> None:
    result = imported(
        line(country="", time_zone="Asia/Tokyo"),
        line(country="", time_zone="UTC", company="Nowhere", contract_number="CT-2"),
        line(country="DE", time_zone="UTC", company="Elbe", contract_number="CT-3"),
        line(country="", time_zone="UTC", company="Elbe", contract_number="CT-4"),
    )
    assert codes(result) == [(3, "country", "country_needed")]
    assert (whole().company.country, whole("CT-4").company.country) == ("JP", "DE")


def test_rows_that_disagree_are_all_refused(prepared: Flask) -> None:
    result = imported(line(), line(product="backup", ends_on="2026-12-31"), line(contract_number="CT-2"))
    assert codes(result) == [(2, "ends_on", "rows_disagree"), (3, "ends_on", "rows_disagree")]
    assert totals(result) == (3, 1, 1, 0, 0)
    assert result.exit_code == 2


def test_one_bad_row_refuses_its_contract(prepared: Flask) -> None:
    result = imported(line(), line(product="backup", seats="none"), line(contract_number="CT-2"))
    assert codes(result) == [(2, "", "other_row_refused"), (3, "seats", "not_whole")]
    assert result.created == 1


def test_the_same_line_twice_and_too_many_lines(prepared: Flask) -> None:
    twice = imported(line(), line(seats="3"))
    assert {problem.code for problem in twice.refused} == {"line_twice"}
    many = imported(*[line(unit_price=str(price)) for price in range(101)])
    assert {problem.code for problem in many.refused} == {"too_many_lines"}
    assert len(many.refused) == 101


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"product": "unknown"}, "product", "unknown_product"),
        ({"owner_email": "nobody@portal.example"}, "owner_email", "unknown_owner"),
        ({"owner_email": "customer@aurora.example"}, "owner_email", "unknown_owner"),
        ({"owner_email": "gone@portal.example"}, "owner_email", "unknown_owner"),
        ({"contact_email": "cs@portal.example"}, "contact_email", "contact_is_staff"),
        ({"company": "Twins"}, "company", "company_ambiguous"),
        ({"company": "Harbor", "country": "DE"}, "country", "other_country"),
    ],
)
def test_what_the_database_knows_better(prepared: Flask, changes: dict[str, str], field: str, code: str) -> None:
    with transaction() as db:
        factories.person(db, "customer@aurora.example")
        factories.staff(db, StaffRole.SALES, "gone@portal.example", active=False)
        for name in ("Twins", "Twins", "Harbor"):
            factories.company(db, name)
    result = imported(line(**changes), line(contract_number="CT-2", company="Other"))
    assert codes(result) == [(2, field, code)]
    assert result.created == 1


def test_a_company_named_in_two_countries(prepared: Flask) -> None:
    result = imported(line(), line(contract_number="CT-2", country="US"))
    assert codes(result) == [(3, "country", "other_country")]
    trial = imported(line(company="New"), line(company="New", contract_number="CT-2", country="US"), dry_run=True)
    assert (3, "country", "other_country") in codes(trial)


def test_facts_of_a_contract_are_updated_and_empty_cells_keep_them(prepared: Flask) -> None:
    imported(line())
    result = imported(line(segment="strategic", time_zone="Asia/Tokyo", owner_email="", language=""))
    assert totals(result) == (1, 1, 0, 1, 0)
    contract = whole()
    assert (contract.segment, contract.zone, contract.language) == (Segment.STRATEGIC, "Asia/Tokyo", "zh_Hans_CN")
    assert contract.owner_id is not None


def test_dates_and_lines_are_corrected_while_nothing_was_ordered(prepared: Flask) -> None:
    imported(line())
    assert imported(line(ends_on="2026-12-31", seats="25", currency="USD", country="CN")).updated == 1
    contract = whole()
    (term,) = contract.terms
    assert (contract.ends_on, contract.currency, term.lines[0].seats) == (date(2026, 12, 31), "USD", 25)


def test_a_later_term_is_added(prepared: Flask) -> None:
    imported(line())
    assert imported(line(starts_on="2026-12-13", ends_on="2027-12-12")).updated == 1
    contract = whole()
    assert [term.ends_on.year for term in contract.terms] == [2026, 2027]
    assert contract.terms[1].anchor_on == date(2025, 12, 13)
    assert imported(line()).unchanged == 1, "the earlier term is still as the first file says"
    overlapping = imported(line(starts_on="2026-06-01", ends_on="2027-06-01"))
    assert codes(overlapping) == [(2, "starts_on", "term_overlaps")]
    dearer = imported(line(starts_on="2026-12-13", ends_on="2027-12-12", currency="USD"))
    assert codes(dearer) == [(2, "currency", "currency_has_history")]


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


def test_a_renewed_contract_accepts_the_old_file_and_the_new_term(prepared: Flask) -> None:
    imported(line())
    ordered()
    assert imported(line()).unchanged == 1
    assert imported(line(starts_on="2026-12-13", ends_on="2027-12-12")).unchanged == 1
    assert imported(line(segment="small")).updated == 1, "what no price depends on may change"


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


def test_all_or_nothing(prepared: Flask) -> None:
    bad = imported(line(), line(contract_number="CT-2", product="unknown"), all_or_nothing=True)
    assert totals(bad) == (2, 0, 0, 0, 0)
    assert (bad.held_back, bad.exit_code, count(Contract)) == (True, 2, 0)
    good = imported(line(), line(contract_number="CT-2"), all_or_nothing=True)
    assert totals(good) == (2, 2, 2, 0, 0)
    assert not good.held_back
    with pytest.raises(ImportUnreadable):
        imported(*["x"] * 1001, all_or_nothing=True)


def test_all_or_nothing_rolls_back_when_the_world_changed_meanwhile(
    prepared: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trial finds all well; before the writing two companies of one name appear."""
    try_out = running._try_out

    def then_somebody_else(wanted):  # type: ignore[no-untyped-def]
        verdicts = try_out(wanted)
        with transaction() as db:
            for _twin in range(2):
                factories.company(db, "Late")
        return verdicts

    monkeypatch.setattr(running, "_try_out", then_somebody_else)
    result = imported(line(), line(contract_number="CT-2", company="Late"), all_or_nothing=True)
    assert codes(result) == [(3, "company", "company_ambiguous")]
    assert (result.kept, result.held_back, count(Contract)) == (0, True, 0)


def test_when_somebody_creates_the_same_contract_meanwhile_the_chunk_is_decided_again(
    prepared: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = world.load
    turns = []

    def load_too_early(db: Session, wanted, hold):  # type: ignore[no-untyped-def]
        known = load(db, wanted, hold)
        turns.append(1)
        if len(turns) == 1:  # as if another import had committed right after we looked
            known.contracts.clear()
        return known

    imported(line())
    monkeypatch.setattr(world, "load", load_too_early)
    assert imported(line(segment="small")).updated == 1
    assert len(turns) == 2


def test_many_rows_go_in_short_transactions(prepared: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "CHUNK", 20)
    lines = [line(contract_number=f"CT-{n}", company=f"Company {n // 2}", contact_email=f"p{n}@x.example")
             for n in range(100)]  # fmt: skip
    opened = []

    @contextmanager
    def counted() -> Iterator[Session]:
        with transaction() as db:
            opened.append(1)
            yield db

    monkeypatch.setattr(running, "transaction", counted)
    result = imported(*lines)
    assert totals(result) == (100, 100, 100, 0, 0)
    assert count(Company) == 50
    assert len(opened) == 5
    assert imported(*lines).unchanged == 100


def test_the_report_says_it_in_sentences(prepared: Flask) -> None:
    result = importer.run(
        f"{HEAD},Note\n{line(seats='none')},x\n{line(contract_number='CT-2')},x\n".encode(), by="system", at=NOW,
        dry_run=True, all_or_nothing=True,
    )  # fmt: skip
    assert importer.report(result) == [
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
        "second", "product", "email", "company", "country", "ends_on", "row",
    )}  # fmt: skip
    for code in words.ROW_PROBLEMS:
        assert words.row_problem(7, "", code, facts).startswith("Row 7: ")
    for code in words.FILE_PROBLEMS:
        assert "%" not in words.file_problem(ImportUnreadable(code, **facts))


def test_good_is_what_the_columns_say() -> None:
    assert set(GOOD) == set(COLUMNS)
