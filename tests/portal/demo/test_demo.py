"""The demo at life size, as a first start makes it that was interrupted once and then completed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
import requests
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from payments.charges.models import AttemptState, PaymentAttempt
from payments.sandbox.app import create_sandbox
from portal import demo
from portal.accounts.models import Company, Person
from portal.accounts.signin import passwords
from portal.accounts.signin.demo import PASSWORD, PEOPLE
from portal.app import create_app
from portal.checkout import selfcheck
from portal.contracts import queries, rules
from portal.contracts.models import Contract, Segment, Term, TermLine
from portal.contracts.rules import Standing
from portal.demo import shopper
from portal.demo.plan import PLAN, Story
from portal.kit import clock
from portal.kit.db import database, reading, transaction
from portal.kit.mail import Mail
from portal.kit.outbox import JobState, OutboxRow
from portal.orders.models import Order, OrderState
from portal.surveys.actions import MAIL_JOB
from portal.surveys.models import SurveyAnswer, SurveyKind
from tests.conftest import empty, make_settings

PAID_BEFORE_THE_BREAK = 6


@dataclass
class Made:
    """A database with the demo in it, and the provider that it was paid at."""

    provider: str
    began_at: datetime


class Break(KeyboardInterrupt):
    """Somebody presses Ctrl-C."""


@pytest.fixture
def made(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    sandbox = create_sandbox(tmp_path_factory.mktemp("demo") / "stripe.db", settle_seconds=3600)
    with sandbox.serving() as base:
        settings = make_settings(
            PORTAL_DATABASE_URL=database_url, STRIPE_API_BASE=base, STRIPE_BROWSER_BASE=base, PORTAL_MODE="demo"
        )
        app = create_app(settings)
        with app.app_context():
            try:
                began_at = clock.now()
                interrupted()
                assert demo.is_wanted()
                filled = demo.seed_if_empty()
                assert filled
                assert filled.left_out is None
                yield Made(base, began_at)
            finally:
                with transaction() as db:
                    empty(db)
                database.engine.dispose()
    sandbox.close()


def interrupted() -> None:
    """A first start that ends while orders are being paid."""
    sent = 0

    def choose(url: str, outcome: str, method: str = "card") -> None:
        nonlocal sent
        sent += 1
        if sent > PAID_BEFORE_THE_BREAK:
            raise Break
        real(url, outcome, method)

    real = shopper.choose
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Break):
        patch.setattr(shopper, "choose", choose)
        demo.seed_if_empty()


def it_is_as_large_as_life(db: Session, made: Made) -> None:
    assert db.scalar(select(func.count()).select_from(Company)) >= 200  # type: ignore[operator]
    contracts = db.scalars(select(Contract)).all()
    assert len(contracts) >= 600
    assert {contract.currency for contract in contracts} == {"CNY", "USD", "JPY"}
    assert {contract.segment for contract in contracts} == set(Segment)
    owners = Counter(contract.owner_id for contract in contracts)
    assert len(owners) == 3
    assert 5 <= owners[None] <= 40
    lines = db.execute(select(func.count()).select_from(TermLine).group_by(TermLine.term_id)).scalars().all()
    assert max(lines) == 40
    assert len(set(lines)) >= 5
    long = [name for name in db.scalars(select(Company.name)) if len(name) >= 40]
    assert any(name.isascii() for name in long)
    assert any("公司" in name for name in long)
    assert any("および" in name for name in long)


def history_is_imported(db: Session, made: Made) -> None:
    """Three years of terms without order; each begins the day after the one before."""
    long_ago = made.began_at.date() - timedelta(days=3 * 365)
    starts = select(Term.contract_id).group_by(Term.contract_id).having(func.min(Term.starts_on) < long_ago)
    old = db.scalars(starts).all()
    assert len(old) >= 300
    terms = db.scalars(select(Term).order_by(Term.contract_id, Term.starts_on)).all()
    assert sum(term.order_number is not None for term in terms) == len(paid(db))
    for before, after in pairwise(terms):
        if before.contract_id == after.contract_id:
            assert after.starts_on == before.ends_on + timedelta(days=1)
        assert rules.end_of(before.anchor_on, before.months_from_anchor) == before.ends_on


def paid(db: Session) -> list[Order]:
    return list(db.scalars(select(Order).where(Order.paid_at.is_not(None))))


def standing_of(db: Session, number: str, at: datetime) -> tuple[Standing, int]:
    whole = queries.by_number(db, number)
    assert whole
    on = clock.day(at, whole.zone)
    left = rules.days_left(rules.running(whole.terms, on).ends_on, on)
    return rules.standing(whole.terms, on, declined=whole.declined_at is not None), left


def named_people_and_contracts_are_as_promised(db: Session, made: Made) -> None:
    people = {person.email: person for person in db.scalars(select(Person))}
    for each in PEOPLE:
        assert people[each.email].name == each.name
        assert people[each.email].language == each.language
    assert passwords.matches(people["owner@aurora.example"], PASSWORD)
    at = made.began_at
    assert standing_of(db, "CT-2023-00417", at) == (Standing.DUE, 20)
    assert standing_of(db, "CT-2024-00952", at) == (Standing.UPCOMING, 75)
    assert standing_of(db, "CT-2022-00188", at) == (Standing.IN_GRACE, -9)
    assert standing_of(db, "CT-2025-01310", at) == (Standing.UPCOMING, 585)
    assert standing_of(db, "CT-2024-01107", at) == (Standing.ENDS_TODAY, 0)
    assert standing_of(db, "CT-2021-00063", at) == (Standing.LAPSED, -75)
    assert standing_of(db, "CT-2022-00731", at) == (Standing.RENEWED, 15)
    assert standing_of(db, "CT-2024-00318", at) == (Standing.DUE, 40)
    leap = queries.by_number(db, "CT-2025-00229")
    assert leap
    assert (leap.ends_on.month, leap.ends_on.day) == (2, 29)


def contracts_stand_as_in_life(db: Session, made: Made) -> None:
    wanted = select(Contract).options(*queries.whole())
    found = Counter(
        rules.standing(
            contract.terms, clock.day(made.began_at, contract.zone), declined=contract.declined_at is not None
        )
        for contract in db.scalars(wanted)
    )
    assert set(found) == set(Standing)
    assert found[Standing.UPCOMING] > 300
    assert 48 <= found[Standing.DUE] <= 150
    assert min(found[standing] for standing in (Standing.IN_GRACE, Standing.LAPSED, Standing.RENEWED)) >= 15
    assert found[Standing.DECLINED] >= 5


def orders_stand_in_every_state(db: Session, made: Made) -> None:
    orders = db.scalars(select(Order).order_by(Order.number)).all()
    assert len(orders) == len(PLAN)
    states = Counter(order.state for order in orders)
    assert set(states) == {
        OrderState.AWAITING_PAYMENT, OrderState.AWAITING_TRANSFER, OrderState.PROCESSING, OrderState.HELD,
        OrderState.PAID, OrderState.PARTLY_REFUNDED, OrderState.REFUNDED, OrderState.CANCELLED, OrderState.EXPIRED,
    }  # fmt: skip
    paid_in_all = sum(states[each] for each in (OrderState.PAID, OrderState.PARTLY_REFUNDED, OrderState.REFUNDED))
    assert paid_in_all == sum(planned.story.startswith("paid") for planned in PLAN)
    assert {order.held_reason for order in orders if order.held_reason} == {"amount", "currency", "reference"}
    assert sum(order.last_failure is not None and order.state == "awaiting_payment" for order in orders) == sum(
        planned.story is Story.REFUSED for planned in PLAN
    )
    placed = [order.placed_at for order in orders]
    assert placed == sorted(placed)
    assert placed[0] < made.began_at - timedelta(days=40)
    assert placed[-1] < made.began_at
    assert {order.currency for order in orders} == {"CNY", "USD", "JPY"}
    methods = {(order.paid_with or "").split()[0] for order in paid(db)}
    assert {"card", "alipay"} <= methods
    assert min(order.paid_at for order in paid(db) if order.paid_at) >= made.began_at - timedelta(seconds=1)


def books_and_provider_agree_from_the_first_minute(db: Session, made: Made) -> None:
    assert selfcheck.run(db) == []
    taken = select(PaymentAttempt).where(PaymentAttempt.state == AttemptState.SUCCEEDED)
    ours = {attempt.charge_id for attempt in db.scalars(taken)}
    answer = requests.get(f"{made.provider}/v1/charges?limit=100", auth=("sk_test_portal", ""), timeout=10).json()
    charges = {row["id"]: row["amount"] for row in answer["data"] if row["status"] == "succeeded"}
    assert ours < set(charges)
    (stray,) = set(charges) - ours
    assert charges[stray] == 240_000


def people_said_how_it_went_and_were_written_to(db: Session, made: Made) -> None:
    said = sum(planned.score > 0 for planned in PLAN)
    csat = db.scalars(select(SurveyAnswer.score).where(SurveyAnswer.kind == SurveyKind.CSAT)).all()
    assert len(csat) == said
    assert set(csat) == {1, 2, 3, 4, 5}
    nps = db.scalars(select(SurveyAnswer.score).where(SurveyAnswer.kind == SurveyKind.NPS)).all()
    assert len(nps) == said
    assert min(nps) <= 6
    assert max(nps) >= 9
    kinds = Counter(db.scalars(select(Mail.kind)))
    assert kinds["order.paid"] >= len(paid(db))
    assert {"order.placed", "order.cancelled", "order.expired", "order.held", "desk.order_held"} <= set(kinds)
    # All that is due is done; what is planned for later are the surveys' mails.
    left = db.scalars(select(OutboxRow.job).where(OutboxRow.state != JobState.DONE)).all()
    assert set(left) == {MAIL_JOB}


def it_is_the_same_demo_each_time(db: Session, made: Made) -> None:
    numbers = select(Contract.number, Company.name).join(Company).order_by(Contract.id).limit(3)
    drawn = [(number.rpartition("-")[2], name) for number, name in db.execute(numbers)]
    assert drawn == SAME


SAME = [
    ("02000", "Marlowick Printing Company"),
    ("02001", "凪野医療機器株式会社"),
    ("02002", "有限会社ひなた野設計事務所"),
]


def a_second_start_leaves_it_alone(_db: Session, _made: Made) -> None:
    assert not demo.is_wanted()
    assert demo.seed_if_empty() is None


CHECKS = (
    it_is_as_large_as_life,
    history_is_imported,
    named_people_and_contracts_are_as_promised,
    contracts_stand_as_in_life,
    orders_stand_in_every_state,
    books_and_provider_agree_from_the_first_minute,
    people_said_how_it_went_and_were_written_to,
    it_is_the_same_demo_each_time,
    a_second_start_leaves_it_alone,
)


@pytest.mark.slow
def test_the_demo(made: Made) -> None:
    """All checks in one test: filling the database is dear, and tests may be spread over processes."""
    for check in CHECKS:
        with reading() as db:
            check(db, made)
