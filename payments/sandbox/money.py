"""What tests make happen to money: the wishes of /_sandbox, read and carried out. Each raises ApiError."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from payments.money import EXPONENTS
from payments.sandbox import disputing, payouts, refunding
from payments.sandbox.envelope import ApiError
from payments.sandbox.store import Json
from payments.sandbox.work import Work


def refund(work: Work, id_: str, wish: Json) -> Json:
    """`{"outcome": "succeed" | "fail"}`"""
    succeeds = _one_of(wish, "outcome", ("succeed", "fail")) == "succeed"
    return refunding.finish(work, work.need("refund", id_, "refund"), succeeds=succeeds)


def contest(work: Work, wish: Json) -> Json:
    """`{"charge" | "payment_intent": id, "amount": minor units or none, "inquiry": bool}`"""
    amount = wish.get("amount")
    if amount is not None and (not isinstance(amount, int) or isinstance(amount, bool) or amount <= 0):
        raise ApiError("amount must be whole minor units above zero")
    return disputing.contest(work, _charge(work, wish), amount, inquiry=bool(wish.get("inquiry")))


def decide(work: Work, id_: str, wish: Json) -> Json:
    """`{"outcome": "won" | "lost"}`"""
    won = _one_of(wish, "outcome", ("won", "lost")) == "won"
    return disputing.decide(work, work.need("dispute", id_, "dispute"), won=won)


def warn(work: Work, wish: Json) -> Json:
    """`{"charge" | "payment_intent": id}`"""
    return disputing.warn(work, _charge(work, wish))


def run_payouts(work: Work, _wish: Json) -> Json:
    """Pay out what is available, now."""
    return {"payouts": payouts.run(work)}


def fail_payout(work: Work, id_: str, _wish: Json) -> Json:
    """The bank sends a payout back."""
    return payouts.fail(work, work.need("payout", id_, "payout"))


def settings(work: Work, wish: Json) -> Json:
    """`{"balance_lag": seconds}`: charges get their balance transaction so much later.
    `{"settlement": {"usd": {"currency": "cny", "rate": "7.1234"}}}`: what is charged in one currency is held in
    another; `{}` ends that."""
    unknown = wish.keys() - {"balance_lag", "settlement"}
    if unknown:
        raise ApiError(f"unknown: {', '.join(sorted(unknown))}")
    if "balance_lag" in wish:
        lag = wish["balance_lag"]
        if not isinstance(lag, int) or isinstance(lag, bool) or lag < 0:
            raise ApiError("balance_lag must be whole seconds, zero or more")
        work.rows.set("balance_lag", lag)
    if "settlement" in wish:
        work.rows.set("settlement", _settlement(wish["settlement"]))
    return {"balance_lag": work.rows.setting("balance_lag", 0), "settlement": work.rows.setting("settlement", {})}


def _settlement(given: Any) -> Json:
    message = 'settlement must be like {"usd": {"currency": "cny", "rate": "7.1234"}}, currencies in small letters'
    if not isinstance(given, dict):
        raise ApiError(message)
    for currency, target in given.items():
        if (
            not isinstance(target, dict)
            or not {currency.upper(), str(target.get("currency")).upper()} <= EXPONENTS.keys()
        ):
            raise ApiError(message)
        if target["currency"] in given:
            raise ApiError(f"{target['currency']} is settled in another currency itself")
        try:
            rate = Decimal(str(target.get("rate")))
        except InvalidOperation:
            raise ApiError(message) from None
        if not rate.is_finite() or rate <= 0:
            raise ApiError(message)
    return given


def _charge(work: Work, wish: Json) -> Json:
    if "payment_intent" in wish:
        intent = work.need("payment_intent", str(wish["payment_intent"]), "payment_intent")
        return work.need("charge", str(intent["latest_charge"]), "charge")
    return work.need("charge", str(wish.get("charge")), "charge")


def _one_of(wish: Json, name: str, allowed: tuple[str, ...]) -> str:
    if wish.get(name) not in allowed:
        raise ApiError(f"{name} must be one of {', '.join(allowed)}")
    return str(wish[name])
