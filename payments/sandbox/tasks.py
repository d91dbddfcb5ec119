"""What falls due by itself, by the sandbox's clock: expiry, settlement, funds becoming available."""

from __future__ import annotations

from payments.sandbox import charging, disputing, idempotency, pay, payouts, refunding
from payments.sandbox.work import Work


def due(work: Work, at: float) -> bool:
    """Do what is due at `at`, oldest first; False when nothing was."""
    sql = "SELECT id, kind, subject FROM tasks WHERE due <= ? ORDER BY due, id"
    found = work.rows.db.execute(sql, (at,)).fetchall()
    for id_, kind, subject in found:
        work.rows.db.execute("DELETE FROM tasks WHERE id = ?", (id_,))
        DOERS[kind](work, subject)
    return bool(found)


def _expire(work: Work, session_id: str) -> None:
    session = work.rows.find("checkout.session", session_id)
    if session and session["status"] == "open":
        pay.expire(work, session)


def _settle(work: Work, session_id: str) -> None:
    pay.settle(work, work.need("checkout.session", session_id, "checkout.session"), succeeds=True)


def _settle_failing(work: Work, session_id: str) -> None:
    pay.settle(work, work.need("checkout.session", session_id, "checkout.session"), succeeds=False)


def _become_available(work: Work, txn_id: str) -> None:
    txn = work.need("balance_transaction", txn_id, "balance transaction")
    work.rows.save(txn | {"status": "available"})


def _book(work: Work, charge_id: str) -> None:
    charging.book(work, work.need("charge", charge_id, "charge"))


def _forget_key(work: Work, key: str) -> None:
    idempotency.forget(work.rows, key)


def _finish_refund(work: Work, refund_id: str) -> None:
    refund = work.need("refund", refund_id, "refund")
    if refund["status"] == "pending":
        refunding.finish(work, refund, succeeds=True)


def _contest(work: Work, charge_id: str) -> None:
    disputing.contest(work, work.need("charge", charge_id, "charge"))


def _warn(work: Work, charge_id: str) -> None:
    disputing.warn(work, work.need("charge", charge_id, "charge"))


def _pay_out(work: Work, _all: str) -> None:
    payouts.daily(work, work.now)


def _arrive(work: Work, payout_id: str) -> None:
    payouts.arrive(work, work.need("payout", payout_id, "payout"))


DOERS = {
    "book": _book,
    "finish_refund": _finish_refund,
    "contest": _contest,
    "warn": _warn,
    "pay_out": _pay_out,
    "arrive": _arrive,
    "expire": _expire,
    "settle": _settle,
    "settle_failing": _settle_failing,
    "become_available": _become_available,
    "forget_key": _forget_key,
}
