"""Each step of a price that agreements, grants and exemptions make, in the words of both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from payments.money import Money
from portal.kit import i18n
from portal.kit.db import reading, transaction
from portal.pricing import actions, rules, words
from portal.pricing.models import RenewalAgreement
from portal.pricing.rules import (
    ExemptReason,
    ExemptRow,
    IndexRow,
    Method,
    Pick,
    PromotionKind,
    PromotionRow,
    RenewalRow,
    SpecialRow,
)
from tests.conftest import NOW
from tests.portal.pricing.make import ON, book, contract
from tests.portal.pricing.scene import staged

pytestmark = pytest.mark.usefixtures("app")
JUNE = IndexRow("CPI", date(2026, 6, 1), 320)


def told(code: str, language: str = "en", kept: int | None = None, **changes: Any) -> tuple[str, str]:
    """Title and reason of the step `code` of a price whose book has these changes."""
    table = replace(book(), **changes)
    of = contract(("insight", 20, 100_000))
    if kept:
        [line] = of.terms[0].lines
        of = replace(of, terms=[replace(of.terms[0], lines=[replace(line, undiscounted_minor=kept)]), of.terms[1]])
    found = rules.offer(table, of, 24, None, ON)
    place = [step["code"] for step in found.document["steps"]].index(code)
    with i18n.speaking(language):
        text = words.explain(found.document["steps"], "CNY", found.document["lines"])[place]
    return text.title, text.reason


def uplift(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"product_code": None, "method": Method.UPLIFT, "rate": 500}
    return {"renewals": (RenewalRow(**(given | changes)),), "indexes": (JUNE,)}


@pytest.mark.parametrize(
    ("changes", "title", "reason"),
    [
        (uplift(), "+5%", "5% agreed"),
        (uplift(rate=None, series="CPI"), "+3.2%", "CPI of June 2026, 3.2%"),
        (uplift(series="CPI", points=200), "+5%", "The lower of: 5% agreed; CPI of June 2026, 3.2%, and 2% more"),
        (uplift(series="CPI", pick=Pick.GREATER, cap=400), "+4%",
         "The higher of: 5% agreed; CPI of June 2026, 3.2%. The adjustment is never more than 4% of the price"
         " before discounts"),
    ],
)  # fmt: skip
def test_uplifts(changes: dict[str, Any], title: str, reason: str) -> None:
    assert told("uplift", **changes) == (f"Adjustment agreed in your contract, {title}", reason)


def test_an_uplift_in_chinese() -> None:
    title, reason = told("uplift", "zh_Hans_CN", **uplift(series="CPI", points=200))
    assert title == "合同约定的价格调整，+5%"
    assert reason == "取较低者：约定 5%；2026年6月CPI：3.2%，另加 2%"


def test_kept_prices() -> None:
    same: dict[str, Any] = {"renewals": (RenewalRow(None, Method.SAME),)}
    title = "Price per seat and year, as in your last term"
    assert told("last_price", **same) == (title, "Your contract keeps it; that term began on 13 December 2025")
    assert told("last_price", kept=110_000, **same) == (
        title, "Before the discounts that it had; that term began on 13 December 2025"
    )  # fmt: skip


COUPON = PromotionRow(
    9, PromotionKind.COUPON, {"en": "Fair", "zh_Hans_CN": "展会"}, 0, 1, None, date(2026, 1, 1), None,
    code="FAIR26", amount_minor=50_000, currency="CNY",
)  # fmt: skip


@pytest.mark.parametrize(
    ("code", "changes", "english", "chinese"),
    [
        ("coupon_offer", {"promotions": (COUPON,)}, "Code FAIR26, −CN¥500.00 off the whole",
         "优惠码 FAIR26，整单 −¥500.00"),
        ("special_price", {"specials": (SpecialRow(1, 1_000, date(2026, 12, 1)),)}, "Special price for you, −10%",
         "给您的特价，−10%"),
        ("tax_exempt", {"exemptions": (ExemptRow(rules.Exemption(ExemptReason.CHARITY, "C-7"), ON, None),)},
         "Without tax: charity", "免税：慈善机构"),
        ("floor_price", {"prices": (replace(book().prices[0], floor_minor=104_000),)}, "Discounts end here",
         "折扣到此为止"),
    ],
)  # fmt: skip
def test_the_others_in_both_languages(code: str, changes: dict[str, Any], english: str, chinese: str) -> None:
    assert told(code, **changes)[0] == english
    assert told(code, "zh_Hans_CN", **changes)[0] == chinese


def test_a_floor_names_the_lowest_price() -> None:
    floor: dict[str, Any] = {"prices": (replace(book().prices[0], floor_minor=104_000),)}
    assert told("floor_price", **floor)[1] == "The lowest price per seat and year is 1,040.00"


def test_an_exemption_is_told_below_the_price_and_compares_with_nothing() -> None:
    exempt = ExemptRow(rules.Exemption(ExemptReason.CHARITY, "C-7"), ON, None)
    found = rules.offer(replace(book(), exemptions=(exempt,)), contract(("insight", 20, 1)), 12, None, ON)
    assert words.tax_note(found) == "No tax is charged: charity, certificate C-7."
    assert words.total_label(found) == "You pay"
    assert words.compare_last(found) is None


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (RenewalRow(None, Method.SAME), "What it costs now"),
        (RenewalRow(None, Method.UPLIFT, rate=300), "What it costs now, plus 3%"),
        (RenewalRow(None, Method.UPLIFT, series="CPI"), "What it costs now, plus CPI"),
    ],
)
def test_an_agreement_in_a_line(row: RenewalRow, text: str) -> None:
    made = RenewalAgreement(
        method=row.method, rate=row.rate, series=row.series, points=row.points, pick=row.pick, cap=row.cap
    )
    assert words.agreement(made) == text


def test_a_mails_rows_are_the_pages_steps() -> None:
    scene = staged()
    with transaction() as db:
        quote = actions.seal(db, scene.contract, 24, None, scene.ref, NOW)
    with reading() as db:
        rows = words.why(db.merge(quote))
    assert rows == [
        ("Price per seat and year, list", "1,000.00"), ("20 seats × 2 years", "40,000.00"),
        ("24-month term, −8%", "−3,200.00"),
    ]  # fmt: skip
    assert words.coming(None) is None
    coming = words.coming(rules.Coming(date(2027, 1, 1), Money(100, "CNY")))
    assert coming == "From 1 January 2027 on, this would be CN¥1.00. A price that you hold before stays."
