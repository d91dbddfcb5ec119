"""Companies, the people in them, staff, sign-in sessions and one-time links."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from flask_security.core import UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kit.db import Base, BigId, Json, choice
from portal.kit.search import BYTES


class CompanyRole(StrEnum):
    OWNER = "owner"
    RENEWER = "renewer"
    APPROVER = "approver"
    PAYER = "payer"
    BILLING = "billing"
    VIEWER = "viewer"


class StaffRole(StrEnum):
    CS = "cs"
    SALES = "sales"
    FINANCE = "finance"
    DATA = "data"
    ADMIN = "admin"
    AUDITOR = "auditor"


class MemberState(StrEnum):
    """PENDING: known by e-mail, cannot sign in for this company yet; ACTIVE; LEFT."""

    PENDING = "pending"
    ACTIVE = "active"
    LEFT = "left"


class LinkPurpose(StrEnum):
    INVITE = "invite"
    RESET = "reset"


class SignInWay(StrEnum):
    """How a session began: by password, mailed code or link, passkey, the staff's identity provider (SSO), or from
    the page where a mailed link let the person set a password."""

    PASSWORD = "password"  # noqa: S105 - a way to sign in
    MAIL = "mail"
    PASSKEY = "passkey"
    SSO = "sso"
    LINK = "link"


class ViewReason(StrEnum):
    """Why staff look at the portal as a customer. A choice: what is typed about people would stay in the trail."""

    HELP = "help"
    QUESTION = "question"
    CHECK = "check"


class Theme(StrEnum):
    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


class Company(Base):
    """A customer."""

    __tablename__ = "companies"
    __table_args__ = (Index("ix_companies_newest", "created_at", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(index=True)
    country: Mapped[str]  # ISO 3166, decides the tax
    language: Mapped[str]
    zone: Mapped[str]
    # What receipts print: title, tax_id, address. Empty until somebody types it.
    invoice_details: Mapped[Json] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class CompanyKey(Base):
    """A company's name from each of its words on, or from each Chinese character on, folded: what a search that
    begins anywhere in the name finds it by (rules.search_keys)."""

    __tablename__ = "company_keys"
    __table_args__ = (Index("ix_company_keys_key", "key", "company_id", postgresql_ops={"key": BYTES}),)

    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)


class Person(Base, UserMixin):
    """Somebody who can sign in: a customer's member, or staff. The e-mail is kept in small letters."""

    __tablename__ = "people"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower"),
        Index("ix_people_email_bytes", "email", postgresql_ops={"email": BYTES}),
        Index(
            "ix_people_staff",
            "staff_role",
            sqlite_where=text("staff_role IS NOT NULL"),
            postgresql_where=text("staff_role IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    # Null until the person has set one from the invitation.
    password: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(unique=True)
    language: Mapped[str | None]
    theme: Mapped[Theme] = mapped_column(choice(Theme, "theme"), default=Theme.AUTO)
    zone: Mapped[str | None]
    staff_role: Mapped[StaffRole | None] = mapped_column(choice(StaffRole, "staff_role"))
    # Who staff are at the company's identity provider: its address and the person's id there.
    sso_subject: Mapped[str | None] = mapped_column(unique=True, index=True)
    created_at: Mapped[datetime]
    # What told who they were is gone since then; only the number is left.
    erased_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    memberships: Mapped[list[Membership]] = relationship(back_populates="person", viewonly=True)

    __mapper_args__ = {"version_id_col": version}

    # Flask-Security asks for its own roles; ours are staff_role and memberships.
    roles = []


class Membership(Base):
    """A person's place in a company."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("company_id", "person_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[CompanyRole] = mapped_column(choice(CompanyRole, "company_role"))
    state: Mapped[MemberState] = mapped_column(choice(MemberState, "member_state"))
    invited_at: Mapped[datetime | None]
    joined_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(back_populates="memberships")
    company: Mapped[Company] = relationship()


class SignInSession(Base):
    """One signed-in browser. The cookie holds a random id, the row only its hash; a row that is ended or too old
    makes the cookie worthless."""

    __tablename__ = "sign_in_sessions"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ip: Mapped[str | None]
    agent: Mapped[str | None]
    way: Mapped[SignInWay] = mapped_column(choice(SignInWay, "sign_in_way"), server_default=SignInWay.PASSWORD)
    # Was more than one thing shown: a password and a code, or a passkey that knows its owner?
    strong: Mapped[bool] = mapped_column(server_default=false())
    # When the person last showed again that it is they who sit there; null: not since they signed in.
    confirmed_at: Mapped[datetime | None]
    # The place in a company whose pages a member of staff looks at in this session, and until when.
    viewed_id: Mapped[int | None] = mapped_column(ForeignKey("memberships.id"), index=True)
    viewed_until: Mapped[datetime | None]

    person: Mapped[Person] = relationship(foreign_keys=person_id)


class KnownDevice(Base):
    """A browser that a person has signed in with. It keeps a random cookie for long; the row knows its hash."""

    __tablename__ = "known_devices"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class OneTimeLink(Base):
    """A mailed link to the set-password page: works once, for a while."""

    __tablename__ = "one_time_links"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    purpose: Mapped[LinkPurpose] = mapped_column(choice(LinkPurpose, "link_purpose"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class StaffCover(Base):
    """Somebody stands in for an account manager who is away, from a day to a day, both included."""

    __tablename__ = "staff_covers"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    cover_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    from_on: Mapped[date]
    to_on: Mapped[date]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    owner: Mapped[Person] = relationship(foreign_keys=owner_id)
    cover: Mapped[Person] = relationship(foreign_keys=cover_id)
