"""How long a draft of the price book takes to be tried on 100,000 contracts that end within a year, and how much
memory: `python -m tests.bench.dry_run [--db sqlite|postgres]`. Prints 10,000 beside 100,000: memory must not grow
with their number. Each contract has three lines, one in ten an agreement of its own, and every price changes."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any, Final

import click
from sqlalchemy import text

from payments.money import Money
from portal.accounts.models import Company
from portal.contracts.models import Contract, Product, Segment, Term, TermLine
from portal.kit import bulk, clock
from portal.kit.db import database, reading, transaction
from portal.pricing import actions, jobs
from portal.pricing.models import Price, PriceVersion, RenewalAgreement, TaxRate, TermDiscount
from tests.bench.rig import backends, memory_grown, portal_on, timed

PRODUCTS: Final = tuple(f"product-{number}" for number in range(20))
PER_COMPANY: Final = 5
CHUNK: Final = 20_000
SIZES: Final = (10_000, 100_000)


def fill(count: int, today: date) -> None:
    """A book, and `count` contracts of `count` / 5 companies that end within a year."""
    pick, at = random.Random(1), clock.now()
    since = today - timedelta(days=400)
    with transaction() as db:
        db.add_all([Product(code=code, names={"en": code.title()}) for code in PRODUCTS])
        db.flush()
        db.add_all(
            [
                Price(product_code=code, currency="CNY", unit_minor=100_000 + 1_000 * n, valid_from=since,
                      book="2026", created_at=at)
                for n, code in enumerate(PRODUCTS)
            ]
        )  # fmt: skip
        for months, points in ((12, 0), (24, 800), (36, 1400)):
            db.add(TermDiscount(months=months, basis_points=points, valid_from=since, book="2026"))
        db.add(TaxRate(country="CN", kind="vat", basis_points=600, inclusive=True, valid_from=since))
    for start in range(1, count + 1, CHUNK):
        with transaction() as db:
            _some(db, range(start, min(start + CHUNK, count + 1)), pick, today, at)
    with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("ANALYZE"))


def _some(db: Any, ids: range, pick: random.Random, today: date, at: Any) -> None:
    companies = sorted({(number - 1) // PER_COMPANY + 1 for number in ids})
    bulk.insert(
        db, Company, ("id", "name", "country", "language", "zone", "invoice_details", "created_at", "version"),
        [(n, f"Company {n}", "CN", "en", "Asia/Shanghai", {}, at, 1) for n in companies],
    )  # fmt: skip
    ends = {number: today + timedelta(days=number % 365) for number in ids}
    bulk.insert(
        db, Contract,
        ("id", "number", "company_id", "currency", "zone", "segment", "ends_on", "rev", "created_at", "version"),
        [
            (n, f"CT-{n:07}", (n - 1) // PER_COMPANY + 1, "CNY", "Asia/Shanghai", pick.choice(list(Segment)),
             ends[n], 1, at, 1)
            for n in ids
        ],
    )  # fmt: skip
    bulk.insert(
        db, Term,
        ("id", "contract_id", "starts_on", "ends_on", "months", "anchor_on", "months_from_anchor", "segment",
         "live", "created_at"),
        [
            (n, n, ends[n] - timedelta(days=364), ends[n], 12, ends[n] - timedelta(days=364), 12,
             Segment.STANDARD, True, at)
            for n in ids
        ],
    )  # fmt: skip
    bulk.insert(
        db, TermLine, ("id", "term_id", "position", "product_code", "seats", "unit_minor"),
        [
            (3 * n + place, n, place, code, pick.randint(1, 500), pick.randint(80_000, 120_000))
            for n in ids
            for place, code in enumerate(pick.sample(PRODUCTS, 3))
        ],
    )  # fmt: skip
    bulk.insert(
        db, RenewalAgreement, ("id", "contract_id", "method", "rate", "points", "pick", "created_at"),
        [(n, n, "uplift", 300, 0, "lesser", at) for n in ids if n % 10 == 0],
    )  # fmt: skip


def draft(today: date) -> int:
    """A version with a new list price for every product, whose trial waits."""
    at = clock.now()
    with transaction() as db:
        version = actions.draft_version(
            db, label="2027", reasons={}, valid_from=today, valid_to=None, by="person:1", at=at
        )
        for n, code in enumerate(PRODUCTS):
            actions.add_row(
                db, version, product_code=code, unit=Money(106_000 + 1_000 * n, "CNY"), floor_minor=None,
                segment=None, contract=None, rev=version.rev, by="person:1", at=at,
            )  # fmt: skip
        actions.ask_trial(db, version, version.rev)
        return version.id


def main() -> None:
    click.echo("| database | contracts | seconds | a second | memory grew by |\n|---|---|---|---|---|")
    for backend in backends():
        for count in SIZES:
            with portal_on(backend):
                today = clock.day(clock.now(), "Asia/Shanghai")
                fill(count, today)
                version_id = draft(today)
                with memory_grown() as grown:
                    took, _done = timed(jobs.work_on_trials)
                with reading() as db:
                    sums = db.get_one(PriceVersion, version_id).trial_sums or {}
                assert (sums["contracts"], sums["affected"]) == (count, count - count // 10), sums
                click.echo(f"| {backend} | {count:,} | {took:.1f} | {count / took:,.0f} | {grown():.0f} MB |")


if __name__ == "__main__":
    main()
