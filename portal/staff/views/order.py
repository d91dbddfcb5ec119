"""An order's whole story, and what staff may do about it for the customer."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from payments.errors import GatewayError
from portal.accounts.words import COMPANY_ROLES
from portal.audit import actions as audit
from portal.checkout import flows
from portal.checkout import queries as checkout
from portal.checkout import words as checkout_words
from portal.checkout.errors import AlreadyPaid, OrderNotPayable
from portal.contracts import book
from portal.contracts import rules as contracts
from portal.contracts.rules import Standing
from portal.contracts.words import standing_chip
from portal.documents import queries as documents
from portal.finance import words as finance_words
from portal.kit import clock
from portal.kit.db import reader, transaction
from portal.kit.guard import Act, me, needs
from portal.orders import queries as orders
from portal.orders.errors import OrderNotOpen
from portal.orders.models import CancelledBy, Order, OrderState
from portal.orders.rules import CANCELLABLE
from portal.staff import rules
from portal.staff.forms import CancelForm
from portal.staff.queries import story as queries
from portal.staff.queries.story import Story
from portal.staff.views.blueprint import blueprint, sees_prices, seller_zone, times, way_back
from portal.staff.words import orders as words
from portal.staff.words import story


@blueprint.get("/desk/orders/<number>")
@needs(Act.READ_DESK)
def order(number: str) -> str:
    found, actor = _found(number), me()
    whole = queries.story(reader(), found, with_money=actor.can(Act.SEE_PAYMENTS))
    receipt_url = url_for("staff.receipt", number=found.number, list=way_back()["back"])
    payments = checkout.standings(reader(), number) if actor.can(Act.SEE_PAYMENTS) else []
    mine, standing = book.is_mine(found.contract), _standing(found)
    acts = actor.can(Act.ACT_ON_DESK) and mine
    return render_template(
        "staff/order.html",
        order=found, words=words, roles=COMPANY_ROLES, members=whole.members, standing=standing,
        standing_chip=standing_chip(standing),
        items=story.tell(whole, _mail_urls(whole), seller_zone(), sees_prices(), receipt_url),
        money_held=story.held(whole.notes) if found.state is OrderState.HELD and sees_prices() else None,
        receipt_url=receipt_url if found.paid_at and sees_prices() else None,
        sees_prices=sees_prices(), sees_payments=actor.can(Act.SEE_PAYMENTS),
        payments=payments, credit_notes=documents.credit_notes(reader(), found.id) if payments else [],
        refund_states=checkout_words.REFUND_STATES, dispute_states=checkout_words.DISPUTE_STATES,
        refund_reason=finance_words.reason,
        refunds_url=_url("finance.refunds_page") if any(each.refunds for each in payments) else None,
        can_refund=actor.can(Act.REQUEST_REFUND) and mine and any(each.refundable for each in payments),
        can_cancel=acts and found.state in CANCELLABLE, can_check=acts and rules.can_check(found.state),
        company_url=_url("accounts_desk.company", company_id=found.company_id),
        contract_url=_url("contracts_desk.contract", number=found.contract.number),
        **way_back(), **times(),
    )  # fmt: skip


@blueprint.get("/desk/orders/<number>/cancel")
@needs(Act.ACT_ON_DESK)
def ask_cancel(number: str) -> str | Response:
    found = _mine(number)
    if found.state not in CANCELLABLE:
        flash(_not_open(found.state), "warn")
        return _to_order(number)
    return _cancel_page(found, CancelForm())


@blueprint.post("/desk/orders/<number>/cancel")
@needs(Act.ACT_ON_DESK)
def cancel(number: str) -> Response | tuple[str, int]:
    """Call the order off for the customer. Why is noted first, so that the note stands whatever Stripe says."""
    found, form = _mine(number), CancelForm()
    if found.state in CANCELLABLE:
        if not form.validate_on_submit():
            return _cancel_page(found, form), 422
        with transaction() as db:
            audit.note(db, me().ref, "order.cancel_asked", found.subject, clock.now(), reason=form.reason.data)
    _call_off(found)
    return _to_order(number)


def _call_off(found: Order) -> None:
    """Cancel, and tell what came of it."""
    try:
        flows.cancel(found.number, me().ref, CancelledBy.STAFF)
    except AlreadyPaid:
        flash(_("The customer has paid meanwhile, so this order was not cancelled."), "warn")
    except (OrderNotOpen, OrderNotPayable) as refused:
        flash(_not_open(refused.state), "warn")
    except GatewayError:
        flash(
            _("Stripe gave no answer, so we do not know whether the customer is paying. Nothing was changed; "
              "try again in a minute."), "danger",
        )  # fmt: skip
    else:
        flash(_("The order is cancelled. No money was taken, and the customer can ask for a new price."), "ok")


def _cancel_page(found: Order, form: CancelForm) -> str:
    return render_template(
        "staff/cancel.html",
        order=found,
        form=form,
        words=words,
        sees_prices=sees_prices(),
        **way_back(),
        **times(),
    )


@blueprint.post("/desk/orders/<number>/check")
@needs(Act.ACT_ON_DESK)
def check(number: str) -> Response:
    found = _mine(number)
    try:
        answered = flows.settle_order(found.number)
    except GatewayError:
        answered = False
    with transaction() as db:
        audit.note(db, me().ref, "order.checked", found.subject, clock.now(), answered=answered)
    if answered:
        flash(_("We asked Stripe; this is how the order stands now."), "ok")
    else:
        flash(_("Stripe gave no answer. Nothing was changed; the portal keeps asking by itself."), "danger")
    return _to_order(number)


def _found(number: str) -> Order:
    found = orders.by_number(reader(), number)
    if found is None:
        abort(404)
    return found


def _mine(number: str) -> Order:
    """An order of the book in which the person at the keyboard may act."""
    found = _found(number)
    book.require(found.contract)
    return found


def _not_open(state: OrderState) -> str:
    return _("This order cannot be cancelled any more. Its state: %(state)s.", state=str(words.STATES[state][1]))


def _standing(order: Order) -> Standing:
    """Where the contract stands today, in its own zone."""
    contract = order.contract
    on = clock.day(clock.now(), contract.zone)
    return contracts.standing(contract.terms, on, contract.declined_at is not None)


def _mail_urls(whole: Story) -> dict[int, str]:
    """Where each mail can be read; only demo has such a page."""
    found = {mail.id: _url("home.mail", mail_id=mail.id) for mail in whole.mails}
    return {mail_id: url for mail_id, url in found.items() if url}


def _url(endpoint: str, **values: Any) -> str | None:
    """The address of another room's page, if the portal has it."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def _to_order(number: str) -> Response:
    return redirect(url_for("staff.order", number=number, list=way_back()["back"]), 303)
