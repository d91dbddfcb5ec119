"""What each cell of an import file may hold. Pure: text in, values or problems out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from email_validator import EmailNotValidError, validate_email

from payments.money import EXPONENTS, Money
from portal.contracts import rules
from portal.contracts.imports.model import COLUMNS, REQUIRED, LineRow, RowProblem
from portal.contracts.models import Segment
from portal.contracts.rules import LineSpec
from portal.kit import i18n

MAX_TEXT: Final = 200
MAX_NAME: Final = 120
MAX_SEATS: Final = 1_000_000
# Seats × price of one line, in minor units: keeps every later sum within the database's integers.
MAX_LINE_MINOR: Final = 10**14
YEARS: Final = range(2000, 2101)

_DATE = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})", re.ASCII)
_WHOLE = re.compile(r"\d{1,12}", re.ASCII)
# A comma counts as a thousands mark only when a point follows: "1,250" may mean 1.25 elsewhere.
_AMOUNT = re.compile(r"\d{1,15}(\.\d{1,6})?|\d{1,3}(,\d{3}){1,4}\.\d{1,6}", re.ASCII)
_BIDI: Final = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


class Wrong(Exception):
    """A cell that makes no sense: its code and facts."""

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


def parse(row: int, given: Mapping[str, str]) -> tuple[LineRow | None, list[RowProblem]]:
    """The row's values, or every problem that it has."""
    values: dict[str, Any] = {}
    problems: list[RowProblem] = []
    for name in COLUMNS:
        try:
            values[name] = value(name, given.get(name, ""))
        except Wrong as wrong:
            problems.append(RowProblem(row, name, wrong.code, wrong.facts))
    if not problems:
        try:
            return _together(row, values), []
        except Wrong as wrong:
            field = str(wrong.facts.pop("field"))
            problems.append(RowProblem(row, field, wrong.code, wrong.facts))
    return None, problems


def number_in(given: Mapping[str, str]) -> str | None:
    """The contract's number in a row that is refused, if it can be read."""
    try:
        number: str = value("contract_number", given.get("contract_number", ""))
    except Wrong:
        return None
    return number


def value(name: str, cell: str) -> Any:
    """What a cell of the column `name` says; None when it is empty and may be. Raises Wrong."""
    if any(unicodedata.category(char) in {"Cc", "Cs"} or char in _BIDI for char in cell.strip(" \t\r\n")):
        raise Wrong("unprintable")
    text = unicodedata.normalize("NFC", cell).strip()
    if not text:
        if name in REQUIRED:
            raise Wrong("required")
        return None
    if len(text) > MAX_TEXT:
        raise Wrong("too_long", limit=MAX_TEXT)
    if name in {"seats", "unit_price"}:
        return text
    return READERS[name](text)


def _together(row: int, values: dict[str, Any]) -> LineRow:
    """What takes two cells to judge."""
    if values["ends_on"] < values["starts_on"]:
        raise Wrong("dates_reversed", field="ends_on")
    line = line_in(values["product"], values.pop("seats"), values.pop("unit_price"), values["currency"])
    return LineRow(row=row, seats=line.seats, unit_minor=line.unit_minor, **values)


def line_in(product: str, seats: str, price: str, currency: str) -> LineSpec:
    """A line from its texts, the price in major units of `currency`. Raises Wrong, with the field in its facts."""
    line = LineSpec(product, seats_in(seats), price_in(price, currency))
    if line.seats * line.unit_minor > MAX_LINE_MINOR:
        raise Wrong("amount_too_large", field="unit_price")
    return line


def seats_in(text: str) -> int:
    """A number of seats. Raises Wrong."""
    if not _WHOLE.fullmatch(text):
        raise Wrong("not_whole", field="seats", value=text[:40])
    if not 1 <= int(text) <= MAX_SEATS:
        raise Wrong("seats_range", field="seats", limit=MAX_SEATS)
    return int(text)


def price_in(text: str, currency: str) -> int:
    """A price in major units of `currency`, as minor units. Raises Wrong."""
    if not _AMOUNT.fullmatch(text):
        raise Wrong("not_an_amount", field="unit_price", value=text[:40])
    try:
        return Money.parse(text, currency).minor
    except ValueError:
        raise Wrong(
            "decimals", field="unit_price", value=text, currency=currency, decimals=EXPONENTS[currency]
        ) from None


def _number(text: str) -> str:
    if not rules.is_number(text):
        raise Wrong("bad_number")
    return text


def _company(text: str) -> str:
    if len(text) > MAX_NAME:
        raise Wrong("too_long", limit=MAX_NAME)
    return _plain(text)


def _plain(text: str) -> str:
    if text.startswith(_FORMULA):
        raise Wrong("formula")
    return text


def _currency(text: str) -> str:
    if text.upper() not in EXPONENTS:
        raise Wrong("unknown_currency", value=text[:40])
    return text.upper()


@lru_cache(maxsize=1)
def zones() -> dict[str, str]:
    """Every zone by its name in small letters; those that depend on the machine are left out."""
    return {name.lower(): name for name in available_timezones() - {"localtime", "Factory"}}


def _zone(text: str) -> str:
    if text.lower() not in zones():
        raise Wrong("unknown_zone", value=text[:60])
    return zones()[text.lower()]


def _date(text: str) -> date:
    match = _DATE.fullmatch(text)
    if not match:
        raise Wrong("not_a_date", value=text[:40])
    try:
        day = date(int(match[1]), int(match[3]), int(match[4]))
    except ValueError:
        raise Wrong("not_a_date", value=text) from None
    if day.year not in YEARS:
        raise Wrong("date_range", value=text, first=YEARS[0], last=YEARS[-1])
    return day


def _email(text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError:
        raise Wrong("bad_email", value=text[:80]) from None


def _segment(text: str) -> Segment:
    try:
        return Segment(text.lower())
    except ValueError:
        raise Wrong("unknown_segment", value=text[:40], known=", ".join(Segment)) from None


def _language(text: str) -> str:
    language = i18n.find(text)
    if language is None:
        raise Wrong("unknown_language", value=text[:40], known=", ".join(i18n.LANGUAGES))
    return language.code


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    """ISO 3166 codes of all countries."""
    known = (str(code) for code in Locale("en").territories)
    return frozenset(code for code in known if len(code) == 2 and code.isalpha()) - {"ZZ", "EU"}


def _country(text: str) -> str:
    if text.upper() not in countries():
        raise Wrong("unknown_country", value=text[:40])
    return text.upper()


def country_of(zone: str) -> str | None:
    """The country a zone belongs to, as CLDR knows it: Asia/Shanghai → CN. None for UTC, EST and the like, which
    say nothing about a place."""
    if "/" not in zone:
        return None
    canonical = get_global("zone_aliases").get(zone, zone)
    territory: str | None = get_global("zone_territories").get(canonical)
    return territory if territory in countries() else None


READERS: Final[dict[str, Callable[[str], Any]]] = {
    "contract_number": _number, "company": _company, "product": _plain, "currency": _currency, "time_zone": _zone,
    "starts_on": _date, "ends_on": _date, "contact_email": _email, "owner_email": _email, "segment": _segment,
    "language": _language, "country": _country,
}  # fmt: skip
