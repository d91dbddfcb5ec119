"""What an import file may hold: encodings, delimiters, and every kind of cell that makes no sense."""

from __future__ import annotations

from datetime import date

import pytest

from portal.contracts.imports import ImportUnreadable, cells, reader
from portal.contracts.imports.shapes import COLUMNS, MAX_BYTES
from portal.contracts.models import Segment
from tests.portal.contracts.import_scene import GOOD, HEAD, Sheet, line, sheet_of


def read(*lines: str, head: str = HEAD, encoding: str = "utf-8") -> Sheet:
    return sheet_of("\r\n".join([head, *lines]).encode(encoding))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_delimiters(encoding: str, separator: str) -> None:
    sheet = read(line(separator), head=separator.join(COLUMNS), encoding=encoding)
    (row,) = sheet.rows
    assert not sheet.problems
    assert row.row == 2
    assert row.company == "Aurora 极光科技"
    assert (row.seats, row.unit_minor, row.currency) == (20, 100_000, "CNY")
    assert (row.starts_on, row.ends_on) == (date(2025, 12, 13), date(2026, 12, 12))
    assert (row.contact_email, row.owner_email) == ("owner@aurora.example", "cs@portal.example")
    assert (row.segment, row.language, row.country) == (Segment.STANDARD, "zh_Hans_CN", "CN")


def test_names_of_columns_are_read_kindly_and_unknown_ones_told() -> None:
    head = HEAD.replace("contract_number", " Contract Number ").replace("time_zone", "Time-Zone") + ",Note"
    sheet = read(line() + ",anything", head=head)
    assert len(sheet.rows) == 1
    assert sheet.ignored == ["Note"]


def test_columns_in_any_order_and_optional_ones_absent() -> None:
    names = ["ends_on", "starts_on", "time_zone", "currency", "unit_price", "seats", "product", "company",
             "contract_number"]  # fmt: skip
    sheet = read(",".join(GOOD[name] for name in names), head=",".join(names))
    (row,) = sheet.rows
    assert (row.contact_email, row.owner_email, row.segment, row.language, row.country) == (None,) * 5


def test_blank_lines_are_no_rows_but_keep_the_count() -> None:
    sheet = sheet_of(f"\n\n{HEAD}\n\n{line()}\n , ,\n\n{line(contract_number='CT-2')}\n".encode())
    assert [row.row for row in sheet.rows] == [5, 8]
    assert sheet.count == 2


def test_excels_separator_line() -> None:
    sheet = sheet_of(f"sep=;\n{HEAD.replace(',', ';')}\n{line(';')}\n".encode())
    assert [row.row for row in sheet.rows] == [3]


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n\r\n", "empty"),
        (b"PK\x03\x04rest of a workbook", "workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "workbook"),
        (b"\x89PNG\r\n\x1a\n\xff\xff\xff\x00", "not_text"),
        (b"\xff\xfea", "not_text"),
        (b"hello", "missing_columns"),
        (b'"', "unclosed_quotes"),
        (b"CT-1,Aurora,insight,20", "missing_columns"),
        (b"\x00\x00\x00", "not_text"),
        (b"%PDF-1.7\n1 0 obj", "not_text"),
        (HEAD.encode(), "no_rows"),
        (HEAD.encode() + b",seats\n1", "duplicate_columns"),
        (f'{HEAD}\n{line()}\n"CT-3,unclosed\n{line()}'.encode(), "unclosed_quotes"),
        (HEAD.encode() + b"\n" + b"a" * MAX_BYTES, "too_large"),
    ],
)
def test_a_file_that_cannot_be_used_at_all(source: bytes, code: str) -> None:
    with pytest.raises(ImportUnreadable) as refused:
        sheet_of(source)
    assert refused.value.code == code


def test_more_rows_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_ROWS", 3)
    assert sheet_of(HEAD.encode() + b"\nx" * 3).count == 3
    with pytest.raises(ImportUnreadable) as refused:
        sheet_of(HEAD.encode() + b"\nx" * 4)
    assert (refused.value.code, refused.value.facts) == ("too_many_rows", {"limit": 3})


