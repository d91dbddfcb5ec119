"""Find seller's accounts and transfers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from payments.transfers import rules
from payments.transfers.models import SellerAccount, Slip, Transfer


def account_for(db: Session, currency: str) -> SellerAccount | None:
    """The open account for a currency; the newest where there are several."""
    wanted = select(SellerAccount).where(SellerAccount.currency == currency, SellerAccount.closed_at.is_(None))
    return db.scalars(wanted.order_by(SellerAccount.id.desc()).limit(1)).first()


def accounts(db: Session) -> Sequence[SellerAccount]:
    """All accounts, the open ones first."""
    order = (SellerAccount.closed_at.is_not(None), SellerAccount.currency, SellerAccount.id.desc())
    return db.scalars(select(SellerAccount).order_by(*order)).all()


def of_subject(db: Session, subject: str) -> Sequence[Transfer]:
    """The transfers for a subject with their slips, oldest first."""
    wanted = select(Transfer).where(Transfer.subject == subject).options(selectinload(Transfer.slips))
    return db.scalars(wanted.order_by(Transfer.id)).all()


def of_attempt(db: Session, attempt_id: int) -> Transfer | None:
    return db.scalar(select(Transfer).where(Transfer.attempt_id == attempt_id))


def of_reference(db: Session, reference: str) -> Transfer:
    """The transfer with this reference. Raises NoResultFound."""
    return db.execute(select(Transfer).where(Transfer.reference == reference)).scalar_one()


def same_account(db: Session, account_id: int) -> list[int]:
    """All rows of one account at the bank, oldest first: changing what customers read makes a new row. They are
    held until the transaction ends, so that one line of the bank is told of by one at a time."""
    number = rules.plain_number(db.get_one(SellerAccount, account_id).number)
    held = db.scalars(select(SellerAccount).order_by(SellerAccount.id).with_for_update(key_share=True))
    return [row.id for row in held if rules.plain_number(row.number) == number]


def of_line(db: Session, account_ids: Sequence[int], bank_reference: str) -> Transfer | None:
    """The transfer whose money came by this line of the bank."""
    wanted = select(Transfer).where(
        Transfer.account_id.in_(account_ids), Transfer.bank_reference == bank_reference
    )
    return db.scalars(wanted.limit(1)).first()


def lock(db: Session, transfer_id: int) -> Transfer:
    """The transfer as it is now, held until the transaction ends. Raises NoResultFound."""
    wanted = select(Transfer).where(Transfer.id == transfer_id).with_for_update()
    return db.execute(wanted, execution_options={"populate_existing": True}).scalar_one()


def slips_stored(db: Session) -> set[str]:
    """The names of all files that a slip has."""
    return set(db.scalars(select(Slip.stored)))


def slip(db: Session, slip_id: int) -> tuple[Slip, Transfer] | None:
    """A slip and the transfer that it is about."""
    wanted = select(Slip, Transfer).join(Transfer, Transfer.id == Slip.transfer_id).where(Slip.id == slip_id)
    return next(((slip, transfer) for slip, transfer in db.execute(wanted)), None)
