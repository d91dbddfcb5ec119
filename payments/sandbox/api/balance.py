"""/v1/balance and /v1/balance_transactions"""

from __future__ import annotations

from stripe import Balance
from stripe.params import BalanceRetrieveParams, BalanceTransactionListParams, BalanceTransactionRetrieveParams

from payments.sandbox.api.route import Route
from payments.sandbox.objects import make
from payments.sandbox.paging import Filter, page
from payments.sandbox.store import Json
from payments.sandbox.work import Work


def balance(work: Work, _params: Json) -> Json:
    """Sums of net amounts by currency; a currency that was ever used shows in both lists."""
    sql = """
        SELECT json_extract(body, '$.currency') AS currency,
               sum(json_extract(body, '$.net') * (json_extract(body, '$.status') = 'available')),
               sum(json_extract(body, '$.net') * (json_extract(body, '$.status') = 'pending'))
        FROM objects WHERE kind = 'balance_transaction' GROUP BY currency ORDER BY currency"""
    sums = work.rows.db.execute(sql).fetchall()
    return make(
        Balance,
        available=[make(Balance.Available, amount=there, currency=currency) for currency, there, _ in sums],
        pending=[make(Balance.Pending, amount=coming, currency=currency) for currency, _, coming in sums],
    )


def retrieve(work: Work, _params: Json, id_: str) -> Json:
    return work.need("balance_transaction", id_, "balance transaction")


def index(work: Work, params: Json) -> Json:
    wanted = Filter("balance_transaction")
    if "payout" in params:
        payout = work.need("payout", params["payout"], "payout", param="payout")
        wanted.add("id IN (SELECT txn FROM paid_out WHERE payout = ?)", payout["id"])
    for name in ("currency", "source", "type"):
        wanted.equals(name, params.get(name))
    return page(work.rows, wanted, params, "/v1/balance_transactions", "balance transaction")


ROUTES = [
    Route("GET", "/v1/balance", BalanceRetrieveParams, balance),
    Route("GET", "/v1/balance_transactions", BalanceTransactionListParams, index),
    Route("GET", "/v1/balance_transactions/{id}", BalanceTransactionRetrieveParams, retrieve),
]
