"""A renewal above the company's limit: somebody asks, somebody else of the company agrees."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.db import move
from payments.money import Money
from portal.audit import actions as audit
from portal.contracts import queries as contracts
from portal.kit import outbox
from portal.orders import queries, rules
from portal.orders.actions.moves import check, place
from portal.orders.errors import ApprovalGone, NotYourOwn
from portal.orders.events import ApprovalAsked, ApprovalDecided
from portal.orders.models import APPROVAL_MOVES, Approval, ApprovalLimit, ApprovalState, Order
from portal.pricing.models import Quote


def set_approval_limit(
    db: Session, company_id: int, currency: str, limit: Money | None, by: str, at: datetime
) -> None:
    """From now on orders above `limit` need somebody's yes; None: none do."""
    row = db.get(ApprovalLimit, (company_id, currency), with_for_update=True)
    before, after = row.minor if row else None, limit.minor if limit else None
    if before == after:
        return
    if row is None:
        db.add(ApprovalLimit(company_id=company_id, currency=currency, minor=after, changed_by=by, changed_at=at))
    else:
        row.minor, row.changed_by, row.changed_at = after, by, at
    audit.note(
        db, by, "approval.limit_set", f"company:{company_id}", at, currency=currency, before=before, after=after
    )


def ask_approval(
    db: Session, quote: Quote, by: str, email: str, po_number: str | None, terms_version: str, at: datetime
) -> Approval:
    """Ask for a yes to ordering `quote`. The same quote asked for twice is asked for once; another choice for the
    contract takes the place of the one before.

    Raises QuoteNotAcceptable, OpenOrderExists, ContractNotRenewable, as placing it would.
    """
    contract = contracts.lock(db, quote.contract_id)
    sealed = db.get_one(Quote, quote.id, populate_existing=True)
    check(db, contract, sealed, at)
    for other in queries.asked_for(db, contract.id):
        if other.quote_id == sealed.id:
            return other
        _decide(other, ApprovalState.TAKEN_BACK, by, at)
    approval = Approval(
        quote_id=sealed.id, contract_id=contract.id, company_id=contract.company_id, state=ApprovalState.ASKED,
        asked_by=by, asked_email=email.lower(), po_number=po_number, terms_version=terms_version, asked_at=at,
    )  # fmt: skip
    db.add(approval)
    db.flush()
    _note(db, approval, "approval.asked", by, at)
    outbox.tell(db, ApprovalAsked(subject=approval.subject, approval_id=approval.id), at)
    return approval


def approve(db: Session, approval_id: int, by: str, at: datetime) -> Order:
    """Say yes: the order is placed in the name of who asked. Raises ApprovalGone, NotYourOwn, and what placing
    raises; then nothing was decided."""
    approval = _open(db, approval_id)
    if not rules.may_decide(approval.asked_by, by):
        raise NotYourOwn
    quote = db.get_one(Quote, approval.quote_id)
    given = (approval.asked_by, approval.asked_email, approval.po_number, approval.terms_version, at)
    order = place(db, quote, *given, noted=by)
    _decide(approval, ApprovalState.APPROVED, by, at)
    _note(db, approval, "approval.given", by, at, order=order.number)
    outbox.tell(db, ApprovalDecided(subject=approval.subject, approval_id=approval.id), at)
    return order


def refuse_approval(db: Session, approval_id: int, reason: str, by: str, at: datetime) -> None:
    """Say no, and why; who asked is told. Raises ApprovalGone, NotYourOwn."""
    approval = _open(db, approval_id)
    if not rules.may_decide(approval.asked_by, by):
        raise NotYourOwn
    approval.reason = reason
    _decide(approval, ApprovalState.REFUSED, by, at)
    _note(db, approval, "approval.refused", by, at, reason=reason)
    outbox.tell(db, ApprovalDecided(subject=approval.subject, approval_id=approval.id), at)


def take_back_approval(db: Session, approval_id: int, by: str, at: datetime) -> None:
    """Ask no more. Raises ApprovalGone."""
    approval = _open(db, approval_id)
    _decide(approval, ApprovalState.TAKEN_BACK, by, at)
    _note(db, approval, "approval.taken_back", by, at)


def _open(db: Session, approval_id: int) -> Approval:
    found = db.scalars(select(Approval).where(Approval.id == approval_id).with_for_update()).one()
    if found.state is not ApprovalState.ASKED:
        raise ApprovalGone
    return found


def _decide(approval: Approval, to: ApprovalState, by: str, at: datetime) -> None:
    approval.state = move(APPROVAL_MOVES, approval.state, to)
    approval.decided_by, approval.decided_at = by, at


def _note(db: Session, approval: Approval, action: str, by: str, at: datetime, **facts: Any) -> None:
    audit.note(db, by, action, f"quote:{approval.quote_id}", at, approval=approval.id, **facts)
