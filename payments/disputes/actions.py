"""Keep disputes as the provider tells them, by their table of moves, in the caller's transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from payments.db import move
from payments.disputes import queries, rules
from payments.disputes.models import MOVES, Dispute
from payments.gateway.base import DisputeFacts


def follow(
    db: Session, facts: DisputeFacts, provider: str, subject: str, payment: str, at: datetime
) -> tuple[Dispute, bool]:
    """The dispute, brought to what the provider says, and whether its state is new. Late news of an earlier state
    changes nothing."""
    to = rules.state_of(facts)
    dispute = queries.known(db, facts.id)
    if dispute is None:
        dispute = Dispute(
            dispute_id=facts.id, provider=provider, subject=subject, payment=payment, charge_id=facts.charge_id,
            state=to, status=facts.status, reason=facts.reason, amount_minor=facts.amount_minor,
            currency=facts.currency, opened_at=facts.created_at, evidence_due_at=facts.evidence_due_at,
            closed_at=None if to in queries.UNDECIDED else at, checked_at=at,
        )  # fmt: skip
        db.add(dispute)
        db.flush()
        return dispute, True
    dispute.checked_at = at
    dispute.evidence_due_at = facts.evidence_due_at
    if to is dispute.state or to not in MOVES[dispute.state]:
        return dispute, False
    dispute.state = move(MOVES, dispute.state, to)
    dispute.status = facts.status
    dispute.closed_at = None if to in queries.UNDECIDED else at
    return dispute, True
