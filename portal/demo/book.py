"""The demo's price book: list prices, a segment's prices, term discounts, taxes, and two offers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from portal.audit import actions as audit
from portal.contracts.models import Product, Segment
from portal.demo.catalogue import PRODUCTS
from portal.kit import clock
from portal.pricing import actions as pricing
from portal.pricing.rules import PromotionKind

BY: Final = "demo"
# The book is older than the oldest quote of the demo, wherever it still is yesterday.
BEFORE: Final = timedelta(days=90)

TERM_DISCOUNTS: Final = {12: 0, 24: 800, 36: 1400}  # months: basis points
# Strategic customers get these products for less: {product: tenths of the list price}.
STRATEGIC: Final = {"insight": 9, "gateway": 9}
OFFERS: Final = (
    # kind, names, basis points, days before the end or months, contracts of one company
    (PromotionKind.EARLY, {"en": "Early renewal", "zh_Hans_CN": "提前续约优惠"}, 300, 15, 20),
    (PromotionKind.MULTI_YEAR, {"en": "Three years together", "zh_Hans_CN": "三年同行优惠"}, 1600, 36, None),
)
TAXES: Final = (
    # country, kind, basis points, contained in the price
    ("CN", "vat", 600, True),
    ("JP", "consumption_tax", 1000, True),
    ("US", "none", 0, False),
)


def write(db: Session, at: datetime) -> None:
    """Everything that makes a price, in force since the first of a year."""
    year = (clock.day(at, "UTC") - BEFORE).year
    opened, book = date(year, 1, 1), str(year)
    for code, (english, chinese, _prices) in PRODUCTS.items():
        db.add(Product(code=code, names={"en": english, "zh_Hans_CN": chinese}))
    db.flush()
    for code, (_english, _chinese, prices) in PRODUCTS.items():
        for currency, minor in prices.items():
            pricing.add_price(
                db, product_code=code, currency=currency, unit_minor=minor, valid_from=opened, book=book, by=BY,
                at=at,
            )  # fmt: skip
            if code in STRATEGIC:
                pricing.add_price(
                    db, product_code=code, currency=currency, unit_minor=minor * STRATEGIC[code] // 10,
                    segment=Segment.STRATEGIC, valid_from=opened, book=book, by=BY, at=at,
                )  # fmt: skip
    # Offers are new: an order of the past weeks at an early price would have had to be paid by now.
    for reward, names, points, least, of_company in OFFERS:
        first = clock.day(at, "UTC") - timedelta(days=1)
        terms = pricing.OfferTerms(
            kind=reward, names=names, basis_points=points, least=least, limit_company=of_company, valid_from=first
        )
        made = pricing.draft_promotion(db, terms, BY, at)
        pricing.publish_promotion(db, made, made.version, first, audit.SYSTEM, at)
    for months, points in TERM_DISCOUNTS.items():
        pricing.add_term_discount(
            db, months=months, basis_points=points, valid_from=opened, book=book, by=BY, at=at
        )
    for country, kind, points, inclusive in TAXES:
        pricing.add_tax_rate(
            db, country=country, kind=kind, basis_points=points, inclusive=inclusive, valid_from=opened, by=BY,
            at=at,
        )  # fmt: skip
