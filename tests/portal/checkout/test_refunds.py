"""Refunds, from the request to the books: whole, in parts, slow, failing, made elsewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from payments.errors import NeedsAnotherPerson, NothingToRefund, RefundTooLarge
from payments.gateway.base import RefundStatus
from payments.ledger.models import Account
from payments.refunds.models import RefundState
from portal.checkout import flows
from portal.checkout.errors import PaymentContested
from portal.checkout.models import MoneyLimit
from portal.documents.models import CreditNote
from portal.kit import clock
from portal.kit.db import reading, transaction
from portal.orders.models import OrderState
from tests.conftest import NOW
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.support import (
    Renewal,
    ask_back,
    attempts_of,
    balances,
    broken,
    exceptions_of,
    give_back,
    hear,
    open_page,
    order_of,
    paid,
    payment,
    refund_of,
    renewal,
    settle,
    terms_of,
)


def notes_of(made: Renewal) -> list[CreditNote]:
    with reading() as db:
        return list(db.scalars(select(CreditNote).order_by(CreditNote.id)))


def limit(currency: str, refund: int, second: int = 0) -> None:
    with transaction() as db:
        db.add(
            MoneyLimit(
                currency=currency, refund_minor=refund, transfer_minor=0, second_payment_minor=second,
                changed_by="person:1", changed_at=clock.now(),
            )
        )  # fmt: skip


@pytest.mark.parametrize("currency", ["CNY", "JPY", "KWD"])
def test_r21_a_whole_refund_ends_the_term_and_leaves_nothing_in_the_books(
    gateway: FakeGateway, currency: str
) -> None:
    made = paid(gateway, currency=currency)
    before = terms_of(made.contract_id)
    refund = refund_of(give_back(made, order_of(made.number).total_minor))
    assert refund.state is RefundState.SUCCEEDED
    assert (refund.requested_by, refund.approved_by, refund.second_by) == (
        "person:901",
        "person:902",
        "person:903",
    )
    assert order_of(made.number).state is OrderState.REFUNDED
    assert [term.order_number for term in terms_of(made.contract_id)] == [None]
    assert len(before) == 2
    left = balances()
    assert (Account.DEFERRED_REVENUE, currency) not in left
    assert (Account.OUTPUT_TAX, currency) not in left
    assert left[Account.STRIPE_CLEARING, currency] == -left[Account.STRIPE_FEES, currency]
    [note] = notes_of(made)
    quote = order_of(made.number).quote
    assert (note.number, note.amount_minor, note.tax_minor) == (
        "C-2026-000001", quote.total_minor, quote.tax_minor,
    )  # fmt: skip
    assert broken() == []


def test_parts_carry_their_tax_so_that_all_of_it_goes_back(gateway: FakeGateway) -> None:
    made = paid(gateway)
    total, tax = order_of(made.number).total_minor, order_of(made.number).quote.tax_minor
    third = total // 3
    for part in (third, third, total - 2 * third):
        assert order_of(made.number).state in {OrderState.PAID, OrderState.PARTLY_REFUNDED}
        assert len(terms_of(made.contract_id)) == 2
        give_back(made, part)
    assert order_of(made.number).state is OrderState.REFUNDED
    assert sum(note.tax_minor for note in notes_of(made)) == tax
    assert broken() == []


def test_t10_a_refund_of_the_second_payment_leaves_the_good_order_alone(gateway: FakeGateway) -> None:
    """pretix #343: the refund of the duplicate killed the order."""
    made = renewal()
    first = open_page(made)
    gateway.pay(first)
    gateway.sessions["cs_second"] = second = gateway.stranger(
        amount=gateway.sessions[first].amount, reference=made.number, quote_id=made.quote_id
    )
    settle(made)
    gateway.pay(second.id)
    hear(gateway)
    source = f"stripe:{second.charge_id}"
    assert "unknown_payment" in exceptions_of()
    give_back(made, second.amount, source=source)
    assert order_of(made.number).state is OrderState.PAID
    assert len(terms_of(made.contract_id)) == 2
    assert exceptions_of()["unknown_payment"] == "refunded"
    assert broken() == []


