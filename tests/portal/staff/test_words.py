"""What the desk says about orders, tries to pay and notes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from payments.charges.models import AttemptState
from payments.disputes.models import DisputeState
from payments.gateway.base import EventFacts
from payments.inbox import actions as inbox
from payments.inbox.models import EventState
from payments.ledger.models import Account, EntryKind
from payments.money import Money
from payments.refunds.models import RefundState
from portal.audit import actions as audit
from portal.audit import queries as trail
from portal.checkout import queries as checkout
from portal.finance.rules import Unmatched
from portal.finance.words import ACCOUNTS as ACCOUNT_WORDS
from portal.finance.words import ENTRIES, UNMATCHED, method
from portal.kit.db import transaction
from portal.orders.models import OrderState
from portal.pricing import actions as pricing
from portal.staff.rules import VIEW_STATES, View
from portal.staff.words import money, orders, story
from portal.staff.words import notes as notes_words
from portal.surveys.models import ReasonCode, SurveyAnswer, SurveyKind
from tests import factories
from tests.conftest import NOW
from tests.portal.finance import make

ZONE = "Asia/Shanghai"


@pytest.fixture(autouse=True)
def _request(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def test_nothing_lacks_its_words() -> None:
    assert set(orders.STATES) == set(orders.TURNS) == set(OrderState)
    assert set(orders.VIEWS) == set(VIEW_STATES) == set(View)
    assert set(UNMATCHED) == set(Unmatched)
    assert set(money.ATTEMPTS) == set(AttemptState)
    assert set(money.EVENTS) == set(EventState)
    assert set(ENTRIES) == set(EntryKind)
    assert set(ACCOUNT_WORDS) == set(Account)


@pytest.mark.parametrize(("paid_with", "said"), [
    ("card visa 4242", "Visa ending 4242"), ("card unknown_brand 1", "Unknown_brand ending 1"),
    ("card amex 1005", "American Express ending 1005"), ("card", "Card"), ("alipay", "Alipay"),
    ("wechat_pay", "WeChat Pay"), ("brand_new_method", "Brand new method"), (None, None), ("", None),
])  # fmt: skip
def test_a_method_is_named(paid_with: str | None, said: str | None) -> None:
    assert method(paid_with) == said


def test_a_renewal_of_several_products_is_one_line() -> None:
    with transaction() as db:
        factories.book(db)
        lines = [("insight", 20, 100_000), ("backup", 5, 100_000)]
        contract = factories.contract(db, factories.company(db), lines=lines)
        quote = pricing.seal(db, contract, 12, None, "person:1", NOW)
    assert orders.renewal(quote) == "Insight Analytics, Business and Cloud Backup, Team, 12 mo"


def test_tries_to_pay_say_how_they_stand_and_ended() -> None:
    later = NOW + timedelta(minutes=5)
    with transaction() as db:
        factories.book(db)
        order = make.placed(db)
        amount = Money(100, "CNY")
        make.attempt(db, order.subject, amount, state=AttemptState.EXPIRED, closed_at=later)
        make.attempt(db, order.subject, amount, state=AttemptState.FAILED, closed_at=later,
                     failure_code="card_declined")  # fmt: skip
        make.attempt(db, order.subject, amount, failure_code="insufficient_funds")
        items = money.tried(checkout.attempts(db, order.number), ZONE)
    expired, closed, failed, fell, waiting = items
    assert (expired.chip, closed.title, closed.at) == (("quiet", "Closed unpaid"), "Payment page closed", later)
    assert (failed.chip, fell.title, fell.notes) == (
        ("warn", "Failed"),
        "Payment failed",
        ["The bank declined the card"],
    )
    assert waiting.chip == ("info", "Waiting on Stripe’s page")
    assert waiting.notes == [
        "CN¥1.00 asked for.", "Last checked with Stripe 22 Nov 2026, 14:30.", "Declined: not enough funds",
    ]  # fmt: skip


def test_an_event_that_failed_says_why() -> None:
    with transaction() as db:
        factories.book(db)
        order = make.placed(db)
        attempt = make.attempt(db, order.subject, order.total)
        inbox.keep(db, EventFacts("evt_9", "x.y", attempt.session_id or "", False, NOW), "stripe", NOW)
        [event] = checkout.events(db, order.number)
        inbox.park(db, event, "no such page", NOW)
        db.refresh(event)
        [item] = money.reported([event])
    assert item.notes == ["no such page"]
    assert item.chip == ("warn", "Belongs to no order yet")


def test_notes_tell_facts_in_words_and_keep_amounts_from_those_who_may_not_see_them() -> None:
    with transaction() as db:
        facts = {"colour": "red", "got_minor": 500, "got_currency": "CNY", "odd_minor": 7, "empty": None}
        audit.note(db, "person:404", "order.annotated", "order:X", NOW, **facts)
        audit.note(db, "system", "order.checked", "order:X", NOW, answered=False)
        notes = trail.about(db, ["order:X"])
    unknown, checked = notes_words.noted(notes, {}, with_amounts=True)
    assert (unknown.title, unknown.by) == ("Noted: order.annotated", "person:404")
    assert unknown.notes == ["colour: red", "Amount paid: CN¥5.00", "odd: 7"]
    assert (checked.title, checked.by, checked.notes) == (
        "Checked with Stripe by hand", "the portal", ["Stripe answered: no"],
    )  # fmt: skip
    assert notes_words.noted(notes, {}, with_amounts=False)[0].notes == ["colour: red"]


def test_the_survey_is_told_by_question() -> None:
    kept = SurveyAnswer(
        kind=SurveyKind.NPS, score=9, code=ReasonCode.EASE, reason="Quick", person_id=7, quick=True, several=False,
        answered_at=NOW,
    )  # fmt: skip
    (item,) = story.answered([kept], {"person:7": "Lin Yue"})
    assert (item.title, item.by) == ("Recommendation (NPS) answered: 9 of 10", "Lin Yue")
    assert item.notes == ["How easy it is to use", "Quick", "Answered within 10 seconds of delivery"]


def test_why_the_survey_was_not_mailed(app: Flask) -> None:
    with transaction() as db:
        audit.note(db, "system", "survey.not_mailed", "order:X", NOW, dropped="opted_out", person_id=7)
        (item,) = notes_words.noted(trail.about(db, ["order:X"]), {}, with_amounts=False)
    assert (item.title, item.notes) == ("Survey not mailed", ["They want no questions by mail."])


def test_every_move_of_money_that_goes_back_has_its_words() -> None:
    actions = [f"refund.{state}" for state in ("requested", "agreed", "refused", "seen", *RefundState)]
    actions += [f"payment.dispute_{state}" for state in DisputeState]
    actions += [f"order.dispute_{state}" for state in DisputeState]
    actions += [
        "order.refunded", "payment.fraud_warning", "payment.assigned", "credit_note.issued", "credit_note.voided",
        "contract.term_reversed", "contract.term_restored", "exception.closed", "payments.compared",
    ]  # fmt: skip
    with transaction() as db:
        for action in actions:
            audit.note(db, "system", action, "order:X", NOW)
        told = notes_words.noted(trail.about(db, ["order:X"]), {}, with_amounts=True)
    strange = {item.title for item in told if "." in item.title}
    assert strange <= {"Noted: refund.approved"}  # people's yes is told as such


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"resolution": "kept"}, "The term was kept."),
        ({"resolution": "ended:2027-02-28"}, "The term ends on 28 February 2027."),
        ({"resolution": "ended:soon"}, "ended:soon"),
        ({"resolution": "Called Mr Wang"}, "Called Mr Wang"),
        ({"reason": "second_payment"}, "The order was paid twice"),
        ({"reason": "money_went_back"}, "Its money went back."),
        ({"reason": "fewer seats"}, "fewer seats"),
    ],
)
def test_codes_are_told_and_words_stand_as_typed(facts: dict[str, str], said: str) -> None:
    with transaction() as db:
        audit.note(db, "system", "exception.closed", "order:X", NOW, **facts)
        (item,) = notes_words.noted(trail.about(db, ["order:X"]), {}, with_amounts=True)
    assert item.notes == [said]
