"""The invariants of money and of what was sold for it, asked of the database. No line is the right answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from portal.checkout.selfcheck import money, records, returns
from portal.kit import clock

CHECKS: Final[dict[str, tuple[Callable[[Session, datetime], list[str]], ...]]] = {
    "I1": (
        money.captured_is_posted,
        money.fees_are_posted,
        returns.refunds_are_posted,
        returns.disputes_are_posted,
    ),
    "I2": (money.entries_balance,),
    "I3": (
        records.orders_extend_once,
        records.terms_are_told,
        records.terms_are_as_quoted,
        records.contracts_end_with_their_terms,
        returns.what_waits_is_shown,
    ),
    "I4": (money.captured_is_acted_on,),
    "I5": (money.seen_is_kept, records.nothing_is_about_a_lost_order),
    "I6": (money.charged_is_quoted, records.quotes_are_sealed),
    "I7": (records.letters_are_single,),
    "I8": (returns.refunds_fit,),
    "I9": (records.receipts_are_whole, records.credit_notes_are_whole, records.the_trail_holds),
    "I10": (money.moves_are_legal,),
    "outbox": (records.nothing_was_given_up,),
}


def run(db: Session) -> list[str]:
    """All checks; one line for each break, begun with the invariant's name."""
    at = clock.now()
    return [f"{name}: {line}" for name, checks in CHECKS.items() for check in checks for line in check(db, at)]
