"""Find companies that may be the one somebody is about to create a second time."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import Company

MOST = 5


def called(db: Session, name: str, country: str) -> Sequence[Company]:
    """Companies of the country with this name, whatever its spaces and, in Latin letters, its capitals."""
    bare = func.replace(func.lower(Company.name), " ", "")
    spelled = {_bare(name), _bare(name.lower())}
    wanted = select(Company).where(Company.country == country, bare.in_(spelled))
    return db.scalars(wanted.order_by(Company.id).limit(MOST)).all()


def _bare(name: str) -> str:
    """As SQLite's lower sees it, which knows no other letters than ASCII's, and as PostgreSQL's does."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in "".join(name.split()))
