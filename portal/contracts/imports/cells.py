"""What each cell of an import file may hold. Pure: text in, values or problems out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from email_validator import EmailNotValidError, validate_email

from payments.money import EXPONENTS, Money
from portal.contracts import rules
from portal.contracts.imports.shapes import COLUMNS, REQUIRED, LineRow, RowProblem
from portal.contracts.models import Segment
from portal.contracts.rules import LineSpec
from portal.kit import i18n

MAX_TEXT: Final = 200
MAX_NAME: Final = 120
MAX_SEATS: Final = 1_000_000
# Seats × price of one line, in minor units: keeps every later sum within the database's integers.
MAX_LINE_MINOR: Final = 10**14
YEARS: Final = range(2000, 2101)

_DATE = re.compile(r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})", re.ASCII)
_CHINESE_DATE = re.compile(r"(?P<year>\d{4})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*日")
_WHOLE = re.compile(r"\d{1,12}", re.ASCII)
# A comma counts as a thousands mark only when a point follows: "1,250" may mean 1.25 elsewhere.
_AMOUNT = re.compile(r"\d{1,15}(\.\d{1,6})?|\d{1,3}(,\d{3}){1,4}\.\d{1,6}", re.ASCII)
# Control characters, halves of characters, and marks that turn the direction of writing.
_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_ATOM: Final = re.compile(r"[a-z0-9_+-]+(\.[a-z0-9_+-]+)*", re.ASCII)
_MAX_LOCAL: Final = 64
_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


class Wrong(Exception):
    """A cell that makes no sense: its code and facts."""

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


def parse(row: int, texts: Sequence[str]) -> tuple[LineRow | None, list[RowProblem]]:
    """The row's values, or every problem that it has. `texts` are its cells in the order of COLUMNS."""
    try:
        values = [read(text) for read, text in zip(_READ, texts, strict=True)]
        return _together(row, values), []
    except Wrong:
        return None, _problems(row, texts)


def _problems(row: int, texts: Sequence[str]) -> list[RowProblem]:
    """What is wrong with each cell; only when all make sense, what is wrong with them together."""
    values: list[Any] = []
    problems: list[RowProblem] = []
    for name, text in zip(COLUMNS, texts, strict=True):
        try:
            values.append(value(name, text))
        except Wrong as wrong:
            problems.append(RowProblem(row, name, wrong.code, wrong.facts))
    if not problems:
        try:
            _together(row, values)
        except Wrong as wrong:
            facts = dict(wrong.facts)
            problems.append(RowProblem(row, str(facts.pop("field")), wrong.code, facts))
    return problems


def number_in(text: str) -> str | None:
    """The contract's number in a row that is refused, if it can be read."""
    try:
        number: str = value("contract_number", text)
    except Wrong:
        return None
    return number


def value(name: str, cell: str) -> Any:
    """What a cell of the column `name` says; None when it is empty and may be. Raises Wrong."""
    if _UNPRINTABLE.search(cell.strip(" \t\r\n")):
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


def _together(row: int, values: Sequence[Any]) -> LineRow:
    """What takes two cells to judge."""
    number, company, product, seats, price, currency, zone, starts_on, ends_on, *rest = values
    if ends_on < starts_on:
        raise Wrong("dates_reversed", field="ends_on")
    count, unit = _amounts(seats, price, currency)
    return LineRow(row, number, company, product, count, unit, currency, zone, starts_on, ends_on, *rest)


@lru_cache(maxsize=10_000)
def _amounts(seats: str, price: str, currency: str) -> tuple[int, int]:
    line = line_in("", seats, price, currency)
    return line.seats, line.unit_minor


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
    # With the apostrophe that our file of refused rows sets before it, it is the same cell come back unmended.
    if text.removeprefix("'").startswith(_FORMULA):
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
    match = _DATE.fullmatch(text) or _CHINESE_DATE.fullmatch(text)
    if not match:
        raise Wrong("not_a_date", value=text[:40])
    try:
        day = date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        raise Wrong("not_a_date", value=text) from None
    if day.year not in YEARS:
        raise Wrong("date_range", value=text, first=YEARS[0], last=YEARS[-1])
    return day


def _email(text: str) -> str:
    local, _at, domain = text.lower().rpartition("@")
    try:
        # The library reads 15,000 addresses a second; for a plain one only its domain is worth that.
        if len(local) <= _MAX_LOCAL and _ATOM.fullmatch(local):
            return f"{local}@{_domain(domain)}"
    except EmailNotValidError:
        pass  # the whole address may still be good: it is shorter than the longest of its domain
    try:
        return _whole_email(text)
    except EmailNotValidError:
        raise Wrong("bad_email", value=text[:80]) from None


def _whole_email(text: str) -> str:
    return validate_email(text, check_deliverability=False, test_environment=True).normalized.lower()


@lru_cache(maxsize=10_000)
def _domain(domain: str) -> str:
    """The domain as it is kept. One local part stands for all: the longest that may be, for the sum of both."""
    return _whole_email(f"{'x' * _MAX_LOCAL}@{domain}").rpartition("@")[2]


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


@lru_cache(maxsize=1_000)
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


def _reading(name: str) -> Callable[[str], Any]:
    """`value` for one column, which remembers what it has seen: most cells repeat."""

    @lru_cache(maxsize=5_000)
    def read(text: str) -> Any:
        return value(name, text)

    return read


_READ: Final = [_reading(name) for name in COLUMNS]
