"""What finance has to do in the demo: an account to transfer to, an order that waits for it, refunds asked for and
made. All by the portal's own flows; begun again after an interruption, it does what is missing."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select

from payments.errors import GatewayError, PaymentsError
from payments.money import Money
from payments.refunds.models import RefundState
from payments.transfers import actions as transfers
from payments.transfers import queries as transfer_queries
from portal.accounts.models import Person, StaffRole
from portal.checkout import flows
from portal.checkout import queries as checkout
from portal.checkout.models import MoneyLimit
from portal.kit import clock
from portal.kit.db import reading, transaction
from portal.kit.errors import Refusal
from portal.orders.models import Order, OrderState

LIMITS: Final = {"CNY": 500_000, "USD": 70_000, "JPY": 100_000}
ACCOUNTS: Final = {
    "CNY": ("Bank of Shanghai 上海银行", "6230 5700 0012 3456", "BOSHCNSH"),
    "USD": ("Harbour Commercial Bank", "0098 7654 3210", "HCBKHKHH"),
}


def write() -> None:
    """Limits and accounts, as an administrator and finance set them up."""
    at = clock.now()
    finance, admin = _ref(StaffRole.FINANCE), _ref(StaffRole.ADMIN)
    with transaction() as db:
        for currency, minor in LIMITS.items():
            if db.get(MoneyLimit, currency) is None:
                db.add(
                    MoneyLimit(
                        currency=currency, refund_minor=minor, transfer_minor=minor * 10,
                        second_payment_minor=0, changed_by=admin, changed_at=at,
                    )
                )  # fmt: skip
        for currency, (bank, number, routing) in ACCOUNTS.items():
            if transfer_queries.account_for(db, currency) is None:
                transfers.add_account(
                    db, finance, at, currency=currency, holder="Tidewell", bank=bank, number=number,
                    routing=routing, note="",
                )  # fmt: skip


def move() -> None:
    """One customer chooses bank transfer; one refund waits for finance and one for a second person, a part of one
    order went back and all of another."""
    try:
        _transfer()
        _refunds()
    except (GatewayError, Refusal):
        return  # the provider is away, as for the orders before


def _transfer() -> None:
    orders = _in(OrderState.AWAITING_PAYMENT, "CNY")
    if orders and not _in(OrderState.AWAITING_TRANSFER, "CNY"):
        flows.pay_by_transfer(orders[-1].number, orders[-1].placed_by, clock.now())


def _refunds() -> None:
    cs, people = _ref(StaffRole.CS), (_ref(StaffRole.FINANCE), _ref(StaffRole.ADMIN))
    for order, minor, words, agreed in _wished():
        with reading() as db:
            standing = checkout.standings(db, order.number)
        if not standing or standing[0].refunds:
            continue
        try:
            amount = Money(minor, order.currency)
            refund_id = flows.request_refund(standing[0].source, amount, words, cs)
            for person in people[:agreed]:
                if flows.agree(refund_id, person) is not RefundState.REQUESTED:
                    break  # below the limit one is enough
        except PaymentsError:
            continue


def _wished() -> list[tuple[Order, int, str, int]]:
    """Which orders' money goes back, how much, why, and how many people have agreed."""
    cny, usd, jpy = (_paid(currency) for currency in ("CNY", "USD", "JPY"))
    return [
        *((order, order.total_minor // 2, "客户减少了一半席位", 0) for order in cny[:1]),
        *((order, 5_000, "Goodwill for the outage in October", 1) for order in usd[:1]),
        *((order, order.total_minor // 2, "Closed its second office", 1) for order in usd[1:2]),
        *((order, order.total_minor, "契約の重複のため全額返金", 2) for order in jpy[-1:]),
    ]


def _paid(currency: str) -> list[Order]:
    """Orders that were paid, whatever became of their money since: begun again, the same ones are meant."""
    with reading() as db:
        wanted = select(Order).where(Order.paid_at.is_not(None), Order.currency == currency)
        return list(db.scalars(wanted.order_by(Order.id)))


def _in(state: OrderState, currency: str) -> list[Order]:
    with reading() as db:
        wanted = select(Order).where(Order.state == state, Order.currency == currency)
        return list(db.scalars(wanted.order_by(Order.id)))


def _ref(role: StaffRole) -> str:
    with reading() as db:
        return f"person:{db.scalars(select(Person.id).where(Person.staff_role == role)).first()}"
