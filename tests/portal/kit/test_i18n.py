"""Dates, money and numbers as each language writes them."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from markupsafe import Markup, escape

from payments.money import Money
from portal.kit import i18n, zones
from tests.conftest import NOW


@pytest.mark.parametrize(
    ("code", "money", "amount", "day", "instant"),
    [
        ("en", "CN¥36,980.80", "36,980.80", "12 December 2026", "22 Nov 2026, 14:30"),
        ("zh_Hans_CN", "¥36,980.80", "36,980.80", "2026年12月12日", "2026年11月22日 14:30"),
    ],
)
def test_formats(app: Flask, code: str, money: str, amount: str, day: str, instant: str) -> None:
    with i18n.speaking(code):
        assert i18n.money(Money(3_698_080, "CNY")) == money
        assert i18n.amount(Money(3_698_080, "CNY")) == amount
        assert i18n.day(date(2026, 12, 12)) == day
        assert i18n.instant(NOW, "Asia/Shanghai") == instant


def test_decimals_follow_the_currency(app: Flask) -> None:
    assert i18n.money(Money(1_320_000, "JPY")) == "¥1,320,000"
    assert i18n.amount(Money(1_320_000, "JPY")) == "1,320,000"
    assert i18n.amount(Money(43_125, "KWD")) == "43.125"
    assert i18n.amount(Money(-336_000, "CNY"), signed=True) == "−3,360.00"
    assert i18n.amount(Money(5_000, "CNY"), signed=True) == "+50.00"
    assert i18n.amount(Money(0, "CNY"), signed=True) == "0.00"


def test_percent_and_zone(app: Flask) -> None:
    assert i18n.percent(600) == "6%"
    assert i18n.percent(825) == "8.25%"
    assert i18n.zone_name("Asia/Kolkata", NOW).endswith("(UTC+5:30)")
    assert i18n.zone_name("America/New_York", NOW).endswith("(UTC-5)")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("zh", "zh_Hans_CN"),
        ("zh-CN", "zh_Hans_CN"),
        ("zh-Hans", "zh_Hans_CN"),
        ("en-GB", "en"),
        ("fr", None),
        ("", None),
    ],
)
def test_language_codes(asked: str, expected: str | None) -> None:
    found = i18n.find(asked)
    assert (found.code if found else None) == expected


def test_the_browsers_language_is_heard(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "fr, zh-CN;q=0.8, en;q=0.5"}):
        assert i18n.chosen() is i18n.CHINESE
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        assert i18n.chosen() is i18n.ENGLISH


def test_names_fall_back(app: Flask) -> None:
    assert i18n.named({"en": "Backup", "zh_Hans_CN": "云备份"}, "zh_Hans_CN") == "云备份"
    assert i18n.named({"en": "Backup"}, "zh_Hans_CN") == "Backup"
    assert i18n.named({}, "en") == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Aurora", "Aurora"),
        ("Lin Yue 林悦", 'Lin Yue <span lang="zh-Hans">林悦</span>'),
        ("极光科技（上海）有限公司", '<span lang="zh-Hans">极光科技（上海）有限公司</span>'),
        ("<b> 极光 & 云", '&lt;b&gt; <span lang="zh-Hans">极光</span> &amp; <span lang="zh-Hans">云</span>'),
        ("<b> & Co", "&lt;b&gt; &amp; Co"),
        ("東京ソフト", "東京ソフト"),
        (Markup("<b>林悦</b>"), "<b>林悦</b>"),
        (None, ""),
    ],
)
def test_chinese_names_are_marked_on_other_pages(app: Flask, text: str | None, shown: str) -> None:
    assert str(escape(i18n.foreign(text))) == shown


def test_chinese_names_are_at_home_on_chinese_pages(app: Flask) -> None:
    with i18n.speaking("zh_Hans_CN"):
        assert i18n.foreign("林悦") == "林悦"


def test_sentences_follow_each_other_as_the_language_has_it(app: Flask) -> None:
    with i18n.speaking("en"):
        assert i18n.sentences("It ended.", None, Markup("<b>Renew.</b>")) == "It ended. <b>Renew.</b>"
        assert i18n.sentences("<i>", "") == "&lt;i&gt;"
    with i18n.speaking("zh_Hans_CN"):
        assert i18n.sentences("已到期。", "请续约。") == "已到期。请续约。"


def test_zones_have_one_name_each(app: Flask) -> None:
    names = {name for name, _label in zones.choices()}
    assert {"Asia/Shanghai", "Asia/Kolkata", "Europe/Kyiv", "America/Los_Angeles"} <= names
    assert not {"Asia/Calcutta", "Asia/Chongqing", "PRC", "US/Pacific", "Etc/GMT+8", "UTC"} & names
