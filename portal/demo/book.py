"""The demo's price book. Whatever else decides a price (agreements with a segment or a contract, offers) belongs
here too, after the list prices."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from portal.contracts.models import Product
from portal.demo.catalogue import PRODUCTS
from portal.kit import clock
from portal.pricing import actions as pricing

BY: Final = "demo"
# The book is older than the oldest quote of the demo, wherever it still is yesterday.
BEFORE: Final = timedelta(days=90)

TERM_DISCOUNTS: Final = {12: 0, 24: 800, 36: 1400}  # months: basis points
TAXES: Final = (
    # country, kind, basis points, contained in the price
    ("CN", "vat", 600, True),
    ("JP", "consumption_tax", 1000, True),
    ("US", "none", 0, False),
)


def write(db: Session, at: datetime) -> None:
    """Products, list prices, term discounts and taxes, in force since the first of a year."""
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
    for months, points in TERM_DISCOUNTS.items():
        pricing.add_term_discount(
            db, months=months, basis_points=points, valid_from=opened, book=book, by=BY, at=at
        )
    for country, kind, points, inclusive in TAXES:
        pricing.add_tax_rate(
            db, country=country, kind=kind, basis_points=points, inclusive=inclusive, valid_from=opened, by=BY,
            at=at,
        )  # fmt: skip
