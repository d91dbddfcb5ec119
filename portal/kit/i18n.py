"""Language: which one a reader gets, and how dates, money and numbers look in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, get_month_names, get_timezone_name
from babel.numbers import format_currency, format_decimal, format_percent
from flask import Flask, has_request_context, request, session
from flask_babel import Babel, force_locale, get_locale
from markupsafe import Markup, escape

from payments.money import Money, exponent
from portal.kit import guard
from portal.kit.settings import ROOT


@dataclass(frozen=True)
class Language:
    """One of the portal's languages: our code, the code for HTML, its own name."""

    code: str
    lang: str
    own_name: str


ENGLISH: Final = Language("en", "en", "English")
CHINESE: Final = Language("zh_Hans_CN", "zh-Hans", "中文")
LANGUAGES: Final = {language.code: language for language in (ENGLISH, CHINESE)}
# A run begins with a Chinese character; Chinese and full-width signs may stand in it.
_HAN: Final = re.compile(
    r"([\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
    r"[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff01-\uff65\U00020000-\U0003ffff]*)"
)
_KANA: Final = re.compile(r"[\u3041-\u30ff]")
_ALIASES: Final = {"zh": CHINESE, "zh-cn": CHINESE, "zh-hans": CHINESE, "zh-hans-cn": CHINESE, "en": ENGLISH}


def find(code: str | None) -> Language | None:
    """The language for a code in any of its spellings; None when we don't speak it."""
    if not code:
        return None
    folded = code.replace("_", "-").lower()
    return _ALIASES.get(folded) or (ENGLISH if folded.startswith("en-") else None)


def init_app(app: Flask) -> None:
    Babel(  # type: ignore[no-untyped-call]
        app,
        locale_selector=lambda: chosen().code,
        default_translation_directories=str(ROOT / "translations"),
    )


def chosen() -> Language:
    """This request's language: the person's, else the one chosen on this device, else the browser's."""
    if not has_request_context():
        return ENGLISH
    actor = guard.current()
    kept = find(actor.language if actor else None) or find(session.get("language"))
    if kept:
        return kept
    for code, _quality in request.accept_languages:
        if spoken := find(code):
            return spoken
    return ENGLISH


def chosen_or(code: str | None) -> str:
    """The language that was chosen here (by who is signed in, or on this device), else `code`: a page that a mail
    opens speaks as the mail did."""
    actor = guard.current()
    known = find(actor.language if actor else None) or find(session.get("language")) or find(code)
    return (known or chosen()).code


def speaking_now() -> Language:
    """The language in force, forced ones (mails) included."""
    return find(str(get_locale() or "en")) or ENGLISH


@contextmanager
def speaking(code: str | None) -> Iterator[None]:
    """Speak another language for a while: mails are written in the reader's."""
    with force_locale((find(code) or ENGLISH).code):
        yield


def named(names: Mapping[str, str], code: str | None = None) -> str:
    """A name that people typed, in the wanted language or else in the one there is."""
    wanted = code or speaking_now().code
    return names.get(wanted) or names.get("en") or next(iter(names.values()), "")


def foreign(value: object) -> str:
    """A name for a page: on one that is not Chinese, its Chinese parts are marked for screen readers and fonts.
    Japanese is left alone, though it shares the characters; so is what is HTML already."""
    if value is None or isinstance(value, Markup):
        return value or ""
    text = str(value)
    if not _HAN.search(text) or _KANA.search(text) or speaking_now() is CHINESE:
        return text
    span = Markup('<span lang="{}">{}</span>')
    parts = _HAN.split(text)  # every second one is Chinese
    return Markup().join(span.format(CHINESE.lang, part) if i % 2 else part for i, part in enumerate(parts))


def sentences(*parts: object) -> Markup:
    """Sentences one after the other: with a space between them, but not in Chinese, where "。" holds it."""
    told = [escape(part) for part in parts if part]
    return escape("" if speaking_now() is CHINESE else " ").join(told)


def money(value: Money) -> str:
    """An amount with its currency: "CN¥36,980.80" in English, "¥36,980.80" in Chinese."""
    return _money(value.minor, value.currency, speaking_now().code)


@lru_cache(maxsize=4096)
def _money(minor: int, currency: str, code: str) -> str:
    return format_currency(Money(minor, currency).major, currency, locale=code)


def amount(value: Money, signed: bool = False) -> str:
    """The bare number with the currency's decimals, a true minus, and a plus sign when `signed`."""
    digits = "0" * exponent(value.currency)
    pattern = "#,##0." + digits if digits else "#,##0"
    text = format_decimal(abs(value.major), format=pattern, locale=speaking_now().code)
    sign = "−" if value.minor < 0 else "+" if signed and value.minor > 0 else ""
    return sign + text


def percent(basis_points: int) -> str:
    """Basis points as a percentage: 600 → "6%", 825 → "8.25%"."""
    return format_percent(Decimal(basis_points) / 10_000, format="#,##0.##%", locale=speaking_now().code)


def points(value: Decimal, signed: bool = False) -> str:
    """A figure with one decimal, a true minus, and a plus sign when `signed`: "36.0", "−4.5", "+36.0"."""
    text = format_decimal(abs(value), format="#,##0.0", locale=speaking_now().code)
    sign = "−" if value < 0 else "+" if signed and value > 0 else ""
    return sign + text


def number(value: int) -> str:
    return format_decimal(value, locale=speaking_now().code)


@lru_cache(maxsize=4096)
def _date(value: date, style: str, code: str) -> str:
    return format_date(value, _DATE_STYLES[style][code], locale=code)


_DATE_STYLES: Final = {
    "long": {"en": "d MMMM y", "zh_Hans_CN": "y年M月d日"},
    "short": {"en": "d MMM y", "zh_Hans_CN": "y年M月d日"},
    "day_month": {"en": "d MMMM", "zh_Hans_CN": "M月d日"},
    "month": {"en": "MMMM y", "zh_Hans_CN": "y年M月"},
}


def day(value: date) -> str:
    """A date in words: "12 December 2026", "2026年12月12日"."""
    return _date(value, "long", speaking_now().code)


def day_short(value: date) -> str:
    return _date(value, "short", speaking_now().code)


def day_month(value: date) -> str:
    return _date(value, "day_month", speaking_now().code)


def month(value: date) -> str:
    """A month of a year: "November 2026", "2026年11月"."""
    return _date(value, "month", speaking_now().code)


def month_name(number: int) -> str:
    """The name of a month of any year: "November", "十一月"."""
    return str(get_month_names("wide", "stand-alone", speaking_now().code)[number])


def instant(value: datetime, zone: str, seconds: bool = False) -> str:
    """A date and time in `zone`: "22 Nov 2026, 14:32"."""
    time = "HH:mm:ss" if seconds else "HH:mm"
    pattern = {"en": f"d MMM y, {time}", "zh_Hans_CN": f"y年M月d日 {time}"}[speaking_now().code]
    return format_datetime(value.astimezone(ZoneInfo(zone)), pattern, locale=speaking_now().code)


def zone_name(zone: str, at: datetime) -> str:
    """A zone as a reader knows it: "China Time (UTC+8)"."""
    here = at.astimezone(ZoneInfo(zone))
    minutes = int((here.utcoffset() or at - at).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    offset = f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
    name = get_timezone_name(here, width="long", locale=Locale.parse(speaking_now().code))
    return f"{name} ({offset})" if speaking_now() is ENGLISH else f"{name}（{offset}）"
