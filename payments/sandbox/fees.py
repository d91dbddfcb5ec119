"""What Stripe keeps of a payment, and the balance transactions that say what moved."""

from __future__ import annotations

from decimal import Decimal

from stripe import BalanceTransaction

from payments.money import exponent, half_up
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


def settled(work: Work, amount: int, currency: str) -> tuple[int, str, Decimal | None]:
    """`amount` as the balance holds it: minor units, currency, and the rate where the currency is another one
    (`money.settings`). Rounded half up to the minor unit; a currency's exponent counts."""
    target = work.rows.setting("settlement", {}).get(currency)
    if target is None:
        return amount, currency, None
    rate = Decimal(target["rate"])
    shift = exponent(target["currency"].upper()) - exponent(currency.upper())
    minor = half_up(abs(amount) * rate * Decimal(10) ** shift)
    return (minor if amount >= 0 else -minor), target["currency"], rate


def book(work: Work, charge: Json, method: str) -> str:
    """Write the balance transaction of a succeeded charge; returns its id."""
    kept = fee(method, settled(work, charge["amount"], charge["currency"])[0])
    # Stripe books cards as charges and everything else as payments.
    kind = "charge" if method == "card" else "payment"
    return move(work, charge, charge["amount"], kept, kind=kind, category="charge")


def move(work: Work, source: Json, amount: int, kept: int, *, kind: str, category: str) -> str:
    """Write what `source` did to the balance: `amount` of its currency in, or out below zero, less a fee of the
    settlement currency. Returns the balance transaction's id. What comes in is available after two days, what goes
    out at once."""
    moved, currency, rate = settled(work, amount, source["currency"])
    detail = make(
        BalanceTransaction.FeeDetail,
        amount=kept,
        currency=currency,
        description="Stripe processing fees",
        type="stripe_fee",
    )
    available_on = work.now + (AVAILABLE_AFTER if amount > 0 and category == "charge" else 0)
    txn = make(
        BalanceTransaction,
        id=new_id("txn"),
        amount=moved,
        available_on=available_on,
        balance_type="payments",
        created=work.now,
        currency=currency,
        description=source.get("description"),
        exchange_rate=None if rate is None else float(rate),  # a number on the wire; nobody here reckons with it
        fee=kept,
        fee_details=[detail] if kept else [],
        net=moved - kept,
        reporting_category=category,
        source=source["id"],
        status="pending" if available_on > work.now else "available",
        type=kind,
    )
    work.rows.add(txn)
    if available_on > work.now:
        work.rows.task(available_on, "become_available", txn["id"])
    return str(txn["id"])
