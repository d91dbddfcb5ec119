"""What falls due by itself, by the sandbox's clock: expiry, settlement, funds becoming available."""

from __future__ import annotations

from payments.sandbox import idempotency, pay
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


def _forget_key(work: Work, key: str) -> None:
    idempotency.forget(work.rows, key)


DOERS = {
    "expire": _expire,
    "settle": _settle,
    "settle_failing": _settle_failing,
    "become_available": _become_available,
    "forget_key": _forget_key,
}
