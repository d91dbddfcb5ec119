"""Draft a version of the price book, have it tried, publish what another drafted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.money import Money
from portal.audit import actions as audit
from portal.contracts.models import Contract, Segment
from portal.kit import numbers, outbox
from portal.pricing import rules
from portal.pricing.actions.periods import BOOK_VERSION, check_another, check_open, drafted, period, take_book
from portal.pricing.actions.prices import add_price, check_price, same_kind, take_back
from portal.pricing.errors import (
    BegunAlready,
    GapAhead,
    NotADraft,
    NothingToPublish,
    NothingToRevert,
    NotTried,
    PeriodReversed,
    PriceInTheWay,
    TwoOfAKind,
)
from portal.pricing.events import PricesPublished
from portal.pricing.models import Price, PriceVersion, TrialState, VersionRow, VersionState


def draft_version(
    db: Session, *, label: str, reasons: Mapping[str, str], valid_from: date, valid_to: date | None, by: str,
    at: datetime, reverts: PriceVersion | None = None,
) -> PriceVersion:  # fmt: skip
    """An empty draft. `reasons`: what customers are told, by language. Raises PeriodReversed."""
    _check_period(valid_from, valid_to)
    version = PriceVersion(
        label=label, reasons=dict(reasons), valid_from=valid_from, valid_to=valid_to, state=VersionState.DRAFT,
        drafted_by=[by], rev=1, reverts_id=reverts.id if reverts else None, created_at=at,
        trial_state=TrialState.NONE, trial_done=0, trial_all=0, rows=[],
    )  # fmt: skip
    db.add(version)
    db.flush()
    audit.note(db, by, "version.drafted", _subject(version), at, label=label, reverts=version.reverts_id,
               **period(valid_from, valid_to))  # fmt: skip
    return version


def change_version(
    db: Session, version: PriceVersion, *, label: str, reasons: Mapping[str, str], valid_from: date,
    valid_to: date | None, rev: int, by: str, at: datetime,
) -> None:  # fmt: skip
    """Change a draft's name, days or reason; `rev` is the one that was read. Raises ChangedMeanwhile, NotADraft,
    PeriodReversed."""
    check_open(version.state is VersionState.DRAFT, version.rev, rev)
    _check_period(valid_from, valid_to)
    version.label, version.reasons = label, dict(reasons)
    version.valid_from, version.valid_to = valid_from, valid_to
    _changed(version, by)
    db.flush()
    audit.note(db, by, "version.redrafted", _subject(version), at, label=label, **period(valid_from, valid_to))


def add_row(
    db: Session, version: PriceVersion, *, product_code: str, unit: Money, floor_minor: int | None,
    segment: Segment | None, contract: Contract | None, rev: int, by: str, at: datetime,
) -> VersionRow:  # fmt: skip
    """Put a price into a draft: per seat and year, for one contract, a segment, or (neither) the list. Raises
    ChangedMeanwhile, NotADraft, TwoOfAKind, and as `check_price`."""
    check_open(version.state is VersionState.DRAFT, version.rev, rev)
    check_price(product_code, unit, floor_minor, contract)
    contract_id = contract.id if contract else None
    if any(_kind(row) == (product_code, unit.currency, segment, contract_id) for row in version.rows):
        raise TwoOfAKind(product_code=product_code, currency=unit.currency)
    made = VersionRow(
        product_code=product_code, currency=unit.currency, unit_minor=unit.minor, floor_minor=floor_minor,
        segment=segment, contract_id=contract_id,
    )  # fmt: skip
    version.rows.append(made)
    _changed(version, by)
    db.flush()
    audit.note(db, by, "version.row_added", _subject(version), at, product_code=product_code,
               currency=unit.currency, unit_minor=unit.minor, floor_minor=floor_minor, segment=segment,
               contract=contract.number if contract else None)  # fmt: skip
    return made


def remove_row(db: Session, version: PriceVersion, row: VersionRow, rev: int, by: str, at: datetime) -> None:
    """Take a price out of a draft. Raises ChangedMeanwhile, NotADraft."""
    check_open(version.state is VersionState.DRAFT, version.rev, rev)
    facts = {"product_code": row.product_code, "currency": row.currency, "unit_minor": row.unit_minor}
    version.rows.remove(row)
    _changed(version, by)
    db.flush()
    audit.note(db, by, "version.row_removed", _subject(version), at, **facts)


def is_tried(db: Session, version: PriceVersion, on: date) -> bool:
    """Was the draft tried as it stands, with the book as it is, on this day?"""
    return _tried(version) == (TrialState.DONE, version.rev, on, numbers.last(db, BOOK_VERSION))


def _tried(version: PriceVersion) -> tuple[TrialState, int | None, date | None, int | None]:
    return version.trial_state, version.trial_rev, version.trial_on, version.trial_book


def ask_trial(db: Session, version: PriceVersion, rev: int) -> None:
    """Have the draft tried on every contract that ends within a year, in the background; nothing when that is
    under way. Raises ChangedMeanwhile, NotADraft, NothingToPublish."""
    check_open(version.state is VersionState.DRAFT, version.rev, rev)
    if not version.rows:
        raise NothingToPublish
    if version.trial_state in {TrialState.WAITING, TrialState.RUNNING}:
        return
    version.trial_state, version.trial_rev, version.trial_until = TrialState.WAITING, version.rev, None
    version.trial_done = version.trial_all = 0
    version.trial_sums = None
    db.flush()


def discard_version(db: Session, version: PriceVersion, rev: int, by: str, at: datetime) -> None:
    """Drop a draft; it stays in the history. Raises ChangedMeanwhile, NotADraft."""
    check_open(version.state is VersionState.DRAFT, version.rev, rev)
    version.state, version.trial_state = VersionState.DISCARDED, TrialState.NONE
    db.flush()
    audit.note(db, by, "version.discarded", _subject(version), at, label=version.label)


def publish_version(db: Session, version: PriceVersion, rev: int, on: date, by: str, at: datetime) -> None:
    """Put the prices that others drafted into the book; `on` is today. Each ends the price of its kind that holds
    until then; after a version with an end that price goes on as it would have. Those whom it concerns are told.

    Raises ChangedMeanwhile, NotADraft, OwnDraft, BegunAlready, NothingToPublish, NotTried, GapAhead,
    PriceInTheWay, and as `check_price`.
    """
    check_open(version.state is VersionState.DRAFT, version.rev, rev)
    check_another(version.drafted_by, by)
    # Taken, not read: nobody else writes the book between this look and ours.
    as_it_is = (TrialState.DONE, version.rev, on, take_book(db) - 1)
    if version.valid_from < on:
        raise BegunAlready(valid_from=version.valid_from.isoformat())
    if not version.rows:
        raise NothingToPublish
    if _tried(version) != as_it_is:  # the draft, the book or the day is another one: other contracts, other prices
        raise NotTried
    for row in version.rows:
        _into_book(db, version, row, on, by, at)
    version.state, version.published_by, version.published_at = VersionState.PUBLISHED, by, at
    db.flush()
    audit.note(db, by, "version.published", _subject(version), at, label=version.label,
               drafted_by=version.drafted_by, **period(version.valid_from, version.valid_to))  # fmt: skip
    outbox.tell(db, PricesPublished(subject=_subject(version), occurrence="1", version_id=version.id), at)


def revert_version(
    db: Session, version: PriceVersion, on: date, by: str, at: datetime
) -> tuple[PriceVersion, list[VersionRow]]:
    """A draft that brings back the prices that this published version replaced, up to its end: from its first day
    if that has not begun anywhere (`on` is today), else from tomorrow or the day after its first one; and those
    prices of the version that replaced none, which stay. Raises NotADraft, NothingToRevert."""
    if version.state is not VersionState.PUBLISHED:
        raise NotADraft
    replaced = _replaced(db, version)
    if not replaced:
        raise NothingToRevert
    first = version.valid_from
    if rules.has_begun(first, on):
        first = max(on, first) + timedelta(days=1)
    if version.valid_to is not None and version.valid_to <= first:
        raise NothingToRevert
    made = draft_version(
        db, label=_label(replaced, first), reasons={}, valid_from=first, valid_to=version.valid_to, by=by, at=at,
        reverts=version,
    )  # fmt: skip
    for old in replaced:
        made.rows.append(
            VersionRow(
                product_code=old.product_code, currency=old.currency, unit_minor=old.unit_minor,
                floor_minor=old.floor_minor, segment=old.segment, contract_id=old.contract_id,
            )
        )  # fmt: skip
    db.flush()
    kinds = {_kind(old) for old in replaced}
    return made, [row for row in version.rows if _kind(row) not in kinds]


def _label(replaced: Sequence[Price], first: date) -> str:
    """The name of the version that comes back; where there are several, the day of which they are."""
    books = {old.book for old in replaced}
    return books.pop() if len(books) == 1 else first.isoformat()


def _kind(row: Price | VersionRow) -> tuple[str, str, Segment | None, int | None]:
    return row.product_code, row.currency, row.segment, row.contract_id


def _replaced(db: Session, version: PriceVersion) -> list[Price]:
    mine = select(Price.replaces_id).where(Price.version_id == version.id, Price.replaces_id.is_not(None))
    return list(db.scalars(select(Price).where(Price.id.in_(mine)).order_by(Price.id)))


def _into_book(db: Session, version: PriceVersion, row: VersionRow, on: date, by: str, at: datetime) -> None:
    wanted = same_kind(row.product_code, row.currency, row.segment, row.contract)
    before = rules.in_force(db.scalars(wanted).all(), version.valid_from)
    if before and before.valid_from == version.valid_from and not rules.has_begun(version.valid_from, on):
        take_back(db, before, on, by, at)  # it would have begun on the same day, and never does
        before = rules.in_force(db.scalars(wanted).all(), version.valid_from)
    _check_way(db, version, row, before)
    # Read before the new price cuts it off.
    goes_on = before and version.valid_to and (before.valid_to is None or before.valid_to > version.valid_to)
    resumed_to = before.valid_to if before else None
    of_list = row.segment is None and row.contract_id is None
    if version.valid_to and of_list and not goes_on and not _covered(db, row, version.valid_to):
        raise GapAhead(product_code=row.product_code, currency=row.currency, on=version.valid_to.isoformat())
    common: dict[str, Any] = {
        "product_code": row.product_code, "currency": row.currency, "segment": row.segment,
        "contract": row.contract, "by": by, "at": at,
    }  # fmt: skip
    add_price(
        db, unit_minor=row.unit_minor, floor_minor=row.floor_minor, valid_from=version.valid_from,
        valid_to=version.valid_to, book=version.label, instead=True, version_id=version.id, **common,
    )  # fmt: skip
    if goes_on and before and version.valid_to:
        add_price(
            db, unit_minor=before.unit_minor, floor_minor=before.floor_minor, valid_from=version.valid_to,
            valid_to=resumed_to, book=before.book, version_id=version.id, **common,
        )  # fmt: skip


def _check_way(db: Session, version: PriceVersion, row: VersionRow, before: Price | None) -> None:
    """Raises PriceInTheWay when another price of its kind begins within the version's days."""
    same = db.scalars(same_kind(row.product_code, row.currency, row.segment, row.contract)).all()
    ends = before is not None and before.valid_from < version.valid_from
    others = [other for other in same if not (ends and other is before)]
    found = rules.overlap(others, version.valid_from, version.valid_to)
    if found is not None:
        raise PriceInTheWay(
            product_code=row.product_code, currency=row.currency, book=found.book,
            **period(found.valid_from, found.valid_to),
        )  # fmt: skip


def _covered(db: Session, row: VersionRow, on: date) -> bool:
    rows = db.scalars(same_kind(row.product_code, row.currency, None, None)).all()
    return rules.in_force(rows, on) is not None


def _check_period(valid_from: date, valid_to: date | None) -> None:
    if valid_to is not None and valid_to <= valid_from:
        raise PeriodReversed(**period(valid_from, valid_to))


def _changed(version: PriceVersion, by: str) -> None:
    """What was tried was another draft."""
    version.rev += 1
    version.drafted_by = drafted(version.drafted_by, by)
    version.trial_state, version.trial_sums = TrialState.NONE, None


def _subject(version: PriceVersion) -> str:
    return f"version:{version.id}"
