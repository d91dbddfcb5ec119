"""Say what is wrong with an import file or with one of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from portal.kit.errors import Refusal

FILE_PROBLEMS: Final[dict[str, LazyString]] = {
    "empty": _l("The file is empty."),
    "too_large": _l("The file has more than %(limit)s MB. Split it and import the parts one after the other."),
    "workbook": _l("This is a spreadsheet workbook. Save it as CSV (UTF-8) and import that."),
    "not_text": _l("This is no text file in UTF-8 or GBK. Save it as CSV (UTF-8) and import that."),
    "too_many_columns": _l("The file has more than %(limit)s columns. Leave out those that are not needed."),
    "missing_columns": _l("The first row must name the columns; these are missing: %(columns)s."),
    "duplicate_columns": _l("These columns stand there twice: %(columns)s."),
    "mapped_twice": _l("Two headers are mapped to the same column: %(columns)s. Choose one for each."),
    "unknown_target": _l("The mapping names columns that we do not have: %(columns)s. Ours are %(known)s."),
    "map_unreadable": _l(
        "Line %(line)s of the mapping cannot be read. Write “their header = our column” on each line, or JSON."
    ),
    "unclosed_quotes": _l(
        "A quotation mark opens in row %(row)s and never closes, so the rows cannot be told apart."
    ),
    "broke": _l("Something broke on our side while the file was read. What was kept stays kept; run it again."),
    "no_rows": _l("The file has column names but no rows."),
    "too_many_rows": _l(
        "The file has more than %(limit)s rows. Split it and import the parts one after the other."
    ),
    "too_many_at_once": _l(
        "All or nothing works for up to %(limit)s rows. Split the file, or leave the option out."
    ),
    "too_many_changes_at_once": _l(
        "All or nothing can change up to %(limit)s contracts that are there already (new ones do not count). Split"
        " the file, or leave the option out."
    ),
}

ROW_PROBLEMS: Final[dict[str, LazyString]] = {
    "required": _l("A value is missing here."),
    "unprintable": _l("The cell holds a character that cannot be printed, such as a line break or a NUL."),
    "too_long": _l("The text is longer than %(limit)s characters."),
    "formula": _l("The text begins with =, +, - or @, which a spreadsheet would run as a formula."),
    "too_many_cells": _l("There are more cells than the %(columns)s columns that the first row names."),
    "broken_quotes": _l("A quotation mark stands in the wrong place, or a cell is far too long."),
    "bad_number": _l("A contract number has up to 40 letters, digits, dots, dashes or underscores, and begins with"
                     " a letter or digit."),
    "bad_email": _l("“%(value)s” is no e-mail address."),
    "not_whole": _l("“%(value)s” is no whole number."),
    "seats_range": _l("The number must be between 1 and %(limit)s."),
    "not_an_amount": _l("“%(value)s” is no amount such as 1250.00 (a point for decimals, nothing negative; commas"
                        " only as in 1,250.00)."),
    "decimals": _l("“%(value)s” is not possible in %(currency)s, which has %(decimals)s decimals."),
    "amount_too_large": _l("The price times the seats is more than we can charge."),
    "unknown_currency": _l("“%(value)s” is no currency that we handle."),
    "unknown_zone": _l("“%(value)s” is no time zone such as Asia/Shanghai."),
    "not_a_date": _l("“%(value)s” is no date such as 2026-12-12."),
    "date_range": _l("“%(value)s” is not between the years %(first)s and %(last)s."),
    "dates_reversed": _l("The last day comes before the first one."),
    "unknown_segment": _l("“%(value)s” is none of %(known)s."),
    "unknown_language": _l("“%(value)s” is none of %(known)s."),
    "unknown_country": _l("“%(value)s” is no country code such as CN."),
    "country_needed": _l("Name the country: %(zone)s does not tell which country's tax applies."),
    "rows_disagree": _l("The rows of this contract (%(rows)s) differ here; none of them was kept."),
    "other_row_refused": _l("Row %(other)s of the same contract was refused, so none of its rows was kept."),
    "too_many_lines": _l("This contract has more than %(limit)s rows."),
    "line_twice": _l("Rows %(first)s and %(second)s sell the same product at the same price; make them one row."),
    "unknown_product": _l("“%(product)s” is not in the price book."),
    "unknown_owner": _l("%(email)s is not a member of staff who can sign in."),
    "contact_is_staff": _l("%(email)s is a member of staff and cannot be a customer's contact."),
    "company_ambiguous": _l("Several companies have this name; rename one of them first."),
    "other_company": _l("The contract belongs to another company, %(company)s."),
    "other_country": _l("The company is in another country, %(country)s."),
    "has_orders": _l("This cannot change, because the contract has an order here; its last day is %(ends_on)s."),
    "price_kept": _l("It was agreed that the next price starts from this one, so it does not change here."),
    "term_overlaps": _l("The earlier term runs until %(ends_on)s; this one must begin later."),
    "currency_has_history": _l("Earlier terms of this contract are in %(currency)s, so its currency stays."),
}  # fmt: skip


def file_problem(error: Refusal) -> str:
    """Why the file as a whole cannot be used."""
    code: str = getattr(error, "code", "")
    return _filled(FILE_PROBLEMS[code], error.facts)


def cell_problem(code: str, facts: Mapping[str, str | int]) -> str:
    """What is wrong with a cell, or with a field of a form that is read the same way."""
    return _filled(ROW_PROBLEMS[code], facts)


def problem_at(field: str, code: str, facts: Mapping[str, str | int]) -> str:
    """What is wrong in a row, with the column's name where it is one cell."""
    what = cell_problem(code, facts)
    return _("%(field)s: %(problem)s", field=field, problem=what) if field else what


def row_problem(row: int, field: str, code: str, facts: Mapping[str, str | int]) -> str:
    """One line: which row, which column, what is wrong."""
    what = cell_problem(code, facts)
    if not field:
        return _("Row %(row)s: %(problem)s", row=row, problem=what)
    return _("Row %(row)s, %(field)s: %(problem)s", row=row, field=field, problem=what)


def _filled(sentence: LazyString, facts: Mapping[str, object]) -> str:
    text = str(sentence)
    return text % facts if facts else text
