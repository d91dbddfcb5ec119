"""The seller's bank accounts: where customers are told to send their transfers."""

from __future__ import annotations

from typing import Final

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from payments.money import EXPONENTS
from payments.transfers import actions, queries
from payments.transfers.models import SellerAccount
from portal.audit import actions as audit
from portal.finance.desk.blueprint import blueprint
from portal.finance.forms import AccountForm
from portal.kit import clock
from portal.kit.db import reader, transaction
from portal.kit.guard import Act, me, needs

FIELDS: Final = ("currency", *actions.FACTS)


@blueprint.get("/finance/accounts")
@needs(Act.SEE_PAYMENTS)
def accounts_page() -> str:
    return _page(AccountForm(formdata=None))


@blueprint.post("/finance/accounts")
@needs(Act.EDIT_ACCOUNTS)
def add_account() -> Response | tuple[str, int]:
    form = _filled()
    if not form.validate_on_submit():
        return _page(form), 422
    with transaction() as db:
        _add(db, form, "account.added")
    flash(_("Saved. Customers see this account from now on."), "ok")
    return _back()


@blueprint.get("/finance/accounts/<id:account_id>/change")
@needs(Act.EDIT_ACCOUNTS)
def change_account(account_id: int) -> str | Response:
    account = reader().get(SellerAccount, account_id) or abort(404)
    if account.closed_at is not None:
        return _too_late()
    return _page(AccountForm(formdata=None, data={name: getattr(account, name) for name in FIELDS}), account)


@blueprint.post("/finance/accounts/<id:account_id>/change")
@needs(Act.EDIT_ACCOUNTS)
def save_account(account_id: int) -> Response | tuple[str, int]:
    """A new row that customers read from now on; what others were told of stays as they read it."""
    form = _filled()
    if not form.validate_on_submit():
        return _page(form, reader().get(SellerAccount, account_id) or abort(404)), 422
    with transaction() as db:
        if not _close(db, account_id):
            return _too_late()
        _add(db, form, "account.changed", replaces=account_id)
    flash(_("Saved. Transfers that are awaited still name the account as it was."), "ok")
    return _back()


@blueprint.post("/finance/accounts/<id:account_id>/close")
@needs(Act.EDIT_ACCOUNTS)
def close_account(account_id: int) -> Response:
    """No new transfer names it; those that are awaited still do."""
    with transaction() as db:
        if _close(db, account_id):
            audit.note(db, me().ref, "account.closed", f"account:{account_id}", clock.now())
    flash(_("Closed. Transfers that are awaited still name it."), "ok")
    return _back()


def _filled() -> AccountForm:
    form = AccountForm()
    form.currency.choices = sorted(EXPONENTS)
    return form


def _page(form: AccountForm, changing: SellerAccount | None = None) -> str:
    form.currency.choices = sorted(EXPONENTS)
    return render_template(
        "finance/accounts.html",
        accounts=queries.accounts(reader()), form=form, may_edit=me().can(Act.EDIT_ACCOUNTS), changing=changing,
    )  # fmt: skip


def _add(db: Session, form: AccountForm, action: str, **more: int) -> None:
    facts = {name: str(form[name].data or "") for name in FIELDS}
    added = actions.add_account(db, me().ref, clock.now(), **facts)
    audit.note(db, me().ref, action, f"account:{added.id}", clock.now(), **facts, **more)


def _close(db: Session, account_id: int) -> bool:
    """False for one that somebody closed, or changed, before."""
    account = db.get(SellerAccount, account_id, with_for_update=True) or abort(404)
    if account.closed_at is not None:
        return False
    account.closed_at = clock.now()
    return True


def _too_late() -> Response:
    flash(_("Somebody was faster; here is how it stands now."), "warn")
    return _back()


def _back() -> Response:
    return redirect(url_for("finance.accounts_page"), 303)
