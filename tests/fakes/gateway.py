"""A payment provider in memory, for tests: it keeps to the Protocol, and does what a test tells it.

gateway = FakeGateway()
app.extensions["gateway"] = gateway
session = gateway.sessions[...]          # what was opened, newest last: gateway.newest
gateway.pay(session.id)                  # the customer pays on the provider's page
gateway.decline(session.id, "insufficient_funds")
gateway.complete_unpaid(session.id)      # a delayed method: then gateway.pay(…) or gateway.fail_later(…)
gateway.go_down(times=2)                 # the next calls raise GatewayUnreachable before anything happens
gateway.lose_answer()                    # the next call happens, its answer does not arrive
gateway.refuse("amount_too_large")       # the next call is refused
gateway.calls                            # names of the calls so far
body = gateway.event("checkout.session.completed", session.id)   # signed with gateway.signature
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from payments.db import Json
from payments.errors import BadSignature, GatewayRefused, GatewayUnreachable, NotAtProvider
from payments.gateway.base import (
    BalanceFacts,
    CustomerWish,
    EventFacts,
    SessionMade,
    SessionStatus,
    SessionWish,
    Truth,
    total_of,
)
from portal.kit.db import in_transaction
from tests.fakes.returns import FakeReturns

SIGNATURE = "signed by the fake"
FEE_POINTS = 340


@dataclass
class FakeSession:
    """A payment page in memory; tests may change any of it."""

    id: str
    request: Json
    amount: int
    currency: str
    expires_at: datetime
    status: SessionStatus = SessionStatus.OPEN
    paid: bool = False
    reference: str | None = None
    quote_id: str | None = None
    attempt_key: str | None = None
    intent_id: str | None = None
    intent_status: str | None = None
    charge_id: str | None = None
    failure_code: str | None = None
    failure_ref: str | None = None
    method: str | None = None
    balance: BalanceFacts | None = None
    captured_at: datetime | None = None
    livemode: bool = False

    @property
    def url(self) -> str | None:
        return f"https://checkout.stripe.com/c/pay/{self.id}" if self.status is SessionStatus.OPEN else None


@dataclass
class FakeGateway(FakeReturns):
    """See the module's docstring."""

    name: str = "stripe"
    livemode: bool = False
    books_at_once: bool = True  # False: the balance transaction comes later, by `book`
    sessions: dict[str, FakeSession] = field(default_factory=dict)
    customers: dict[str, CustomerWish] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda _call: None  # runs before each call, e.g. to let something else happen
    after: Callable[[str], None] = lambda _call: None  # runs after each call that succeeded

    def __post_init__(self) -> None:
        FakeReturns.__init__(self)
        self._ids = itertools.count(1)
        self._by_key: dict[str, str] = {}
        self._faults: list[Exception] = []
        self._lost = 0
        self._balances: dict[str, BalanceFacts] = {}
        self._lock = threading.RLock()

    # --- what a test makes happen -------------------------------------------------------------------------

    @property
    def newest(self) -> FakeSession:
        return list(self.sessions.values())[-1]

    def go_down(self, times: int = 1, **facts: object) -> None:
        """The next calls do not arrive."""
        self._faults += [GatewayUnreachable(**facts) for _ in range(times)]

    def refuse(self, code: str = "refused") -> None:
        self._faults.append(GatewayRefused(code=code))

    def lose_answer(self, times: int = 1) -> None:
        """The next calls happen, but their answers do not arrive."""
        self._lost += times

    def pay(self, session_id: str, method: str = "card visa 4242") -> None:
        """The customer pays, or the delayed money arrives."""
        session = self.sessions[session_id]
        self._attempted(session)
        session.status = SessionStatus.COMPLETE
        session.paid = True
        session.captured_at = datetime.now(UTC)
        session.intent_status = "succeeded"
        session.charge_id = f"ch_{session_id}"
        session.method = method
        session.failure_code = session.failure_ref = None
        self.happened("checkout.session.completed", session_id)
        if self.books_at_once:
            self.book(session_id)

    def book(self, session_id: str) -> None:
        """The provider books the charge."""
        session = self.sessions[session_id]
        assert session.charge_id
        fee = session.amount * FEE_POINTS // 10_000
        at = datetime.now(UTC)
        session.balance = BalanceFacts(
            id=f"txn_{session_id}", source_id=session.charge_id, type="charge", reporting_category="charge",
            gross_minor=session.amount, fee_minor=fee, net_minor=session.amount - fee, currency=session.currency,
            created_at=at, available_on=at + timedelta(days=2),
        )  # fmt: skip
        self._balances[session.charge_id] = session.balance

    def decline(self, session_id: str, code: str = "generic_decline") -> None:
        """The customer's card is refused; the page stays open."""
        session = self.sessions[session_id]
        self._attempted(session)
        session.intent_status = "requires_payment_method"
        session.failure_code = code
        session.failure_ref = f"ch_failed_{next(self._ids)}"

    def complete_unpaid(self, session_id: str) -> None:
        """The customer has done their part with a delayed method."""
        session = self.sessions[session_id]
        self._attempted(session)
        session.status = SessionStatus.COMPLETE
        session.intent_status = "processing"

    def fail_later(self, session_id: str, code: str = "payment_failed") -> None:
        """The delayed money does not come."""
        self.decline(session_id, code)

    def expire(self, session_id: str) -> None:
        """The page's time is over."""
        self.sessions[session_id].status = SessionStatus.EXPIRED

    def stranger(self, amount: int = 5_000, currency: str = "CNY", **facts: Any) -> FakeSession:
        """A session that our database never heard of."""
        number = next(self._ids)
        session = FakeSession(f"cs_{number}", {}, amount, currency, datetime.now(UTC) + timedelta(days=1), **facts)
        self.sessions[session.id] = session
        return session

    def event(self, type_: str, object_id: str, event_id: str | None = None) -> bytes:
        """The body of a webhook, to be sent with SIGNATURE."""
        told = {"id": event_id or f"evt_{next(self._ids)}", "type": type_, "object": object_id}
        return json.dumps(told).encode()

    def _attempted(self, session: FakeSession) -> None:
        session.intent_id = session.intent_id or f"pi_{session.id}"

    # --- the Protocol -------------------------------------------------------------------------------------

    def prepare(self, wish: SessionWish) -> Json:
        return {
            "reference": wish.reference, "quote": wish.quote_id, "attempt": wish.attempt_key,
            "customer": wish.customer_id, "amount": total_of(wish.lines), "currency": wish.currency,
            "locale": wish.locale, "success_url": wish.success_url, "cancel_url": wish.cancel_url,
            "expires_at": int(wish.expires_at.timestamp()),
        }  # fmt: skip

    def create_customer(self, wish: CustomerWish) -> str:
        with self._call("create_customer"):
            for known, old in self.customers.items():
                if old == wish:
                    return known
            customer_id = f"cus_{next(self._ids)}"
            self.customers[customer_id] = wish
            return customer_id

    def open_session(self, request: Json, key: str) -> SessionMade:
        with self._call("open_session"):
            session = self._opened(request, key)
            return SessionMade(session.id, session.url, session.expires_at)

    def _opened(self, request: Json, key: str) -> FakeSession:
        if key and key in self._by_key:
            session = self.sessions[self._by_key[key]]
            if session.request != request:
                raise GatewayRefused(code="idempotency_error")
            return session
        if request["customer"] not in self.customers:
            raise NotAtProvider(param="customer")
        expires_at = datetime.fromtimestamp(request["expires_at"], UTC)
        if expires_at < datetime.now(UTC) + timedelta(minutes=30):
            raise GatewayRefused(code="expires_at")
        session = FakeSession(
            f"cs_{next(self._ids)}", dict(request), request["amount"], request["currency"], expires_at,
            reference=request["reference"], quote_id=request["quote"], attempt_key=request["attempt"],
        )  # fmt: skip
        self.sessions[session.id] = session
        self._by_key[key] = session.id
        return session

    def forget_keys(self) -> None:
        """A day has passed: idempotency keys are gone."""
        self._by_key.clear()

    def fetch_session(self, session_id: str) -> Truth:
        with self._call("fetch_session"):
            found = self._session(session_id)
            return Truth(
                session_id=found.id, status=found.status, paid=found.paid, amount_minor=found.amount,
                currency=found.currency, reference=found.reference, quote_id=found.quote_id,
                attempt_key=found.attempt_key, livemode=found.livemode, url=found.url,
                expires_at=found.expires_at, intent_id=found.intent_id, intent_status=found.intent_status,
                charge_id=found.charge_id, method=found.method, failure_code=found.failure_code,
                failure_ref=found.failure_ref, balance=found.balance, captured_at=found.captured_at,
            )  # fmt: skip

    def _session(self, session_id: str) -> FakeSession:
        if session_id not in self.sessions:
            raise NotAtProvider(code="resource_missing")
        return self.sessions[session_id]

    def expire_session(self, session_id: str) -> None:
        with self._call("expire_session"):
            session = self._session(session_id)
            if session.status is not SessionStatus.OPEN:
                raise GatewayRefused(code="not_open")
            session.status = SessionStatus.EXPIRED

    def find_session(self, request: Json, since: datetime) -> str | None:
        with self._call("find_session"):
            return next((s.id for s in self.sessions.values() if s.attempt_key == request["attempt"]), None)

    def session_of_intent(self, intent_id: str) -> str | None:
        with self._call("session_of_intent"):
            return next((s.id for s in self.sessions.values() if s.intent_id == intent_id), None)

    def fetch_balance(self, charge_id: str) -> BalanceFacts | None:
        with self._call("fetch_balance"):
            return self._balances.get(charge_id)

    def read_event(self, body: bytes, signature: str, at: datetime) -> EventFacts:
        if signature != SIGNATURE:
            raise BadSignature(reason="forged")
        told = json.loads(body)
        return EventFacts(told["id"], told["type"], told["object"], self.livemode, at)

    def _call(self, name: str) -> _Call:
        return _Call(self, name)


class _Call:
    """One trip over the network, with what can go wrong before and after."""

    def __init__(self, gateway: FakeGateway, name: str) -> None:
        self._gateway = gateway
        self._name = name

    def __enter__(self) -> None:
        gateway = self._gateway
        if in_transaction():
            raise RuntimeError(f"{self._name} inside a transaction")
        gateway.calls.append(self._name)
        gateway.before(self._name)
        if gateway._faults:
            raise gateway._faults.pop(0)
        gateway._lock.acquire()

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        gateway = self._gateway
        gateway._lock.release()
        if kind is not None:
            return
        if gateway._lost:
            gateway._lost -= 1
            raise GatewayUnreachable(reason="answer lost")
        gateway.after(self._name)
