"""Limits: up to which amounts one person, or a rule, lets money go."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from payments.money import EXPONENTS, Money
from portal.accounts import queries as accounts
from portal.audit import actions as audit
from portal.checkout import queries as checkout
from portal.checkout.models import MoneyLimit
from portal.finance.desk.blueprint import blueprint, zone
from portal.finance.forms import LimitForm
from portal.kit import clock, i18n
from portal.kit.db import reader, transaction
from portal.kit.guard import Act, me, needs
from portal.pricing.models import Price

FIELDS = {"refund": "refund_minor", "transfer": "transfer_minor", "second": "second_payment_minor"}


@blueprint.get("/finance/limits")
@needs(Act.SEE_REFUNDS)
def limits() -> str:
    return _page()


def _page(currency: str | None = None, form: LimitForm | None = None) -> str:
    db = reader()
    rows = [checkout.limit_of(db, each) for each in _currencies()]
    forms = {row.currency: form if row.currency == currency else _filled(row) for row in rows}
    return render_template(
        "finance/limits.html",
        rows=rows, forms=forms, wrong=currency, may_edit=me().can(Act.EDIT_LIMITS), zone=zone(),
        names=accounts.names_of(db, {row.changed_by for row in rows}),
    )  # fmt: skip


def _currencies() -> Sequence[str]:
    """Those that anything is sold in."""
    return reader().scalars(select(Price.currency).distinct().order_by(Price.currency)).all()


def _filled(row: MoneyLimit) -> LimitForm:
    amounts = {
        name: i18n.amount(Money(getattr(row, column), row.currency)).replace(",", "")
        for name, column in FIELDS.items()
    }
    return LimitForm(formdata=None, prefix=f"{row.currency}-", data=amounts)


@blueprint.post("/finance/limits/<currency>")
@needs(Act.EDIT_LIMITS)
def set_limits(currency: str) -> Response | tuple[str, int]:
    if currency not in EXPONENTS:
        abort(404)
    form = LimitForm(prefix=f"{currency}-")
    wanted = _read(form, currency) if form.validate_on_submit() else None
    if wanted is None:
        return _page(currency, form), 422
    at = clock.now()
    with transaction() as db:
        row = db.get(MoneyLimit, currency) or MoneyLimit(currency=currency, changed_by=me().ref, changed_at=at)
        before = {column: getattr(row, column, None) for column in wanted}
        for column, minor in wanted.items():
            setattr(row, column, minor)
        row.changed_by, row.changed_at = me().ref, at
        db.add(row)
        audit.note(db, me().ref, "limits.set", f"limits:{currency}", at, before=before, after=wanted)
    flash(_("The limits of %(currency)s are saved.", currency=currency), "ok")
    return redirect(url_for("finance.limits"), 303)


def _read(form: LimitForm, currency: str) -> dict[str, int] | None:
    """The typed amounts in minor units; None when one of them cannot be read."""
    found: dict[str, int] = {}
    for name, column in FIELDS.items():
        try:
            minor = Money.parse(form[name].data or "0", currency).minor
        except ValueError:
            minor = -1
        if minor < 0:
            form.refuse(_("Type an amount such as 5000, zero for none."), name)
        found[column] = minor
    return None if min(found.values()) < 0 else found
