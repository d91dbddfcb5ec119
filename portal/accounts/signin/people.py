"""How Flask-Security finds people and keeps a renewed password hash."""

from __future__ import annotations

from typing import Any

from flask_security.core import RoleMixin
from flask_security.datastore import UserDatastore
from sqlalchemy import select, update

from portal.accounts.models import Person
from portal.kit.db import reading, transaction


class People(UserDatastore):
    """Flask-Security's view of our people. It reads and writes in short sessions of our own, so that its work
    never lingers in the request's reading session, nor its commits in somebody's transaction."""

    def __init__(self) -> None:
        super().__init__(Person, RoleMixin)  # our own roles are staff_role and memberships

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> Person | None:
        """The person whose one given field has this value; e-mails are kept in small letters."""
        ((name, value),) = kwargs.items()
        if name == "email":
            value = str(value).lower()
        with reading() as db:
            return db.scalar(select(Person).where(getattr(Person, name) == value))

    def put(self, model: Any) -> Any:
        """Keep the hash that Flask-Security renewed at sign-in. It changes nothing else."""
        with transaction() as db:
            db.execute(update(Person).where(Person.id == model.id).values(password=model.password))
        return model

    def commit(self) -> None:
        """Nothing is left to commit: `put` has done it."""
