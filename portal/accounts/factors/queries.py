"""Find passkeys, apps and codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portal.accounts import rules as accounts
from portal.accounts.factors import rules
from portal.accounts.factors.models import Authenticator, Passkey, RecoveryCode, SignInCode


@dataclass(frozen=True)
class Factors:
    """What a person can show beside a password or a mailed code."""

    app: bool
    passkeys: bool

    @property
    def any(self) -> bool:
        return self.app or self.passkeys


def of_person(db: Session, person_id: int) -> Factors:
    """In one statement."""
    app = exists().where(Authenticator.person_id == person_id)
    keys = exists().where(Passkey.person_id == person_id)
    row = db.execute(select(app, keys)).one()
    return Factors(bool(row[0]), bool(row[1]))


def passkeys(db: Session, person_id: int) -> list[Passkey]:
    """A person's passkeys, the oldest first."""
    return list(db.scalars(select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)))


def passkey_of(db: Session, credential_id: bytes) -> Passkey | None:
    return db.scalar(select(Passkey).where(Passkey.credential_id == credential_id))


def recovery_codes_left(db: Session, person_id: int) -> int:
    unused = select(func.count()).select_from(RecoveryCode)
    return db.scalar(unused.where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))) or 0


def open_code(db: Session, browser: str, at: datetime) -> SignInCode | None:
    """The newest code that was mailed for this browser and still works; `browser` is the browser's secret."""
    return db.scalar(
        select(SignInCode)
        .where(
            SignInCode.browser_hash == accounts.hash_of(browser),
            SignInCode.used_at.is_(None),
            SignInCode.expires_at > at,
            SignInCode.tries < rules.MAIL_TRIES,
        )
        .order_by(SignInCode.id.desc())
        .limit(1)
    )


def open_link(db: Session, token: str, at: datetime) -> SignInCode | None:
    """The mailed link that `token` stands for, while it works."""
    return db.scalar(
        select(SignInCode).where(
            SignInCode.token_hash == accounts.hash_of(token),
            SignInCode.used_at.is_(None),
            SignInCode.expires_at > at,
        )
    )