def test_above_the_limit_a_second_person_must_agree(gateway: FakeGateway) -> None:
    made = paid(gateway)
    limit("CNY", 10_000)
    small = ask_back(made, 10_000, by="person:902")
    assert flows.agree(small, "person:902") is RefundState.SUCCEEDED
    large = ask_back(made, 10_001, by="person:901")
    assert flows.agree(large, "person:902") is RefundState.REQUESTED
    for nobody_else in ("person:901", "person:902"):
        with pytest.raises(NeedsAnotherPerson):
            flows.agree(large, nobody_else)
    assert flows.agree(large, "person:903") is RefundState.SUCCEEDED
    assert gateway.calls.count("refund") == 2


def test_i8_never_more_than_was_captured(gateway: FakeGateway) -> None:
    made = paid(gateway)
    total = order_of(made.number).total_minor
    ask_back(made, total - 100)  # only asked for, but it counts
    with pytest.raises(RefundTooLarge):
        ask_back(made, 101)
    for nonsense in (0, -5):
        with pytest.raises(RefundTooLarge):
            ask_back(made, nonsense)
    ask_back(made, 100)
    with pytest.raises(NothingToRefund):
        ask_back(made, 1)


def test_r7_an_answer_that_is_lost_refunds_once(gateway: FakeGateway) -> None:
    made = paid(gateway)
    gateway.lose_answer()
    refund_id = give_back(made, 500)
    assert refund_of(refund_id).state is RefundState.APPROVED
    with time_machine.travel(NOW + timedelta(seconds=30), tick=False):
        flows.sweep()
    assert refund_of(refund_id).state is RefundState.SUCCEEDED
    assert len(gateway.refunds) == 1
    assert broken() == []


def test_after_23_hours_the_provider_is_searched_and_never_asked_again(gateway: FakeGateway) -> None:
    made = paid(gateway)
    gateway.lose_answer()
    heard = give_back(made, 500)
    gateway.go_down()
    unheard = give_back(made, 700)
    asked = gateway.calls.count("refund")
    with time_machine.travel(NOW + timedelta(hours=23, seconds=1), tick=False):
        flows.sweep()
    assert gateway.calls.count("refund") == asked
    assert refund_of(heard).state is RefundState.SUCCEEDED
    assert (refund_of(unheard).state, refund_of(unheard).failure_code) == (RefundState.FAILED, "not_made")
    assert exceptions_of(f"order:{made.number}") == {"refund_failed": None}
    assert broken() == []


def test_a_wallet_refund_settles_later(gateway: FakeGateway) -> None:
    made = paid(gateway)
    gateway.refund_state = RefundStatus.PENDING
    refund_id = give_back(made, 500)
    assert refund_of(refund_id).state is RefundState.PENDING
    assert broken() == []
    gateway.finish_refund(str(refund_of(refund_id).refund_id), "succeeded")
    hear(gateway)
    assert refund_of(refund_id).state is RefundState.SUCCEEDED
    assert order_of(made.number).state is OrderState.PARTLY_REFUNDED


def test_a_refund_that_fails_after_it_was_done_brings_everything_back(gateway: FakeGateway) -> None:
    made = paid(gateway)
    clean = balances()
    refund_id = give_back(made, order_of(made.number).total_minor)
    gateway.finish_refund(str(refund_of(refund_id).refund_id), "failed")
    hear(gateway)
    assert refund_of(refund_id).state is RefundState.FAILED
    assert order_of(made.number).state is OrderState.PAID
    assert len(terms_of(made.contract_id)) == 2
    assert balances() == clean
    assert exceptions_of(f"order:{made.number}") == {"refund_failed": None}
    assert [note.voided_at is not None for note in notes_of(made)] == [True]
    assert broken() == []
    give_back(made, order_of(made.number).total_minor)  # to another card, say: the money is there again
    assert order_of(made.number).state is OrderState.REFUNDED
    assert broken() == []


