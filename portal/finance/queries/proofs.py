"""Find the totals of payments, the ledger's proof beside them, and an order's postings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, Result, Select, func, literal, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from payments.charges.models import PaymentAttempt
from payments.disputes.rules import RETURNED, TAKEN
from payments.gateway.bank import NAME as BANK
from payments.ledger import queries as ledger
from payments.ledger.models import Account, EntryKind, LedgerEntry, LedgerLine
from payments.refunds.models import Refund, RefundState
from payments.statements.models import BalanceTransaction
from portal.finance.queries.payments import Filters, branches, its_attempt, money_of
from portal.finance.rules import Proof, Slice, Total, proofs, totals
from portal.kit import search
from portal.kit.listing import any_of

REFUND_CATEGORY: Final = "refund"
# How rooms above that may not know payments call an entry of the ledger.
Posting = LedgerEntry


def sums(db: Session, filters: Filters, found: search.Found | None) -> list[Total]:
    """The totals of all payments that `filters` choose, one for each currency. Reads them all."""
    charged, settled = LedgerLine.currency, BalanceTransaction.currency
    chosen = select(
        charged, settled, func.count(),
        func.sum(LedgerLine.minor), func.sum(BalanceTransaction.fee_minor), func.sum(BalanceTransaction.net_minor),
    )  # fmt: skip
    wanted = money_of(chosen).where(any_of(branches(filters, found)))
    rows = db.execute(wanted.group_by(charged, settled))
    return totals(
        Slice(currency, settled_in, count, int(gross), int(fee or 0), int(net or 0))
        for currency, settled_in, count, gross, fee, net in rows
    )


def clearing_proofs(db: Session) -> list[Proof]:
    """For each currency: does the ledger's clearing account hold what all payments brought, less fees, refunds and
    what disputes took?

    The left side comes from the ledger; the right from the attempts, the refunds and the provider's own statement,
    and only for money that no attempt asked for from its posting."""
    captured = select(
        literal("gross"), PaymentAttempt.captured_currency, func.sum(PaymentAttempt.captured_minor)
    ).where(PaymentAttempt.captured_minor.is_not(None), PaymentAttempt.provider != BANK)
    unasked = (
        _clearing_sum("gross")
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .outerjoin(PaymentAttempt, its_attempt)
        .where(LedgerEntry.kind == EntryKind.SUSPENSE, PaymentAttempt.id.is_(None))
    )
    found: Result[str, str, int] = db.execute(
        union_all(
            _clearing_sum("clearing").group_by(LedgerLine.currency),
            captured.group_by(PaymentAttempt.captured_currency),
            unasked.group_by(LedgerLine.currency),
            _refunded().group_by(Refund.currency),
            _on_balance("fee", BalanceTransaction.fee_minor, ~_disputes).group_by(BalanceTransaction.currency),
            _on_balance("gross", BalanceTransaction.net_minor, _disputes).group_by(BalanceTransaction.currency),
        )
    )
    return proofs((what, currency, int(minor)) for what, currency, minor in found)


_disputes = BalanceTransaction.reporting_category.in_((TAKEN, RETURNED))


def _refunded() -> Select[str, str, int]:
    """What refunds took: those that are done, and those under way that left the balance already."""
    gone = select(BalanceTransaction.source_id).where(BalanceTransaction.reporting_category == REFUND_CATEGORY)
    took = or_(
        Refund.state == RefundState.SUCCEEDED,
        (Refund.state == RefundState.PENDING) & Refund.refund_id.in_(gone),
    )
    wanted = select(literal("gross"), Refund.currency, func.sum(-Refund.amount_minor))
    return wanted.where(took, Refund.provider != BANK)


def _on_balance(
    what: str, minor: ColumnElement[int] | InstrumentedAttribute[int], which: ColumnElement[bool]
) -> Select[str, str, int]:
    return select(literal(what), BalanceTransaction.currency, func.sum(minor)).where(which)


def postings(db: Session, subject: str) -> Sequence[LedgerEntry]:
    """The ledger's entries about `subject` ("order:RNW-…") with their lines, in the order of posting."""
    return ledger.for_subject(db, subject)


def _clearing_sum(what: str) -> Select[str, str, int]:
    return select(literal(what), LedgerLine.currency, func.sum(LedgerLine.minor)).where(
        LedgerLine.account == Account.STRIPE_CLEARING
    )
