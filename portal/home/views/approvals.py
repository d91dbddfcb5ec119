"""Yes or no to a renewal above the company's limit."""

from __future__ import annotations

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.home.forms import RefuseForm
from portal.home.views.blueprint import blueprint
from portal.kit import clock, guard
from portal.kit.db import reader, transaction
from portal.kit.guard import Act, needs
from portal.orders import actions as orders
from portal.orders import queries
from portal.orders.errors import (
    ApprovalGone,
    ContractNotRenewable,
    NotYourOwn,
    OpenOrderExists,
    QuoteNotAcceptable,
)
from portal.orders.models import Approval


@blueprint.post("/quotes/<quote_id>/approve")
@needs(Act.APPROVE)
def approve(quote_id: str) -> Response:
    """The order is placed in the name of who asked."""
    approval = _find(quote_id, Act.APPROVE)
    try:
        with transaction() as db:
            order = orders.approve(db, approval.id, guard.me().ref, clock.now())
    except ApprovalGone:
        flash(_("Somebody decided already, or the request was taken back."), "info")
    except NotYourOwn:
        flash(_("You asked for this yourself. Somebody else of your company must agree."), "warn")
    except (QuoteNotAcceptable, ContractNotRenewable):
        flash(_("Nothing was ordered: this price no longer holds."), "warn")
    except OpenOrderExists as error:
        flash(_("This contract already had an open order; here it is. Nothing was ordered twice."), "info")
        return redirect(url_for("home.order", number=error.number), 303)
    else:
        flash(_("Approved. The order is placed and can be paid."), "ok")
        return redirect(url_for("home.order", number=order.number), 303)
    return _back(quote_id)


@blueprint.post("/quotes/<quote_id>/refuse")
@needs(Act.APPROVE)
def refuse(quote_id: str) -> Response:
    """Who asked is told why."""
    approval, form = _find(quote_id, Act.APPROVE), RefuseForm()
    if not form.validate_on_submit():
        flash(_("Say in a few words why not; whoever asked reads it."), "warn")
        return _back(quote_id)
    try:
        with transaction() as db:
            orders.refuse_approval(db, approval.id, form.reason.data, guard.me().ref, clock.now())
    except ApprovalGone:
        flash(_("Somebody decided already, or the request was taken back."), "info")
    except NotYourOwn:
        flash(_("You asked for this yourself. Somebody else of your company must agree."), "warn")
    else:
        flash(_("Refused. Whoever asked is told by mail; nothing was ordered."), "ok")
    return _back(quote_id)


@blueprint.post("/quotes/<quote_id>/take-back")
@needs(Act.RENEW)
def take_back_approval(quote_id: str) -> Response:
    approval = _find(quote_id, Act.RENEW)
    try:
        with transaction() as db:
            orders.take_back_approval(db, approval.id, guard.me().ref, clock.now())
    except ApprovalGone:
        flash(_("Somebody decided already, or the request was taken back."), "info")
    else:
        flash(_("Taken back. Nothing was ordered."), "ok")
    return _back(quote_id)


def _find(quote_id: str, act: Act) -> Approval:
    found = queries.approval_of(reader(), quote_id)
    if found is None:
        abort(404)
    guard.require(act, found.company_id)
    return found


def _back(quote_id: str) -> Response:
    return redirect(url_for("home.quote", quote_id=quote_id), 303)
