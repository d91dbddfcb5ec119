"""Tables of the ways to sign in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.kit.db import Base, BigId


class Passkey(Base):
    """A key pair of which the person's device keeps the secret half."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    # Counts up in keys that cannot be copied; stays 0 in those that are synchronised.
    sign_count: Mapped[int] = mapped_column(BigId)
    name: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class Authenticator(Base):
    """An app that shows a new code every half minute. Its secret is sealed (kit/sealing.py)."""

    __tablename__ = "authenticators"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    secret: Mapped[str]
    created_at: Mapped[datetime]
    # The half minute of the last code that was taken: each works once.
    last_step: Mapped[int] = mapped_column(BigId)


class RecoveryCode(Base):
    """A code to keep on paper, for when phone and key are lost. Works once."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    code_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInCode(Base):
    """A code and a link that were mailed to sign in with, good in the browser that asked for them."""

    __tablename__ = "sign_in_codes"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    browser_hash: Mapped[str] = mapped_column(index=True)
    code_mac: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    tries: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class UsedChallenge(Base):
    """A passkey's question that was answered well: the same answer opens nothing a second time."""

    __tablename__ = "used_challenges"

    challenge_hash: Mapped[str] = mapped_column(primary_key=True)
    used_at: Mapped[datetime]
