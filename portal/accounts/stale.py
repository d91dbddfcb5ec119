"""A form that was saved too late: what was typed stays, and each field tells what stands there now. The contracts'
desk uses it too."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session
from wtforms import SelectField

from portal.accounts import queries as accounts
from portal.audit import queries as audit
from portal.audit.actions import SYSTEM
from portal.kit.forms import Form

VERSION = "version"


def tell(form: Form, current: Mapping[str, Any], db: Session, subject: str) -> None:
    """Refuse `form`, beside each field that differs with what `current` has for it. The form takes over the
    current version, so that saving again replaces what stands. `subject` is the audit trail's ("company:7")."""
    form.refuse(
        _("Not saved: %(name)s changed it meanwhile. Your text is still here; save again to replace theirs.",
          name=_who(db, subject))
    )  # fmt: skip
    for name, value in current.items():
        if name == VERSION:
            form[VERSION].data = value
        elif name in form and not _same(form[name].data, value):
            form.refuse(_("Now: %(value)s", value=_shown(form[name], value) or _("nothing")), name)


def _same(typed: str | None, value: str | None) -> bool:
    """Do both say the same? 1000 is 1000.00."""
    one, other = (typed or "").strip(), value or ""
    try:
        return one == other or Decimal(one.replace(",", "")) == Decimal(other)
    except InvalidOperation:
        return False


def _who(db: Session, subject: str) -> str:
    """Who changed it last."""
    last = [note for note in audit.about(db, [subject], limit=1) if note.actor != SYSTEM]
    return accounts.name_of(db, last[0].actor) if last else _("somebody")


def _shown(field: Any, value: str) -> str:
    labels = {str(key): label for key, label in field.choices} if isinstance(field, SelectField) else {}
    return str(labels.get(value, value))
