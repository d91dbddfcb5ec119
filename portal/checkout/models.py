"""Up to which amounts one person, or a rule, may let money go."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit.db import Base, BigId


class MoneyLimit(Base):
    """The limits of one currency, in minor units. Without a row every limit is 0: a second person must always
    agree, and nothing goes back by itself."""

    __tablename__ = "money_limits"
    __table_args__ = (
        CheckConstraint(
            "refund_minor >= 0 AND transfer_minor >= 0 AND second_payment_minor >= 0", name="not_negative"
        ),
    )

    currency: Mapped[str] = mapped_column(primary_key=True)
    refund_minor: Mapped[int] = mapped_column(BigId)  # a refund that one person of finance may agree to
    transfer_minor: Mapped[int] = mapped_column(BigId)  # a transfer that one person of finance may confirm
    second_payment_minor: Mapped[int] = mapped_column(BigId)  # an order's second payment that goes back by itself
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]