@pytest.mark.parametrize(
    ("field", "cell", "code"),
    [
        ("contract_number", "", "required"),
        ("contract_number", "CT/1", "bad_number"),
        ("contract_number", "../../etc", "bad_number"),
        ("contract_number", "=1+1", "bad_number"),
        ("company", "  ", "required"),
        ("company", "x" * 201, "too_long"),
        ("company", "=HYPERLINK('http://evil')", "formula"),
        ("company", "＝cmd", "formula"),
        ("company", "'＋cmd", "formula"),
        ("company", "@SUM(A1)", "formula"),
        ("company", "Aur\x00ora", "unprintable"),
        ("company", "Aur\nora", "unprintable"),
        ("company", "abc\u202egnp.exe", "unprintable"),
        ("product", "+cmd", "formula"),
        ("seats", "", "required"),
        ("seats", "0", "seats_range"),
        ("seats", "-1", "not_whole"),
        ("seats", "2.5", "not_whole"),
        ("seats", "1e3", "not_whole"),
        ("seats", "２０", "not_whole"),
        ("seats", "1000001", "seats_range"),
        ("seats", "9" * 100, "not_whole"),
        ("unit_price", "free", "not_an_amount"),
        ("unit_price", "-5", "not_an_amount"),
        ("unit_price", "NaN", "not_an_amount"),
        ("unit_price", "Infinity", "not_an_amount"),
        ("unit_price", "1e9", "not_an_amount"),
        ("unit_price", "12,50", "not_an_amount"),
        ("unit_price", "1,250", "not_an_amount"),
        ("unit_price", "1.005", "decimals"),
        ("unit_price", "9" * 60, "not_an_amount"),
        ("unit_price", "9" * 15, "decimals"),
        ("unit_price", "99999999999", "amount_too_large"),
        ("currency", "XXX", "unknown_currency"),
        ("currency", "¥", "unknown_currency"),
        ("time_zone", "Mars/Olympus", "unknown_zone"),
        ("time_zone", "../../../etc/passwd", "unknown_zone"),
        ("time_zone", "localtime", "unknown_zone"),
        ("starts_on", "13.12.2025", "not_a_date"),
        ("starts_on", "2025-02-29", "not_a_date"),
        ("starts_on", "2025-13-01", "not_a_date"),
        ("starts_on", "2025/12-13", "not_a_date"),
        ("starts_on", "20251213", "not_a_date"),
        ("starts_on", "46004", "not_a_date"),
        ("starts_on", "0001-01-01", "date_range"),
        ("ends_on", "9999-12-31", "date_range"),
        ("ends_on", "2025-12-12", "dates_reversed"),
        ("contact_email", "not an address", "bad_email"),
        ("contact_email", "a@b@c", "bad_email"),
        ("owner_email", "@portal.example", "bad_email"),
        ("segment", "huge", "unknown_segment"),
        ("language", "Klingon", "unknown_language"),
        ("country", "China", "unknown_country"),
        ("country", "EU", "unknown_country"),
    ],
)
def test_a_cell_that_makes_no_sense(field: str, cell: str, code: str) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    bad = ",".join(quoted if name == field else GOOD[name] for name in COLUMNS)
    sheet = read(line(contract_number="CT-1"), bad, line(contract_number="CT-3"))
    (problem,) = sheet.problems
    assert (problem.row, problem.field, problem.code) == (3, field, code)
    assert [row.contract_number for row in sheet.rows] == ["CT-1", "CT-3"], "the others are read"


def test_every_problem_of_a_row_is_told() -> None:
    sheet = read(line(seats="x", currency="XXX", time_zone="nowhere", contact_email="no"))
    assert {problem.field for problem in sheet.problems} == {"currency", "time_zone", "contact_email"}


def test_rows_with_wrong_shape() -> None:
    sheet = read('"a"b,c', line() + ",more", "CT-9", line(contract_number="CT-3"))
    codes = {(problem.row, problem.code) for problem in sheet.problems}
    assert {(2, "broken_quotes"), (3, "too_many_cells"), (4, "required")} <= codes
    assert [row.row for row in sheet.rows] == [5]


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1250", "CNY", 125_000),
        ("1250.5", "CNY", 125_050),
        ("1,250.00", "CNY", 125_000),
        ("1250", "JPY", 1250),
        ("1250.00", "JPY", 1250),
        ("1.234", "KWD", 1234),
        ("0", "CNY", 0),
    ],
)
def test_prices_in_major_units(text: str, currency: str, minor: int) -> None:
    sheet = read(line(unit_price=text, currency=currency))
    assert [row.unit_minor for row in sheet.rows] == [minor]


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("Asia/Shanghai", "CN"),
        ("Asia/Calcutta", "IN"),
        ("America/Los_Angeles", "US"),
        ("Asia/Hong_Kong", "HK"),
        ("UTC", None),
        ("Etc/GMT-8", None),
        ("EST", None),
    ],
)
def test_the_country_of_a_zone(zone: str, country: str | None) -> None:
    assert cells.country_of(zone) == country
