"""The request, which ends as the fapiao itself."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from payments.money import Money
from portal.kit.db import Base, BigId, Json, choice
from portal.orders.models import Order


class FapiaoKind(StrEnum):
    """GENERAL: 普票. SPECIAL: 专票, whose tax the buyer deducts."""

    GENERAL = "general"
    SPECIAL = "special"


class FapiaoState(StrEnum):
    """REQUESTED: waits for finance, or for the payment. ISSUING: somebody of finance works on it. ISSUED: number
    and file are here. RED_REQUESTED: money went back, a red-letter fapiao is due. RED_ISSUED: it is here. FAILED:
    finance could not, and said why. WITHDRAWN: nobody wants it any more."""

    REQUESTED = "requested"
    ISSUING = "issuing"
    ISSUED = "issued"
    RED_REQUESTED = "red_requested"
    RED_ISSUED = "red_issued"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


S = FapiaoState
MOVES: Final[dict[FapiaoState, frozenset[FapiaoState]]] = {
    S.REQUESTED: frozenset({S.ISSUING, S.FAILED, S.WITHDRAWN}),
    S.ISSUING: frozenset({S.ISSUED, S.FAILED}),
    # A refund that does not reach the customer takes its red letter back.
    S.ISSUED: frozenset({S.RED_REQUESTED}),
    S.RED_REQUESTED: frozenset({S.RED_ISSUED, S.ISSUED}),
    S.RED_ISSUED: frozenset({S.RED_REQUESTED}),
    S.FAILED: frozenset(),
    S.WITHDRAWN: frozenset(),
}
OVER: Final = frozenset({S.FAILED, S.WITHDRAWN})
# Once it is taken back whole by red letters, a new one may be asked for.
_LIVE: Final = "state NOT IN ('failed', 'withdrawn', 'red_issued')"


class FapiaoRequest(Base):
    """A fapiao of an order, tax included. `buyer`: title, tax_id, registered_address, phone, bank, account, email,
    as they were when it was asked for. `reds`: red-letter ones that were issued, each with number, stored, file
    and minor; `red_minor`: what the one that is due is over. `void_reason`: what is wrong with it, so that all of
    it is taken back. Stored names are files of the data folder."""

    __tablename__ = "fapiao_requests"
    __table_args__ = (
        Index(
            "uq_fapiao_requests_live", "order_id", unique=True, sqlite_where=text(_LIVE),
            postgresql_where=text(_LIVE),
        ),
        Index("ix_fapiao_requests_state", "state", "id"),
        CheckConstraint("amount_minor > 0 AND red_minor >= 0", name="positive"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    kind: Mapped[FapiaoKind] = mapped_column(choice(FapiaoKind, "fapiao_kind"))
    state: Mapped[FapiaoState] = mapped_column(choice(FapiaoState, "fapiao_state"))
    buyer: Mapped[dict[str, str]]
    amount_minor: Mapped[int] = mapped_column(BigId)
    currency: Mapped[str]
    number: Mapped[str | None] = mapped_column(unique=True)
    stored: Mapped[str | None]
    file: Mapped[str | None]
    reds: Mapped[list[Json]]
    red_minor: Mapped[int] = mapped_column(BigId)
    failure: Mapped[str | None]
    void_reason: Mapped[str | None]
    requested_by: Mapped[str]
    requested_at: Mapped[datetime]
    taken_by: Mapped[str | None]
    issued_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    order: Mapped[Order] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def subject(self) -> str:
        return f"fapiao:{self.id}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def reds_minor(self) -> int:
        """What its red-letter fapiao are over, all together."""
        return sum(int(each["minor"]) for each in self.reds)

    @property
    def papers(self) -> list[Json]:
        """What was issued, the fapiao itself and its red-letter ones: number, stored and file of each."""
        own = [{"number": self.number, "stored": self.stored, "file": self.file}] if self.number else []
        return [*own, *self.reds]

    @property
    def is_reversed(self) -> bool:
        """Have red-letter fapiao taken all of it back?"""
        return self.state is FapiaoState.RED_ISSUED and self.reds_minor >= self.amount_minor

    @property
    def red(self) -> Money:
        return Money(self.red_minor, self.currency)
