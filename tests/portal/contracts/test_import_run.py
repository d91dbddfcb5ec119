"""An import keeps what is right, lists what is not, and changes nothing the second time."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts.models import Company, CompanyRole, Membership, MemberState, StaffRole
from portal.audit.models import AuditNote
from portal.contracts.models import Segment
from portal.kit.db import reading, transaction
from tests import factories
from tests.portal.contracts.import_scene import codes, count, imported, line, totals, whole


def test_a_contract_of_two_lines_is_kept_with_company_contact_and_owner(prepared: Flask) -> None:
    result = imported(line(), line(product="backup", seats="5", unit_price="800"))
    assert totals(result) == (2, 2, 1, 0, 0)
    assert (list(result.refused), result.exit_code) == ([], 0)
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
    assert result.tally.kept == 2
    with reading() as db:
        roles = list(db.scalars(select(Membership.role).order_by(Membership.id)))
    assert roles == [CompanyRole.OWNER, CompanyRole.VIEWER, CompanyRole.VIEWER]


def test_a_new_contact_is_a_change_and_who_left_stays_away(prepared: Flask) -> None:
    imported(line())
    assert totals(imported(line(contact_email="second@aurora.example"))) == (1, 1, 0, 1, 0)
    with transaction() as db:
        db.scalars(select(Membership)).first().state = MemberState.LEFT  # type: ignore[union-attr]
    assert imported(line()).tally.unchanged == 1


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
    assert result.tally.created == 1


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
    assert result.tally.created == 1


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
    assert imported(line(ends_on="2026-12-31", seats="25", currency="USD", country="CN")).tally.updated == 1
    contract = whole()
    (term,) = contract.terms
    assert (contract.ends_on, contract.currency, term.lines[0].seats) == (date(2026, 12, 31), "USD", 25)


def test_a_later_term_is_added(prepared: Flask) -> None:
    imported(line())
    assert imported(line(starts_on="2026-12-13", ends_on="2027-12-12")).tally.updated == 1
    contract = whole()
    assert [term.ends_on.year for term in contract.terms] == [2026, 2027]
    assert contract.terms[1].anchor_on == date(2025, 12, 13)
    assert imported(line()).tally.unchanged == 1, "the earlier term is still as the first file says"
    overlapping = imported(line(starts_on="2026-06-01", ends_on="2027-06-01"))
    assert codes(overlapping) == [(2, "starts_on", "term_overlaps")]
    dearer = imported(line(starts_on="2026-12-13", ends_on="2027-12-12", currency="USD"))
    assert codes(dearer) == [(2, "currency", "currency_has_history")]