def test_a_refund_that_somebody_made_at_the_provider_is_followed(gateway: FakeGateway) -> None:
    made = paid(gateway)
    gateway.refund_at_provider(payment(made).partition(":")[2], 300)
    hear(gateway)
    assert order_of(made.number).state is OrderState.PARTLY_REFUNDED
    assert broken() == []


def test_a_yes_comes_too_late_when_the_money_went_another_way(gateway: FakeGateway) -> None:
    made = paid(gateway)
    asked = ask_back(made, order_of(made.number).total_minor)
    gateway.refund_at_provider(payment(made).partition(":")[2], 300)
    hear(gateway)
    assert broken() == []  # what was only asked for is no break
    with pytest.raises(RefundTooLarge):
        flows.agree(asked, "person:902")
    assert refund_of(asked).state is RefundState.REQUESTED
    assert "refund" not in gateway.calls


def test_t9_a_refund_told_before_its_payment_settles_both(gateway: FakeGateway) -> None:
    made = renewal()
    session = open_page(made)
    gateway.pay(session)
    refund_id = gateway.refund_at_provider(str(gateway.sessions[session].charge_id), 300)
    flows.receive(gateway.body(gateway.told[-2]), "signed by the fake")
    while flows.handle_events():
        pass
    assert gateway.told[-2].object_id == refund_id
    assert order_of(made.number).state is OrderState.PARTLY_REFUNDED
    assert attempts_of(made.number)[-1].state.value == "succeeded"
    assert broken() == []


def test_a_late_whole_refund_asks_people_about_the_term(gateway: FakeGateway) -> None:
    made = paid(gateway)
    with time_machine.travel(NOW + timedelta(days=31), tick=False):
        give_back(made, order_of(made.number).total_minor)
        assert order_of(made.number).state is OrderState.REFUNDED
        assert len(terms_of(made.contract_id)) == 2
        assert exceptions_of(f"order:{made.number}") == {"late_return": None}
        assert broken() == []


def test_a_contested_payment_is_not_refunded(gateway: FakeGateway) -> None:
    """T11, lago-api PR 6257: the bank gives the money back already."""
    made = paid(gateway)
    gateway.dispute(payment(made).partition(":")[2])
    hear(gateway)
    with pytest.raises(PaymentContested):
        ask_back(made, 100)


@pytest.mark.parametrize("by_rule", [True, False])
def test_a_second_payment_is_shown_and_below_the_limit_goes_back_by_itself(
    gateway: FakeGateway, by_rule: bool
) -> None:
    """T5, killbill #1015: a page that was thought dead is paid after another one was."""
    made = renewal()
    total = order_of(made.number).total_minor
    limit("CNY", 0, second=total if by_rule else total - 1)
    first = open_page(made)
    gateway.expire(first)
    settle(made)
    gateway.pay(open_page(made))
    settle(made)
    gateway.pay(first)
    hear(gateway)
    with time_machine.travel(NOW + timedelta(seconds=30), tick=False):
        flows.sweep()
    assert order_of(made.number).state is OrderState.PAID
    assert len(terms_of(made.contract_id)) == 2
    assert exceptions_of(f"order:{made.number}") == {"second_payment": "refunded" if by_rule else None}
    assert ((Account.UNAPPLIED_CASH, "CNY") in balances()) is not by_rule
    assert broken() == []


def test_a_refused_refund_can_be_asked_for_again(gateway: FakeGateway) -> None:
    from portal.checkout.actions import refunds  # noqa: PLC0415

    made = paid(gateway)
    total = order_of(made.number).total_minor
    first = ask_back(made, total)
    with transaction() as db:
        refunds.refuse(db, first, "person:902", clock.now())
    assert refund_of(first).state is RefundState.REFUSED
    give_back(made, total)
    assert order_of(made.number).state is OrderState.REFUNDED
    assert broken() == []
