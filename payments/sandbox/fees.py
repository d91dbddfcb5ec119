"""What Stripe keeps of a payment, and the balance transaction that says so."""

from __future__ import annotations

from stripe import BalanceTransaction

from payments.sandbox.objects import make, new_id
from payments.sandbox.store import Json
from payments.sandbox.work import Work

DAY = 86_400
AVAILABLE_AFTER = 2 * DAY

# Basis points of the amount, and minor units on top. Invented round figures in Stripe's manner.
TABLE = {"card": (290, 30), "alipay": (220, 0), "wechat_pay": (220, 0)}


def fee(method: str, amount: int) -> int:
    """The fee in minor units, its fraction rounded half up."""
    points, fixed = TABLE[method]
    return (amount * points + 5_000) // 10_000 + fixed


def book(work: Work, charge: Json, method: str) -> str:
    """Write the balance transaction of a succeeded charge; returns its id."""
    kept = fee(method, charge["amount"])
    detail = make(
        BalanceTransaction.FeeDetail,
        amount=kept,
        currency=charge["currency"],
        description="Stripe processing fees",
        type="stripe_fee",
    )
    available_on = work.now + AVAILABLE_AFTER
    txn = make(
        BalanceTransaction,
        id=new_id("txn"),
        amount=charge["amount"],
        available_on=available_on,
        balance_type="payments",
        created=work.now,
        currency=charge["currency"],
        description=charge["description"],
        fee=kept,
        fee_details=[detail],
        net=charge["amount"] - kept,
        reporting_category="charge",
        source=charge["id"],
        status="pending",
        # Stripe books cards as charges and everything else as payments.
        type="charge" if method == "card" else "payment",
    )
    work.rows.add(txn)
    work.rows.task(available_on, "become_available", txn["id"])
    return str(txn["id"])
