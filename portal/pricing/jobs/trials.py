"""Try a draft of the price book on every contract that ends within a year or is in grace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from flask import current_app
from sqlalchemy.orm import Session

from portal.contracts import queries as contracts
from portal.contracts import rules as contract_rules
from portal.contracts.models import Contract
from portal.kit import bulk, clock, jobs
from portal.kit.db import Json, reading, transaction
from portal.kit.settings import Settings
from portal.pricing import queries, rules
from portal.pricing.actions import trials
from portal.pricing.models import PriceEffect, PriceVersion
from portal.pricing.queries import trial

# Contracts that are priced between two short transactions.
PIECE: Final = 500
_COLUMNS: Final = (
    "id", "version_id", "contract_id", "company_id", "on_day", "months", "currency", "contract_rev", "old_minor",
    "new_minor", "largest",
)  # fmt: skip


@dataclass
class Sums:
    """What the trial has found so far; `change` in minor units by currency."""

    contracts: int = 0
    affected: int = 0
    first_time: int = 0
    lost: int = 0
    change: Counter[str] = field(default_factory=Counter)

    def add(self, contract: Contract, effect: rules.Effect) -> None:
        self.contracts += 1
        if not effect.differs:
            return
        self.affected += 1
        self.first_time += effect.old_minor is None
        self.lost += effect.new_minor is None
        if effect.old_minor is not None and effect.new_minor is not None:
            self.change[contract.currency] += effect.new_minor - effect.old_minor

    def told(self) -> Json:
        return {
            "contracts": self.contracts, "affected": self.affected, "first_time": self.first_time,
            "lost": self.lost, "change": dict(self.change),
        }  # fmt: skip


def work_on_trials() -> int:
    """Do one trial that waits, to its end; 0 when there is none. A poller of its own lane."""
    at = clock.now()
    with reading() as db:
        waiting = trial.due_trials(db, at)
    for version_id in waiting:
        today = clock.day(at, _zone())
        with transaction() as db:
            mine = trials.claim(db, version_id, today, at)
        if mine is not None:
            _do(mine, today)
            return 1
    return 0


def _zone() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.zone


def _do(mine: trials.Claim, today: date) -> None:
    """Try it piece by piece. Whoever changes the draft or takes the trial over makes an end of it."""
    # Whoever is in grace is about to renew, and no less concerned.
    first, last = today - timedelta(days=contract_rules.GRACE_DAYS), today + rules.HORIZON
    with reading() as db:
        whole = trial.count_due(db, first, last)
    if not _forget(mine, whole):
        return
    sums = Sums()
    for found in _pieces(mine.version_id, (first, last), today, sums):
        with transaction() as db:
            if not trials.note_progress(db, mine, clock.now(), sums.contracts, max(whole, sums.contracts)):
                return
            _keep(db, mine.version_id, found, today)
        if jobs.asked_to_stop():
            with transaction() as db:
                trials.let_go(db, mine)
            return
    with transaction() as db:
        trials.finish(db, mine, sums.told())


def _forget(mine: trials.Claim, whole: int) -> bool:
    """Remove what an earlier trial found; False when the trial is ours no longer."""
    gone = PIECE
    while gone == PIECE:
        with transaction() as db:
            if not trials.note_progress(db, mine, clock.now(), 0, whole):
                return False
            gone = trial.forget_effects(db, mine.version_id, PIECE)
    return True


Found = tuple[Contract, rules.Effect]


def _pieces(version_id: int, ends: tuple[date, date], today: date, sums: Sums) -> Iterator[list[Found]]:
    """What differs of the contracts that end from the first to the last of the days `ends`, a piece of them at a
    time; nothing is kept between two pieces but the sums."""
    after: tuple[date, int] | None = None
    while True:
        with reading() as db:
            version = db.get_one(PriceVersion, version_id)
            due = trial.due_contracts(db, *ends, after, PIECE)
            if not due:
                return
            found = _tried(db, version, due, today)
        for contract, effect in found:
            sums.add(contract, effect)
        after = due[-1].ends_on, due[-1].id
        yield [(contract, effect) for contract, effect in found if effect.differs]


def _tried(db: Session, version: PriceVersion, due: Sequence[Contract], today: date) -> list[Found]:
    books, coming = queries.books_for(db, due, clock.now()), trial.Coming(version)
    return [(each, _effect(coming, each, books[each.id], today)) for each in due]


def _effect(coming: trial.Coming, contract: Contract, book: rules.Book, today: date) -> rules.Effect:
    """What a version makes of a contract's price on the last day for renewing it."""
    term = contracts.last_term(contract)
    return rules.effect(book, coming.of(contract), contract, term.months, rules.last_chance(term.ends_on, today))


def _keep(db: Session, version_id: int, found: Sequence[Found], today: date) -> None:
    ids = bulk.next_ids(db, PriceEffect, len(found))
    rows = [
        (
            row_id, version_id, contract.id, contract.company_id,
            rules.last_chance(contract.ends_on, today), effect.months,
            contract.currency, contract.rev, effect.old_minor, effect.new_minor,
            abs((effect.new_minor or 0) - (effect.old_minor or 0)),
        )
        for row_id, (contract, effect) in zip(ids, found, strict=True)
    ]  # fmt: skip
    bulk.insert(db, PriceEffect, _COLUMNS, rows)
