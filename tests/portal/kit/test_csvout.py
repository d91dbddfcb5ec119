"""CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from portal.kit import csvout


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_what_a_spreadsheet_would_run_is_made_text(start: str) -> None:
    assert csvout.safe(f'{start}HYPERLINK("https://evil.example")').startswith(f"'{start}")


def test_other_text_stays_as_it_is() -> None:
    assert csvout.safe("极光科技 = good") == "极光科技 = good"
    assert csvout.safe("") == ""
    assert csvout.safe(None) == ""


def test_negative_numbers_of_ours_stay_numbers() -> None:
    assert csvout.safe(Decimal("-12.50")) == "-12.50"
    assert csvout.safe(-3) == "-3"


def test_a_large_decimal_is_written_in_full() -> None:
    assert csvout.safe(Decimal("1E+9")) == "1000000000"


def test_the_file_opens_as_chinese_and_reads_back_whole() -> None:
    rows: list[list[csvout.Cell]] = [["=1+1", 'a "quoted", comma', Decimal("1.50")], ["two\nlines", None, 7]]
    text = "".join(csvout.stream(["公司", "+x", "n"], rows))
    assert text.startswith("\ufeff公司")
    read = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert read == [
        ["公司", "'+x", "n"],
        ["'=1+1", 'a "quoted", comma', "1.50"],
        ["two\nlines", "", "7"],
    ]


def test_long_files_come_in_pieces() -> None:
    pieces = list(csvout.stream(["n"], ([count] for count in range(csvout.FLUSH_ROWS * 2 + 1))))
    assert len(pieces) == 3
    assert "".join(pieces).count("\r\n") == csvout.FLUSH_ROWS * 2 + 2
