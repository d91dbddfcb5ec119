"""Payment pages and charges that no attempt of ours names: perhaps an answer was lost, perhaps they are a
stranger's. Their money is never dropped."""

from __future__ import annotations

from enum import StrEnum

from payments.charges import queries as attempts
from payments.charges.models import PaymentAttempt
from payments.gateway.base import Truth
from payments.ledger import queries as ledger
from payments.statements import actions as statements
from payments.statements import queries as statement_queries
from portal.checkout.actions import captures
from portal.checkout.flows.ground import conclude, gateway
from portal.checkout.flows.settling import settle
from portal.kit import clock
from portal.kit.db import reading, transaction


class Met(StrEnum):
    """OURS: settled. PARKED: unknown here; its money, if any, is in suspense. FOREIGN: nothing of ours."""

    OURS = "ours"
    SUSPENDED = "suspended"
    UNKNOWN = "unknown"
    FOREIGN = "foreign"


def meet_session(session_id: str) -> tuple[Met, str | None]:
    """Settle a payment page by what the provider says of it; with the reference that it names. Raises
    NotAtProvider, GatewayError."""
    truth = gateway().fetch_session(session_id)
    attempt = _named_by(truth)
    at = clock.now()
    if attempt is not None:
        conclude(attempt.id, truth, at)
        return Met.OURS, truth.reference
    if not truth.paid:
        named = truth.reference or truth.quote_id
        return (Met.UNKNOWN if named else Met.FOREIGN), truth.reference
    with transaction() as db:
        captures.suspend_stranger(db, gateway().name, truth, at)
    return Met.SUSPENDED, truth.reference


def meet_charge(charge_id: str) -> bool:
    """Settle the payment behind a charge; False when there is no page behind it, or it took no money. Raises
    GatewayError."""
    with reading() as db:
        known = attempts.by_charge(db, charge_id)
    if known is not None:
        settle(known.id)
        return True
    session_id = gateway().session_of_charge(charge_id)
    return session_id is not None and meet_session(session_id)[0] in {Met.OURS, Met.SUSPENDED}


def _named_by(truth: Truth) -> PaymentAttempt | None:
    """The attempt whose key the page carries, unless that attempt has another page."""
    with reading() as db:
        attempt = attempts.by_session(db, truth.session_id)
        if attempt is None and truth.attempt_key:
            attempt = attempts.by_key(db, truth.attempt_key)
    return attempt if attempt and attempt.session_id in (None, truth.session_id) else None


def book_fees(session_id: str, provider: str) -> None:
    """The fee of a stranger's money, which may have been booked since."""
    subject = f"session:{session_id}"
    with reading() as db:
        charges = [entry.source.partition(":")[2] for entry in ledger.for_subject(db, subject)]
        seen = statement_queries.of_charges(db, charges)
    facts = [gateway().fetch_balance(charge) for charge in charges if charge not in seen]
    with transaction() as db:
        for balance in facts:
            if balance is not None:
                statements.keep(db, balance, provider, subject, clock.now())
