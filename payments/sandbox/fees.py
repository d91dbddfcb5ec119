"""What Stripe keeps of a payment, and the balance transactions that say what moved."""

from __future__ import annotations

from stripe import BalanceTransaction

from payments.sandbox.objects import make, new_id
from payments.sandbox.store import Json
from payments.sandbox.work import Work

DAY = 86_400
AVAILABLE_AFTER = 2 * DAY

# Basis points of the amount, and minor units on top. Invented round figures in Stripe's manner.
DISPUTE_FEE = 1_500
TABLE = {"card": (290, 30), "alipay": (220, 0), "wechat_pay": (220, 0)}


def fee(method: str, amount: int) -> int:
    """The fee in minor units, its fraction rounded half up."""
    points, fixed = TABLE[method]
    return (amount * points + 5_000) // 10_000 + fixed


def book(work: Work, charge: Json, method: str) -> str:
    """Write the balance transaction of a succeeded charge; returns its id."""
    kept = fee(method, charge["amount"])
    # Stripe books cards as charges and everything else as payments.
    kind = "charge" if method == "card" else "payment"
    return move(work, charge, charge["amount"], kept, kind=kind, category="charge")


def move(work: Work, source: Json, amount: int, kept: int, *, kind: str, category: str) -> str:
    """Write what `source` did to the balance: `amount` in, or out below zero, less a fee. Returns the balance
    transaction's id. What comes in is available after two days, what goes out at once."""
    detail = make(
        BalanceTransaction.FeeDetail,
        amount=kept,
        currency=source["currency"],
        description="Stripe processing fees",
        type="stripe_fee",
    )
    available_on = work.now + (AVAILABLE_AFTER if amount > 0 and category == "charge" else 0)
    txn = make(
        BalanceTransaction,
        id=new_id("txn"),
        amount=amount,
        available_on=available_on,
        balance_type="payments",
        created=work.now,
        currency=source["currency"],
        description=source.get("description"),
        fee=kept,
        fee_details=[detail] if kept else [],
        net=amount - kept,
        reporting_category=category,
        source=source["id"],
        status="pending" if available_on > work.now else "available",
        type=kind,
    )
    work.rows.add(txn)
    if available_on > work.now:
        work.rows.task(available_on, "become_available", txn["id"])
    return str(txn["id"])
