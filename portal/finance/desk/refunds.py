"""Refunds: who asked, whose yes is missing, what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from payments.errors import PaymentsError
from payments.refunds.actions import PROVIDER
from payments.refunds.models import Refund, RefundState
from portal.accounts import queries as accounts
from portal.audit import actions as audit
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
    """Who is only asked for a second yes reads of those refunds alone."""
    db, mine = reader(), me().ref
    waiting, decided = queries.refunds_waiting(db), queries.refunds_decided(db)
    if not me().can(Act.SEE_PAYMENTS):
        waiting = [row for row in waiting if row.refund.approved_by]
        decided = [row for row in decided if mine in {row.refund.second_by, row.refund.refused_by}]
    return render_template(
        "finance/refunds.html",
        waiting=waiting, decided=decided, names=_names([row.refund for row in (*waiting, *decided)]), mine=mine,
        may_agree={row.refund.id: _may_agree(row.refund) for row in waiting},
        may_decide={row.refund.id: _may_refuse(row.refund) for row in waiting}, **_words(),
    )  # fmt: skip


@blueprint.get("/finance/refunds/<id:refund_id>")
@needs(Act.SECOND_YES)
def decide_refund(refund_id: int) -> str | Response:
    """The question, with the amount in it."""
    refund = _found(refund_id)
    if refund.state is not RefundState.REQUESTED:
        flash(_("This refund was decided meanwhile; here is how it stands."), "warn")
        return _to_list()
    if not _may_refuse(refund):
        abort(403)
    return render_template(
        "finance/refund.html",
        refund=refund, about=queries.about(reader(), refund.subject), names=_names([refund]),
        may_agree=_may_agree(refund), may_refuse=_may_refuse(refund), **_words(),
    )  # fmt: skip


def _words() -> dict[str, Any]:
    """What both pages say alike. Limits are asked once for each currency."""
    limits = {row.currency: row.refund_minor for row in checkout.limits(reader())}
    return {
        "states": checkout_words.REFUND_STATES, "reason": words.reason, "zone": zone(),
        "missing": lambda refund: words.missing(refund, limits.get(refund.currency, 0)),
        "zone_name": zone_name(zone(), clock.now()),
    }  # fmt: skip


def _names(refunds: Sequence[Refund]) -> dict[str, str]:
    people = {ref for row in refunds for ref in (row.requested_by, row.approved_by, row.second_by, row.refused_by)}
    found = accounts.names_of(reader(), {ref for ref in people if ref})
    return found | {audit.SYSTEM: _("the portal"), PROVIDER: _("Stripe")}


def _may_agree(refund: Refund) -> bool:
    """May I say the yes that is missing? The first one is finance's; a second must be another person's."""
    if refund.approved_by is None:
        return me().can(Act.MOVE_MONEY)
    return me().can(Act.SECOND_YES) and me().ref not in {refund.approved_by, refund.requested_by}


def _may_refuse(refund: Refund) -> bool:
    """Finance says no, and whoever is asked for the second yes may."""
    return me().can(Act.MOVE_MONEY) or (refund.approved_by is not None and me().can(Act.SECOND_YES))


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
    return _to_list()


def _agreed(state: RefundState) -> tuple[str, str]:
    told = {
        RefundState.REQUESTED: (_("Noted. The amount is above the limit, so a second person must agree."), "ok"),
        RefundState.APPROVED: (_("Agreed. Stripe gave no answer yet; the portal keeps asking by itself."), "warn"),
        RefundState.PENDING: (_("Agreed. The refund is on its way."), "ok"),
        RefundState.SUCCEEDED: (_("Agreed. The money is on its way to the customer."), "ok"),
    }
    return told.get(state, (_("Stripe refused the refund. See exceptions for what to do."), "danger"))


@blueprint.post("/finance/refunds/<id:refund_id>/refuse")
@needs(Act.SECOND_YES)
def refuse_refund(refund_id: int) -> Response:
    """Finance says no, or whoever is asked for the second yes."""
    if not _may_refuse(_found(refund_id)):
        abort(403)
    return _refused(refund_id, _("The refund was refused. Nothing was sent."))


@blueprint.post("/finance/refunds/<id:refund_id>/take-back")
@needs(Act.REQUEST_REFUND)
def take_back_refund(refund_id: int) -> Response:
    """Whoever asked takes it back."""
    if _found(refund_id).requested_by != me().ref:
        abort(403)
    return _refused(refund_id, _("You took the request back. Nothing was sent."))


def _refused(refund_id: int, told: str) -> Response:
    try:
        with transaction() as db:
            actions.refuse(db, refund_id, me().ref, clock.now())
    except PaymentsError as error:
        flash(checkout_words.refusal_of_money(error), "warn")
    else:
        flash(told, "ok")
    return _to_list()


def _to_list() -> Response:
    return redirect(url_for("finance.refunds_page"), 303)


def _found(refund_id: int) -> Refund:
    found = reader().get(Refund, refund_id)
    if found is None:
        abort(404)
    return found
