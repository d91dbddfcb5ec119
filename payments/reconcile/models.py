"""The exceptions' table."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from payments.db import Base, BigId, Json, choice


class ExceptionKind(StrEnum):
    """Why people must look."""

    HELD = "held"  # money came that did not fit its order
    SECOND_PAYMENT = "second_payment"  # an order was paid twice
    UNKNOWN_PAYMENT = "unknown_payment"  # money that no order of ours asked for
    LATE_RETURN = "late_return"  # all the money went back after the days in which that ends the term by itself
    TERM_IN_USE = "term_in_use"  # all the money went back, but a later term stands on the one that it bought
    TERM_TAKEN = "term_taken"  # a dispute was won after the term had ended, and another has taken its place
    REFUND_FAILED = "refund_failed"  # the customer did not get the money
    DISPUTE = "dispute"  # the payer contests a payment
    FRAUD_WARNING = "fraud_warning"  # the card's bank suspects fraud
    NOT_IN_LEDGER = "not_in_ledger"  # the provider captured what we do not have
    NOT_AT_PROVIDER = "not_at_provider"  # we have what the provider did not capture
    AMOUNT_DIFFERS = "amount_differs"  # both have it, with other amounts
    SILENCE = "silence"  # nothing was heard of what should be heard
    INVARIANT = "invariant"  # the self-check found a break


class FinanceException(Base):
    """Something that does not fit, until people or time have closed it. `kind` and `ref` (the payment's source,
    the dispute's id…) are unique: it is opened once. `subject` is what it is about ("order:…"), `facts` are codes
    and amounts for the sentence."""

    __tablename__ = "finance_exceptions"
    __table_args__ = (
        UniqueConstraint("kind", "ref"),
        Index("ix_finance_exceptions_open", "closed_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[ExceptionKind] = mapped_column(choice(ExceptionKind, "exception_kind"))
    ref: Mapped[str]
    subject: Mapped[str | None] = mapped_column(index=True)
    facts: Mapped[Json]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    resolution: Mapped[str | None]  # a code of who closed it, or a person's own words
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
