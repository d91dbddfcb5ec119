"""Find what the desk shows: answers, what they come to, and who was asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from portal.accounts.models import Company, Person
from portal.contracts.models import Contract, Segment
from portal.kit.listing import Chosen, Cursor, between, beyond
from portal.orders.models import Order
from portal.surveys.models import AskState, Channel, Dropped, ReasonCode, SurveyAnswer, SurveyAsk, SurveyKind

EXPORT_BATCH = 500


@dataclass(frozen=True)
class Filters:
    """Which answers: days as `zone` counts them; the contract's segment and owner; one question or both."""

    zone: str
    first: date | None = None
    last: date | None = None
    kind: SurveyKind | None = None
    segment: Segment | None = None
    owner_id: int | None = None


@dataclass(frozen=True)
class Said:
    """One answer with all that the list tells of it."""

    id: int
    answered_at: datetime
    kind: SurveyKind
    score: int
    reason: str | None
    code: ReasonCode | None
    channel: Channel
    quick: bool
    several: bool
    person: str
    company: str
    company_id: int
    order_number: str
    contract_number: str
    owner: str | None

    @property
    def place(self) -> tuple[datetime, int]:
        return self.answered_at, self.id


@dataclass(frozen=True)
class Asked:
    """How many were asked, how many of them answered each question, how many got the mail, and why others did
    not."""

    total: int = 0
    mailed: int = 0
    answered: Mapping[SurveyKind, int] = field(default_factory=dict)
    dropped: Mapping[Dropped, int] = field(default_factory=dict)


def said(db: Session, filters: Filters, cursor: Cursor | None, limit: int) -> list[Said]:
    """Answers beyond the cursor, nearest first, in one statement."""
    owner = aliased(Person)
    columns = (
        SurveyAnswer.id, SurveyAnswer.answered_at, SurveyAnswer.kind, SurveyAnswer.score, SurveyAnswer.reason,
        SurveyAnswer.code, SurveyAnswer.channel, SurveyAnswer.quick, SurveyAnswer.several,
        Person.name.label("person"), Company.name.label("company"), Company.id.label("company_id"),
        Order.number.label("order_number"), Contract.number.label("contract_number"), owner.name.label("owner"),
    )  # fmt: skip
    query = (
        _of_contract(
            select(*columns).select_from(SurveyAnswer).join(Order, Order.id == SurveyAnswer.order_id), filters
        )
        .join(Company, Company.id == Order.company_id)
        .join(Person, Person.id == SurveyAnswer.person_id)
        .outerjoin(owner, owner.id == Contract.owner_id)
        .where(*between(SurveyAnswer.answered_at, filters.first, filters.last, filters.zone))
    )
    if filters.kind:
        query = query.where(SurveyAnswer.kind == filters.kind)
    rows = db.execute(beyond(query, SurveyAnswer.answered_at, SurveyAnswer.id, cursor, limit))
    return [Said(**row._mapping) for row in rows]


def every_answer(db: Session, filters: Filters) -> Iterator[Said]:
    """All of them, newest first, some hundreds at a time."""
    cursor: Cursor | None = None
    while batch := said(db, filters, cursor, EXPORT_BATCH):
        yield from batch
        if len(batch) < EXPORT_BATCH:
            return
        cursor = Cursor(*batch[-1].place)


def counts(db: Session, filters: Filters) -> dict[SurveyKind, dict[int, int]]:
    """How often each score was given, by question. Of several answers of one person within the filters' days, the
    one said last counts."""
    newest = func.row_number().over(
        partition_by=(SurveyAnswer.kind, SurveyAnswer.person_id),
        order_by=(SurveyAnswer.changed_at.desc(), SurveyAnswer.id.desc()),
    )
    chosen = select(SurveyAnswer.kind, SurveyAnswer.score, newest.label("newest")).select_from(SurveyAnswer)
    ranked = (
        _of_contract(chosen.join(Order, Order.id == SurveyAnswer.order_id), filters)
        .where(*between(SurveyAnswer.answered_at, filters.first, filters.last, filters.zone))
        .subquery()
    )
    wanted = select(ranked.c.kind, ranked.c.score, func.count()).where(ranked.c.newest == 1)
    found: dict[SurveyKind, dict[int, int]] = {kind: {} for kind in SurveyKind}
    for kind, score, count in db.execute(wanted.group_by(ranked.c.kind, ranked.c.score)):
        found[kind][score] = count
    return found


def asked(db: Session, filters: Filters) -> Asked:
    """Who was asked on the filters' days, and what came of it."""
    columns = [func.count(), *(func.sum(case((_answered(kind), 1), else_=0)) for kind in SurveyKind)]
    chosen = select(SurveyAsk.state, SurveyAsk.dropped, *columns).select_from(SurveyAsk)
    query = _of_contract(chosen.join(Order, Order.id == SurveyAsk.order_id), filters).where(
        *between(SurveyAsk.asked_at, filters.first, filters.last, filters.zone)
    )
    rows = db.execute(query.group_by(SurveyAsk.state, SurveyAsk.dropped)).all()
    return Asked(
        total=sum(row[2] for row in rows),
        mailed=sum(row[2] for row in rows if row[0] is AskState.MAILED),
        answered={kind: sum(int(row[3 + place]) for row in rows) for place, kind in enumerate(SurveyKind)},
        dropped={row[1]: row[2] for row in rows if row[1] is not None},
    )


def _answered(kind: SurveyKind) -> ColumnElement[bool]:
    return exists().where(
        SurveyAnswer.order_id == SurveyAsk.order_id,
        SurveyAnswer.person_id == SurveyAsk.person_id,
        SurveyAnswer.kind == kind,
    )


def _of_contract(query: Chosen, filters: Filters) -> Chosen:
    """`query`, which knows the order, narrowed to the contract's segment and owner."""
    query = query.join(Contract, Contract.id == Order.contract_id)
    if filters.segment:
        query = query.where(Contract.segment == filters.segment)
    if filters.owner_id is not None:
        query = query.where(Contract.owner_id == filters.owner_id)
    return query
