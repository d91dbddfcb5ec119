"""What does not fit and waits for people, with what they can do about it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import NoResultFound
from werkzeug.wrappers import Response

from payments.errors import PaymentsError
from payments.ledger import queries as ledger
from payments.money import Money
from payments.reconcile import queries as exceptions
from payments.reconcile.models import ExceptionKind, FinanceException
from portal.accounts import queries as accounts
from portal.checkout import flows
from portal.checkout import queries as checkout
from portal.checkout import words as checkout_words
from portal.checkout.actions import suspense
from portal.checkout.actions.ground import ABOUT_SUSPENSE
from portal.checkout.flows.ground import seller
from portal.contracts import words as contract_words
from portal.contracts.errors import EndsOutside, TermInUse
from portal.finance import queries
from portal.finance.desk.blueprint import blueprint, zone
from portal.finance.forms import AssignForm, CloseForm, EndForm
from portal.finance.queries import ExceptionRow
from portal.kit import clock, jobs
from portal.kit.db import reader, transaction
from portal.kit.errors import Refusal
from portal.kit.forms import Form
from portal.kit.guard import Act, me, needs
from portal.kit.i18n import zone_name

ABOUT_TERM = frozenset({ExceptionKind.LATE_RETURN})


@blueprint.get("/finance/exceptions")
@needs(Act.SEE_PAYMENTS)
def exceptions_page() -> str:
    return _page()


def _page(wrong: int | None = None, form: Form | None = None) -> str:
    """`wrong`: the exception whose `form` is shown again."""
    db = reader()
    if form is not None and wrong is not None:
        form.in_row(wrong)
    waiting, closed = queries.open_exceptions(db), queries.closed_exceptions(db)
    people = {row.exception.closed_by for row in closed if row.exception.closed_by}
    late = [checkout_words.silence(f"schedule:{name}") for name in jobs.late(db, clock.now())]
    return render_template(
        "finance/exceptions.html",
        alarms=[row for row in waiting if row.exception.kind in checkout_words.ALARMS], late=late,
        groups=_groups(waiting), closed=closed, told=checkout_words.exception,
        resolution=checkout_words.resolution,
        names=accounts.names_of(db, people), suspended=ABOUT_SUSPENSE, about_term=ABOUT_TERM,
        amounts={row.exception.id: _suspended(row.exception) for row in waiting},
        may_act=me().can(Act.MOVE_MONEY), wrong=wrong, form=form, zone=zone(),
        zone_name=zone_name(zone(), clock.now()),
    )  # fmt: skip


def _groups(waiting: Sequence[ExceptionRow]) -> list[tuple[str, list[ExceptionRow]]]:
    """By what must be decided, the most pressing first; groups that hold nothing are left out."""
    found = [
        (str(title), [row for row in waiting if row.exception.kind in kinds])
        for title, kinds in checkout_words.GROUPS
    ]
    return [(title, rows) for title, rows in found if rows]


def _suspended(exception: FinanceException) -> tuple[Money, Money] | None:
    """What came and waits in suspense, and what of it may still go back."""
    taken = ledger.taken(reader(), [exception.ref]) if exception.kind in ABOUT_SUSPENSE else None
    return (taken.amount, checkout.left_of(reader(), taken)) if taken else None


@blueprint.post("/finance/exceptions/<id:exception_id>/close")
@needs(Act.MOVE_MONEY)
def close_exception(exception_id: int) -> Response | tuple[str, int]:
    """People decided. Money in suspense stays there, so its exception cannot be closed by words."""
    found, form = _open(exception_id), CloseForm()
    if found.kind in ABOUT_SUSPENSE or found.kind in checkout_words.ALARMS:
        abort(403)
    if not form.validate_on_submit():
        return _page(exception_id, form), 422
    with transaction() as db:
        held = db.get_one(FinanceException, exception_id)
        suspense.close(db, held, str(form.resolution.data), me().ref, clock.now())
    flash(_("Closed."), "ok")
    return _back()


@blueprint.post("/finance/exceptions/<id:exception_id>/assign")
@needs(Act.MOVE_MONEY)
def assign_money(exception_id: int) -> Response | tuple[str, int]:
    """The suspended money pays an order."""
    found, form = _open(exception_id), AssignForm()
    if found.kind not in ABOUT_SUSPENSE:
        abort(404)
    if not form.validate_on_submit():
        return _page(exception_id, form), 422
    try:
        with transaction() as db:
            order = suspense.assign(db, found.ref, str(form.number.data), seller(), me().ref, clock.now())
            number = order.number
    except NoResultFound:
        form.refuse(_("We found no order with this number."), "number")
        return _page(exception_id, form), 422
    except (PaymentsError, Refusal) as error:
        form.refuse(checkout_words.refusal_of_money(error), "number")
        return _page(exception_id, form), 422
    flash(_("The money pays order %(number)s; its contract is renewed.", number=number), "ok")
    return _back()


@blueprint.post("/finance/exceptions/<id:exception_id>/refund")
@needs(Act.MOVE_MONEY)
def refund_money(exception_id: int) -> Response:
    """All that is left of the suspended money goes back: asked for and agreed to by one click, up to the limit."""
    found = _open(exception_id)
    money = _suspended(found)
    if money is None:
        abort(404)
    try:
        refund_id = flows.request_refund(found.ref, money[1], found.kind.value, me().ref)
        flows.agree(refund_id, me().ref)
    except (PaymentsError, Refusal) as error:
        flash(checkout_words.refusal_of_money(error), "warn")
        return _back()
    flash(_("The refund is asked for. Here is how it stands."), "ok")
    return redirect(url_for("finance.refunds_page"), 303)


@blueprint.post("/finance/exceptions/<id:exception_id>/end")
@needs(Act.MOVE_MONEY)
def end_term(exception_id: int) -> Response | tuple[str, int]:
    """All the money went back late: the term ends on a day."""
    found, form = _open(exception_id), EndForm()
    if found.kind not in ABOUT_TERM:
        abort(404)
    if not form.validate_on_submit() or form.on.data is None:
        return _page(exception_id, form), 422
    try:
        with transaction() as db:
            held = db.get_one(FinanceException, exception_id)
            suspense.end_term(db, held, form.on.data, me().ref, clock.now())
    except (EndsOutside, TermInUse) as error:
        form.refuse(contract_words.refusal(error), "on")
        return _page(exception_id, form), 422
    flash(_("The term ends on the day that you chose."), "ok")
    return _back()


@blueprint.post("/finance/exceptions/<id:exception_id>/keep")
@needs(Act.MOVE_MONEY)
def keep_term(exception_id: int) -> Response:
    """All the money went back late: the term stays as a favour."""
    found = _open(exception_id)
    if found.kind not in ABOUT_TERM:
        abort(404)
    with transaction() as db:
        suspense.close(db, db.get_one(FinanceException, exception_id), "kept", me().ref, clock.now())
    flash(_("The term was kept."), "ok")
    return _back()


def _open(exception_id: int) -> FinanceException:
    found = exceptions.get(reader(), exception_id)
    if found is None:
        abort(404)
    return found


def _back() -> Response:
    return redirect(url_for("finance.exceptions_page"), 303)
