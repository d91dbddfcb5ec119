"""Refunds: who asked, whose yes is missing, what became of them."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from payments.errors import PaymentsError
from payments.refunds.models import Refund, RefundState
from portal.accounts import queries as accounts
from portal.checkout import flows
from portal.checkout import queries as checkout
from portal.checkout import words as checkout_words
from portal.checkout.actions import refunds as actions
from portal.finance import queries, words
from portal.finance.desk.blueprint import blueprint, zone
from portal.kit import clock
from portal.kit.db import reader, transaction
from portal.kit.errors import Refusal
from portal.kit.guard import Act, me, needs
from portal.kit.i18n import zone_name


@blueprint.get("/finance/refunds")
@needs(Act.SEE_REFUNDS)
def refunds_page() -> str:
    db = reader()
    waiting, decided = queries.refunds_waiting(db), queries.refunds_decided(db)
    rows = [row.refund for row in (*waiting, *decided)]
    people = {ref for row in rows for ref in (row.requested_by, row.approved_by, row.second_by, row.refused_by)}
    limits = {row.refund.currency: checkout.limit_of(db, row.refund.currency).refund_minor for row in waiting}
    return render_template(
        "finance/refunds.html",
        waiting=waiting, decided=decided, names=accounts.names_of(db, {ref for ref in people if ref}),
        states=checkout_words.REFUND_STATES, reason=words.reason, me=me().ref,
        may={row.refund.id: _may_agree(row.refund, limits[row.refund.currency]) for row in waiting},
        may_refuse=me().can(Act.MOVE_MONEY), limits=limits, zone=zone(),
        zone_name=zone_name(zone(), clock.now()),
    )  # fmt: skip


def _may_agree(refund: Refund, limit: int) -> bool:
    """May I say the yes that is missing? The first one is finance's; a second must be another person's."""
    if refund.approved_by is None:
        return me().can(Act.MOVE_MONEY)
    return me().can(Act.SECOND_YES) and me().ref not in {refund.approved_by, refund.requested_by}


@blueprint.post("/finance/refunds/<id:refund_id>/agree")
@needs(Act.SECOND_YES)
def agree_to_refund(refund_id: int) -> Response:
    refund = _found(refund_id)
    if refund.approved_by is None and not me().can(Act.MOVE_MONEY):
        abort(403)
    try:
        state = flows.agree(refund_id, me().ref)
    except (PaymentsError, Refusal) as error:
        flash(checkout_words.refusal_of_money(error), "warn")
    else:
        flash(*_agreed(state))
    return redirect(url_for("finance.refunds_page"), 303)


def _agreed(state: RefundState) -> tuple[str, str]:
    told = {
        RefundState.REQUESTED: (_("Noted. The amount is above the limit, so a second person must agree."), "ok"),
        RefundState.APPROVED: (_("Agreed. Stripe gave no answer yet; the portal keeps asking by itself."), "warn"),
        RefundState.PENDING: (_("Agreed. The refund is on its way."), "ok"),
        RefundState.SUCCEEDED: (_("Agreed. The money is on its way to the customer."), "ok"),
    }
    return told.get(state, (_("Stripe refused the refund. See exceptions for what to do."), "danger"))


@blueprint.post("/finance/refunds/<id:refund_id>/refuse")
@needs(Act.REQUEST_REFUND)
def refuse_refund(refund_id: int) -> Response:
    """Finance says no; whoever asked takes it back."""
    refund = _found(refund_id)
    if not me().can(Act.MOVE_MONEY) and refund.requested_by != me().ref:
        abort(403)
    try:
        with transaction() as db:
            actions.refuse(db, refund_id, me().ref, clock.now())
    except PaymentsError as error:
        flash(checkout_words.refusal_of_money(error), "warn")
    else:
        flash(_("The refund was refused. Nothing was sent."), "ok")
    return redirect(url_for("finance.refunds_page"), 303)


def _found(refund_id: int) -> Refund:
    found = reader().get(Refund, refund_id)
    if found is None:
        abort(404)
    return found
