"""Bank transfer: what to write where, and what becomes of the money that finance finds, or does not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine

from payments.errors import BankLineKnown, IllegalMove, NeedsAnotherPerson, ValueDateWrong
from payments.ledger.models import Account
from payments.money import Money
from payments.refunds.models import RefundState
from payments.transfers import actions as transfers
from payments.transfers import queries
from payments.transfers.models import Transfer
from portal.checkout import flows
from portal.checkout.errors import AlreadyPaid, NoAccount, OrderNotPayable, TransferSeen
from portal.checkout.models import MoneyLimit
from portal.kit import clock
from portal.kit.db import reading, transaction
from portal.orders.models import CancelledBy, OrderState
from tests.conftest import NOW
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.support import (
    Renewal,
    ask_back,
    attempts_of,
    balances,
    broken,
    exceptions_of,
    open_page,
    order_of,
    refund_of,
    renewal,
    terms_of,
)

TODAY = date(2026, 11, 22)
FINANCE, SECOND = "person:902", "person:903"


def account(currency: str = "CNY") -> None:
    with transaction() as db:
        transfers.add_account(
            db, FINANCE, clock.now(), currency=currency, holder="Tidewell", bank="Bank of Shanghai",
            number="6222 0000 1111", routing="BOSHCNSH", note="",
        )  # fmt: skip


def limit(minor: int, currency: str = "CNY") -> None:
    with transaction() as db:
        db.add(
            MoneyLimit(
                currency=currency, refund_minor=10**12, transfer_minor=minor, second_payment_minor=0,
                changed_by="person:1", changed_at=clock.now(),
            )
        )  # fmt: skip


def awaited(currency: str = "CNY") -> tuple[Renewal, Transfer]:
    account(currency)
    limit(10**12, currency)
    made = renewal(currency=currency)
    flows.pay_by_transfer(made.number, made.payer, clock.now())
    return made, transfer_of(made)


def transfer_of(made: Renewal) -> Transfer:
    with reading() as db:
        return queries.of_subject(db, f"order:{made.number}")[-1]


def see(transfer: Transfer, minor: int | None = None, line: str = "L1", currency: str | None = None) -> bool:
    received = Money(transfer.amount_minor if minor is None else minor, currency or transfer.currency)
    return flows.see_transfer(transfer.id, received, TODAY, line, FINANCE)


@pytest.mark.parametrize("currency", ["CNY", "JPY", "KWD"])
def test_the_exact_amount_renews_like_any_payment(gateway: FakeGateway, currency: str) -> None:
    made, transfer = awaited(currency)
    order = order_of(made.number)
    assert order.state is OrderState.AWAITING_TRANSFER
    assert (transfer.reference, transfer.amount) == (made.number, order.total)
    assert order.expires_at >= NOW + timedelta(days=14)
    assert see(transfer)
    paid = order_of(made.number)
    assert (paid.state, paid.paid_with) == (OrderState.PAID, "bank_transfer")
    assert len(terms_of(made.contract_id)) == 2
    assert balances()[Account.BANK, currency] == order.total_minor
    assert (Account.STRIPE_CLEARING, currency) not in balances()
    assert broken() == []
    assert gateway.calls == []


def test_the_same_wish_again_is_the_same_transfer(gateway: FakeGateway) -> None:
    made, transfer = awaited()
    assert flows.pay_by_transfer(made.number, made.payer, clock.now()) == transfer.reference
    assert len(attempts_of(made.number)) == 1


def test_stripes_page_is_closed_first(gateway: FakeGateway) -> None:
    account()
    made = renewal()
    page = open_page(made)
    flows.pay_by_transfer(made.number, made.payer, clock.now())
    assert gateway.sessions[page].status == "expired"
    assert [each.state.value for each in attempts_of(made.number)] == ["expired", "open"]


def test_a_page_that_was_paid_meanwhile_pays_the_order(gateway: FakeGateway) -> None:
    account()
    made = renewal()
    gateway.pay(open_page(made))
    with pytest.raises(AlreadyPaid):
        flows.pay_by_transfer(made.number, made.payer, clock.now())
    assert order_of(made.number).state is OrderState.PAID
    assert broken() == []


def test_money_on_its_way_is_waited_for(gateway: FakeGateway) -> None:
    account()
    made = renewal()
    gateway.complete_unpaid(open_page(made))
    with pytest.raises(OrderNotPayable):
        flows.pay_by_transfer(made.number, made.payer, clock.now())


def test_without_an_account_there_is_no_transfer(gateway: FakeGateway) -> None:
    account("USD")
    made = renewal()
    with pytest.raises(NoAccount):
        flows.pay_by_transfer(made.number, made.payer, clock.now())
    assert order_of(made.number).state is OrderState.AWAITING_PAYMENT


@pytest.mark.parametrize(("minor", "currency"), [(1, "CNY"), (None, "USD")])
def test_another_amount_or_currency_is_held(gateway: FakeGateway, minor: int | None, currency: str) -> None:
    made, transfer = awaited()
    if currency != "CNY":
        limit(10**12, currency)
    see(transfer, minor, currency=currency)
    assert order_of(made.number).state is OrderState.HELD
    assert exceptions_of(f"order:{made.number}") == {"held": None}
    assert len(terms_of(made.contract_id)) == 1
    assert broken() == []


def test_nobody_agrees_to_money_that_nobody_has_found(gateway: FakeGateway) -> None:
    made, transfer = awaited()
    with pytest.raises(IllegalMove):
        flows.agree_to_transfer(transfer.id, SECOND)
    with pytest.raises(IllegalMove):
        flows.take_transfer_back(transfer.id, SECOND)
    assert order_of(made.number).state is OrderState.AWAITING_TRANSFER
    assert transfer_of(made).received is None
    assert broken() == []


def test_above_the_limit_a_second_person_agrees(gateway: FakeGateway) -> None:
    account()
    made = renewal()
    flows.pay_by_transfer(made.number, made.payer, clock.now())
    transfer = transfer_of(made)
    assert not see(transfer)
    assert order_of(made.number).state is OrderState.AWAITING_TRANSFER
    with pytest.raises(NeedsAnotherPerson):
        flows.agree_to_transfer(transfer.id, FINANCE)
    with pytest.raises(TransferSeen):
        flows.pay_at_once(made.number, made.payer, clock.now())
    flows.take_transfer_back(transfer.id, FINANCE)
    assert not see(transfer, line="L2")
    flows.agree_to_transfer(transfer.id, SECOND)
    assert order_of(made.number).state is OrderState.PAID
    with pytest.raises(IllegalMove):
        flows.agree_to_transfer(transfer.id, SECOND)
    assert broken() == []


def test_one_line_of_the_bank_pays_once(gateway: FakeGateway) -> None:
    _first, transfer = awaited()
    see(transfer, line="L1")
    other = renewal()
    flows.pay_by_transfer(other.number, other.payer, clock.now())
    with pytest.raises(BankLineKnown):
        see(transfer_of(other), line="L1")
    assert order_of(other.number).state is OrderState.AWAITING_TRANSFER


@pytest.mark.parametrize("day", [TODAY + timedelta(days=1), TODAY - timedelta(days=1)])
def test_a_value_date_that_cannot_be(gateway: FakeGateway, day: date) -> None:
    made, transfer = awaited()
    with pytest.raises(ValueDateWrong):
        flows.see_transfer(transfer.id, transfer.amount, day, "L1", FINANCE)
    assert order_of(made.number).state is OrderState.AWAITING_TRANSFER


def test_back_to_the_page_and_the_money_that_comes_all_the_same(gateway: FakeGateway) -> None:
    made, transfer = awaited()
    flows.pay_at_once(made.number, made.payer, clock.now())
    assert order_of(made.number).state is OrderState.AWAITING_PAYMENT
    gateway.pay(open_page(made))
    flows.settle_order(made.number)
    assert order_of(made.number).state is OrderState.PAID
    see(transfer)  # the customer had sent it before
    assert order_of(made.number).state is OrderState.PAID
    assert exceptions_of(f"order:{made.number}") == {"second_payment": None}
    assert broken() == []


def test_cancelling_and_expiring_and_late_money(gateway: FakeGateway) -> None:
    made, transfer = awaited()
    flows.cancel(made.number, made.payer, CancelledBy.CUSTOMER)
    assert order_of(made.number).state is OrderState.CANCELLED
    see(transfer)
    assert order_of(made.number).state is OrderState.HELD
    assert exceptions_of(f"order:{made.number}") == {"held": None}
    with time_machine.travel(NOW, tick=False):
        other = renewal()
        flows.pay_by_transfer(other.number, other.payer, clock.now())
    with time_machine.travel(order_of(other.number).expires_at, tick=False):
        flows.sweep()
    assert order_of(other.number).state is OrderState.EXPIRED
    assert broken() == []


def test_a_refund_is_sent_by_hand_and_booked_once(gateway: FakeGateway) -> None:
    made, transfer = awaited()
    see(transfer)
    source = f"bank:{transfer.reference}"
    refund_id = ask_back(made, order_of(made.number).total_minor, source=source)
    assert flows.agree(refund_id, FINANCE) is RefundState.APPROVED
    flows.sweep()
    assert refund_of(refund_id).state is RefundState.APPROVED
    assert flows.refund_was_sent(refund_id, "OUT-1", TODAY, FINANCE) is RefundState.SUCCEEDED
    with pytest.raises(LookupError):
        flows.refund_was_sent(refund_id, "OUT-2", TODAY, FINANCE)
    assert order_of(made.number).state is OrderState.REFUNDED
    assert (Account.BANK, "CNY") not in balances()
    assert gateway.calls == []
    assert broken() == []
