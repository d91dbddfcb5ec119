"""Whether a contract can be quoted, what a quote's seal covers, how long it holds, and where it stands."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from portal.contracts import rules as contracts
from portal.kit import clock
from portal.kit.db import Json
from portal.pricing.errors import ContractNotRenewable

VALID_DAYS: Final = 30


class QuoteStanding(StrEnum):
    """VALID: can be accepted. EXPIRED: its time is over. OUTDATED: the contract has changed since. VOIDED: taken
    back."""

    VALID = "valid"
    EXPIRED = "expired"
    OUTDATED = "outdated"
    VOIDED = "voided"


class Renewable(Protocol):
    """The facts of a contract that decide whether it can be renewed."""

    @property
    def number(self) -> str: ...
    @property
    def terms(self) -> Sequence[contracts.Dated]: ...
    @property
    def declined_at(self) -> datetime | None: ...


class Standable(Protocol):
    """The facts of a quote that decide where it stands."""

    @property
    def contract_rev(self) -> int: ...
    @property
    def valid_until(self) -> datetime: ...
    @property
    def voided_at(self) -> datetime | None: ...


class Sealed(Protocol):
    """The facts of a quote that its seal covers, and the seal."""

    @property
    def id(self) -> str: ...
    @property
    def contract_id(self) -> int: ...
    @property
    def company_id(self) -> int: ...
    @property
    def contract_rev(self) -> int: ...
    @property
    def months(self) -> int: ...
    @property
    def starts_on_payment(self) -> bool: ...
    @property
    def starts_on(self) -> date: ...
    @property
    def ends_on(self) -> date: ...
    @property
    def anchor_on(self) -> date: ...
    @property
    def months_from_anchor(self) -> int: ...
    @property
    def currency(self) -> str: ...
    @property
    def net_minor(self) -> int: ...
    @property
    def tax_minor(self) -> int: ...
    @property
    def total_minor(self) -> int: ...
    @property
    def book(self) -> str: ...
    @property
    def document(self) -> Json: ...
    @property
    def quoted_on(self) -> date: ...
    @property
    def valid_until(self) -> datetime: ...
    @property
    def seal(self) -> str: ...


_DAYS: Final = ("starts_on", "ends_on", "anchor_on", "quoted_on")
_PLAIN: Final = (
    "id", "contract_id", "company_id", "contract_rev", "months", "starts_on_payment", "months_from_anchor",
    "currency", "net_minor", "tax_minor", "total_minor", "book",
)  # fmt: skip


def code_in(document: Json) -> str:
    """The discount code with which a quote was made; empty for none."""
    return next((str(step["facts"]["code"]) for step in document["steps"] if step["facts"].get("code")), "")


def check_renewable(contract: Renewable, on: date) -> None:
    """Raises ContractNotRenewable when `contract` cannot be renewed on `on`."""
    declined = contract.declined_at is not None
    if contracts.can_renew(contract.terms, on, declined):
        return
    ends_on = contracts.running(contract.terms, on).ends_on
    raise ContractNotRenewable(
        number=contract.number,
        standing=contracts.standing(contract.terms, on, declined),
        ends_on=ends_on.isoformat(),
        opens_on=contracts.opens_on(ends_on).isoformat(),
    )


def quote_standing(quote: Standable, contract_rev: int, at: datetime) -> QuoteStanding:
    """Where `quote` stands at `at`, when its contract's rev is `contract_rev`."""
    if quote.voided_at is not None:
        return QuoteStanding.VOIDED
    if quote.contract_rev != contract_rev:
        return QuoteStanding.OUTDATED
    return QuoteStanding.EXPIRED if at >= quote.valid_until else QuoteStanding.VALID


def valid_until(
    quoted_on: date, zone: str, ends_on: date, on_payment: bool, early_days: int | None = None
) -> datetime:
    """The first instant at which a quote made on `quoted_on` no longer holds: VALID_DAYS whole days later, but not
    beyond the grace of the term that ended on `ends_on` as long as the new term joins it (afterwards it would
    start on another day), and not later than `early_days` before that end when the price is one for coming so
    early."""
    last_day = quoted_on + timedelta(days=VALID_DAYS)
    if not on_payment:
        last_day = min(last_day, contracts.grace_ends(ends_on))
    if early_days is not None:
        last_day = min(last_day, ends_on - timedelta(days=early_days))
    return contracts.expiry(last_day, zone)


def seal_of(quote: Sealed) -> str:
    """SHA-256 (hex) over the canonical JSON of the quote's codes and facts. Names are left out: they explain the
    codes and decide nothing."""
    facts = {name: getattr(quote, name) for name in _PLAIN}
    facts |= {name: getattr(quote, name).isoformat() for name in _DAYS}
    facts["valid_until"] = quote.valid_until.astimezone(UTC).isoformat()
    facts["document"] = quote.document | {
        "lines": [_nameless(line) for line in quote.document["lines"]],
        "steps": [step | {"facts": _nameless(step["facts"])} for step in quote.document["steps"]],
    }
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _nameless(facts: Json) -> Json:
    return {key: value for key, value in facts.items() if key != "names"}


def verify_seal(quote: Sealed) -> bool:
    """Is the quote what was sealed?"""
    return seal_of(quote) == quote.seal


def held_until(valid_until: datetime, zone: str) -> date:
    """The last day, in `zone`, on which a quote holds."""
    return clock.day(valid_until - timedelta(microseconds=1), zone)
