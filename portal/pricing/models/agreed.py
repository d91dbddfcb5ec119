"""What was agreed with one contract or one company: how its next price is found, a special price, no tax."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Company
from portal.contracts.models import Contract
from portal.kit.db import Base, BigId, choice
from portal.pricing.rules.facts import ExemptReason
from portal.pricing.rules.renewals import Method, Pick, RenewalRow


class RenewalAgreement(Base):
    """How the next price of a contract is found, for one product or (null) all without a row of their own. What
    each column means is said at rules.RenewalRow."""

    __tablename__ = "renewal_agreements"
    __table_args__ = (
        Index(
            "uq_renewal_agreements_contract", "contract_id", unique=True,
            sqlite_where=text("product_code IS NULL"), postgresql_where=text("product_code IS NULL"),
        ),
        Index(
            "uq_renewal_agreements_product", "contract_id", "product_code", unique=True,
            sqlite_where=text("product_code IS NOT NULL"), postgresql_where=text("product_code IS NOT NULL"),
        ),
        CheckConstraint("method <> 'uplift' OR rate IS NOT NULL OR series IS NOT NULL", name="has_rate"),
        CheckConstraint("rate >= 0 AND cap >= 0", name="not_negative"),
        CheckConstraint("month BETWEEN 1 AND 12", name="month"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"))
    product_code: Mapped[str | None] = mapped_column(ForeignKey("products.code"))
    method: Mapped[Method] = mapped_column(choice(Method, "renewal_method"))
    rate: Mapped[int | None]
    series: Mapped[str | None]
    points: Mapped[int]
    month: Mapped[int | None]
    pick: Mapped[Pick] = mapped_column(choice(Pick, "renewal_pick"))
    cap: Mapped[int | None]
    created_at: Mapped[datetime]

    @property
    def row(self) -> RenewalRow:
        return RenewalRow(
            self.product_code, self.method, self.rate, self.series, self.points, self.month, self.pick, self.cap
        )


class SpecialState(StrEnum):
    """PROPOSED: waits for somebody's yes. GRANTED: holds until its last day. REFUSED, WITHDRAWN: over."""

    PROPOSED = "proposed"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class SpecialPrice(Base):
    """Basis points off every line of one contract, proposed by somebody and, above a limit, granted by another;
    for quotes made before `valid_to`."""

    __tablename__ = "special_prices"
    __table_args__ = (
        Index(
            "uq_special_prices_open", "contract_id", unique=True,
            sqlite_where=text("state = 'proposed'"), postgresql_where=text("state = 'proposed'"),
        ),
        Index("ix_special_prices_state", "state", "id"),
        CheckConstraint("basis_points BETWEEN 1 AND 9999", name="in_range"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"), index=True)
    basis_points: Mapped[int]
    reason: Mapped[str]
    valid_to: Mapped[date]
    state: Mapped[SpecialState] = mapped_column(choice(SpecialState, "special_state"))
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    contract: Mapped[Contract] = relationship()

    __mapper_args__ = {"version_id_col": version}


class TaxExemption(Base):
    """A company that pays no tax, valid_from ≤ day < valid_to (null: open), why, and by which certificate."""

    __tablename__ = "tax_exemptions"
    __table_args__ = (CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="not_reversed"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    reason: Mapped[ExemptReason] = mapped_column(choice(ExemptReason, "exempt_reason"))
    certificate: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    created_at: Mapped[datetime]

    company: Mapped[Company] = relationship()
