"""Payouts: what is available goes to the bank, one payout for each currency; some come back."""

from __future__ import annotations

from stripe import Payout

from payments.sandbox import fees
from payments.sandbox.envelope import wrong_state
from payments.sandbox.events import emit
from payments.sandbox.objects import make, new_id
from payments.sandbox.store import Json
from payments.sandbox.work import Work

DAY = 86_400
ARRIVES_AFTER = DAY
UNPAID = """
    SELECT json_extract(body, '$.currency'), group_concat(id), sum(json_extract(body, '$.net')) FROM objects
    WHERE kind = 'balance_transaction' AND json_extract(body, '$.status') = 'available'
      AND json_extract(body, '$.reporting_category') NOT IN ('payout', 'payout_reversal')
      AND id NOT IN (SELECT txn FROM paid_out)
    GROUP BY 1 ORDER BY 1"""


def begin(work: Work) -> None:
    """From the first money on, what is available is paid out every day."""
    if work.rows.setting("pays_out") is None:
        work.rows.set("pays_out", True)
        work.rows.task(work.now + DAY, "pay_out", "all")


def daily(work: Work, due: int) -> None:
    """The day's payout, and the next day's task."""
    run(work)
    work.rows.task(due + DAY, "pay_out", "all")


def run(work: Work) -> list[Json]:
    """Pay out all that is available and was not paid out before; below zero the bank is asked for it."""
    found = work.rows.db.execute(UNPAID).fetchall()
    return [_pay_out(work, currency, ids.split(","), amount) for currency, ids, amount in found if amount]


def _pay_out(work: Work, currency: str, txns: list[str], amount: int) -> Json:
    payout = make(
        Payout,
        id=new_id("po"),
        amount=amount,
        arrival_date=work.now + ARRIVES_AFTER,
        automatic=True,
        created=work.now,
        currency=currency,
        destination=new_id("ba"),
        method="standard",
        reconciliation_status="in_progress",
        source_type="card",
        status="in_transit",
        trace_id=make(Payout.TraceId, status="pending"),
        type="bank_account",
    )
    own = fees.move(work, payout, -amount, 0, kind="payout", category="payout")
    payout["balance_transaction"] = own
    work.rows.add(payout)
    rows = [(payout["id"], txn) for txn in [*txns, own]]
    work.rows.db.executemany("INSERT INTO paid_out (payout, txn) VALUES (?, ?)", rows)
    work.rows.task(payout["arrival_date"], "arrive", payout["id"])
    emit(work, "payout.created", payout)
    return payout


def arrive(work: Work, payout: Json) -> None:
    """The bank has it, and the list of what is in it is complete."""
    if payout["status"] != "in_transit":
        return
    payout |= {
        "status": "paid",
        "reconciliation_status": "completed",
        "trace_id": make(Payout.TraceId, status="supported", value=new_id("trace", 12)),
    }
    work.rows.save(payout)
    emit(work, "payout.paid", payout)
    emit(work, "payout.reconciliation_completed", payout)


def fail(work: Work, payout: Json) -> Json:
    """The bank sent it back, even after it was called paid."""
    if payout["status"] not in ("in_transit", "paid"):
        raise wrong_state(f"This payout has a status of {payout['status']}.")
    back = fees.move(work, payout, payout["amount"], 0, kind="payout_failure", category="payout_reversal")
    payout |= {
        "status": "failed",
        "failure_balance_transaction": back,
        "failure_code": "account_closed",
        "failure_message": "The bank account has been closed.",
    }
    work.rows.save(payout)
    emit(work, "payout.failed", payout)
    return payout
