"""Bank transfers: the money that finance finds on the seller's accounts, and refunds that it sends from there."""

from __future__ import annotations

from typing import Final

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import NoResultFound
from werkzeug.wrappers import Response

from payments.errors import BankLineKnown, PaymentsError, ValueDateWrong
from payments.gateway.bank import NAME as BANK
from payments.money import EXPONENTS, Money
from payments.refunds import queries as refunds
from payments.refunds.models import Refund
from payments.transfers.models import Transfer, TransferState
from portal.accounts import queries as accounts
from portal.checkout import flows
from portal.checkout import words as checkout_words
from portal.finance import queries as finance
from portal.finance.desk.blueprint import blueprint, zone
from portal.finance.forms import SeenForm, SentForm
from portal.kit import clock
from portal.kit.db import reader
from portal.kit.forms import Form
from portal.kit.guard import Act, me, needs
from portal.kit.i18n import zone_name

DONE_SHOWN: Final = 50


@blueprint.get("/finance/transfers")
@needs(Act.SEE_REFUNDS)
def transfers_page() -> str:
    return _transfers(q=" ".join(request.args.get("q", "").split()))


def _transfers(wrong: int | None = None, form: Form | None = None, q: str = "") -> str:
    """Who is only asked for a second yes reads of those transfers alone."""
    if form is not None and wrong is not None:
        form.in_row(wrong)
    db, sees = reader(), me().can(Act.SEE_PAYMENTS)
    waiting = finance.transfers(db, finance.WAITING if sees else (TransferState.SEEN,), q)
    done = finance.transfers(db, finance.DONE, q, None if sees else me().ref, DONE_SHOWN)
    people = {ref for row in (*waiting, *done) for ref in (row.seen_by, row.second_by) if ref}
    return render_template(
        "finance/transfers.html",
        waiting=waiting, done=done, q=q, cut=len(waiting) == finance.MOST, sees=sees,
        to_send=refunds.to_send(db, BANK) if sees and not q else [], names=accounts.names_of(db, people),
        may_act=me().can(Act.MOVE_MONEY), may_second=me().can(Act.SECOND_YES), mine=me().ref, wrong=wrong,
        form=form, today=clock.day(clock.now(), zone()).isoformat(), zone=zone(),
        zone_name=zone_name(zone(), clock.now()),
    )  # fmt: skip


@blueprint.post("/finance/transfers/<id:transfer_id>/seen")
@needs(Act.MOVE_MONEY)
def transfer_seen(transfer_id: int) -> Response | tuple[str, int]:
    """The money of a transfer stands on the account."""
    transfer, form = _found(transfer_id), SeenForm()
    received = _read(form, transfer.currency) if form.validate_on_submit() else None
    if received is None or form.value_date.data is None:
        return _transfers(transfer_id, form), 422
    try:
        final = flows.see_transfer(
            transfer_id, received, form.value_date.data, str(form.bank_reference.data), me().ref
        )
    except ValueDateWrong:
        form.refuse(_("Choose a day between the order and today."), "value_date")
        return _transfers(transfer_id, form), 422
    except BankLineKnown:
        form.refuse(_("This line of the bank has paid another transfer already."), "bank_reference")
        return _transfers(transfer_id, form), 422
    except PaymentsError as error:
        flash(checkout_words.refusal_of_money(error), "warn")
        return _back()
    flash(
        _("Taken. The order shows what became of it.")
        if final
        else _("Noted. The amount is above the limit, so a second person must agree."), "ok",
    )  # fmt: skip
    return _back()


def _read(form: SeenForm, asked: str) -> Money | None:
    """What came; in the currency that was asked for, unless finance says another."""
    currency = form.currency.data or asked
    if currency not in EXPONENTS:
        form.refuse(_("Type a currency such as CNY."), "currency")
        return None
    try:
        received = Money.parse(str(form.amount.data), currency)
    except ValueError:
        received = Money(0, currency)
    if received.minor <= 0:
        form.refuse(_("Type an amount such as 1200.50."), "amount")
        return None
    return received


@blueprint.post("/finance/transfers/<id:transfer_id>/agree")
@needs(Act.SECOND_YES)
def transfer_agreed(transfer_id: int) -> Response:
    _found(transfer_id)
    try:
        flows.agree_to_transfer(transfer_id, me().ref)
    except PaymentsError as error:
        flash(checkout_words.refusal_of_money(error), "warn")
    else:
        flash(_("Taken. The order shows what became of it."), "ok")
    return _back()


@blueprint.post("/finance/transfers/<id:transfer_id>/take-back")
@needs(Act.MOVE_MONEY)
def transfer_taken_back(transfer_id: int) -> Response:
    _found(transfer_id)
    try:
        flows.take_transfer_back(transfer_id, me().ref)
    except PaymentsError as error:
        flash(checkout_words.refusal_of_money(error), "warn")
    return _back()


@blueprint.post("/finance/refunds/<id:refund_id>/sent")
@needs(Act.MOVE_MONEY)
def refund_sent(refund_id: int) -> Response | tuple[str, int]:
    """A refund of a transfer was sent from the bank."""
    if reader().get(Refund, refund_id) is None:
        abort(404)
    form = SentForm()
    if not form.validate_on_submit() or form.sent_on.data is None:
        return _transfers(-refund_id, form), 422
    try:
        flows.refund_was_sent(refund_id, str(form.bank_reference.data), form.sent_on.data, me().ref)
    except ValueDateWrong:
        form.refuse(_("Choose a day between the yes to the refund and today."), "sent_on")
        return _transfers(-refund_id, form), 422
    except BankLineKnown:
        form.refuse(_("This line of the bank has sent another refund already."), "bank_reference")
        return _transfers(-refund_id, form), 422
    except (LookupError, NoResultFound):
        flash(_("Somebody was faster; here is how it stands now."), "warn")
    else:
        flash(_("Booked; the customer is told."), "ok")
    return _back()


def _found(transfer_id: int) -> Transfer:
    return reader().get(Transfer, transfer_id) or abort(404)


def _back() -> Response:
    return redirect(url_for("finance.transfers_page"), 303)
