"""R13: 16 writers on one SQLite file, 5,000 transactions each: `python -m tests.bench.writers`. None may hear
"locked"."""

from __future__ import annotations

import multiprocessing
import time
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from portal.app import create_app
from portal.audit import actions as audit
from portal.audit.models import AuditNote
from portal.kit import clock
from portal.kit.db import reading, transaction
from tests.bench.rig import empty_database
from tests.conftest import SQLITE, make_settings

WRITERS: Final = 16
EACH: Final = 5_000


def write(url: str, number: int) -> int:
    """Read, then write, so often; how often the file was locked."""
    app = create_app(make_settings(PORTAL_DATABASE_URL=url))
    locked = 0
    with app.app_context():
        for turn in range(EACH):
            try:
                with transaction() as db:
                    db.scalar(select(func.max(AuditNote.id)))
                    audit.note(db, "bench", "bench.written", f"writer:{number}", clock.now(), turn=turn)
            except OperationalError:
                locked += 1
    return locked


def main() -> None:
    with empty_database(SQLITE) as url:
        began = time.perf_counter()
        with multiprocessing.get_context("spawn").Pool(WRITERS) as pool:
            locked = sum(pool.starmap(write, [(url, number) for number in range(WRITERS)]))
        seconds = time.perf_counter() - began
        app = create_app(make_settings(PORTAL_DATABASE_URL=url))
        with app.app_context(), reading() as db:
            kept = db.scalar(select(func.count()).select_from(AuditNote))
    print(f"{WRITERS} writers, {EACH:,} transactions each: {locked} locked, {kept:,} kept, {seconds:.0f} s")  # noqa: T201


if __name__ == "__main__":
    main()
