"""Special prices: propose one for a contract; the queue of those that wait for somebody's yes."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from portal.accounts import queries as accounts
from portal.contracts import book
from portal.contracts import queries as contracts
from portal.contracts.models import Contract
from portal.kit import clock, guard, listing
from portal.kit.db import reader, transaction
from portal.kit.errors import Refusal
from portal.kit.guard import Act, needs
from portal.pricing import actions, errors, queries, rules, words
from portal.pricing.desk.blueprint import PAGE_ROWS, blueprint, mine, today
from portal.pricing.forms import SpecialForm, Versioned
from portal.pricing.models import SpecialPrice, SpecialState

GRANT, REFUSE = "grant", "refuse"
USUAL: Final = timedelta(days=30)


def limit_of_mine() -> int:
    """Up to how many basis points the person at the keyboard gives a special price."""
    me = guard.me()
    if me.can(Act.GRANT_SPECIAL):
        return rules.MOST_POINTS
    return rules.SPECIAL_ALONE if me.can(Act.GIVE_SPECIAL) else 0


@blueprint.get("/desk/contracts/<number>/special-price")
@needs(Act.PROPOSE_SPECIAL)
def new_special(number: str) -> str:
    data = {"valid_to": (today() + USUAL).isoformat()}
    return _form_page(mine(number), SpecialForm(formdata=None, data=data))


@blueprint.post("/desk/contracts/<number>/special-price")
@needs(Act.PROPOSE_SPECIAL)
def propose_special(number: str) -> Response | tuple[str, int]:
    contract, form = mine(number), SpecialForm()
    if not form.validate_on_submit():
        return _form_page(contract, form), 422
    try:
        with transaction() as db:
            held = contracts.lock(db, contract.id)
            made = actions.propose_special(
                db, held, basis_points=form.percent.points or 0, reason=form.reason.data or "",
                valid_to=form.valid_to.day or today(), limit=limit_of_mine(), on=today(), by=guard.me().ref,
                at=clock.now(),
            )  # fmt: skip
            granted = made.state is SpecialState.GRANTED
    except Refusal as refused:
        form.refuse(words.refusal(refused))
        return _form_page(contract, form), 422
    told = _("The special price holds. The customer sees it as a step of the price.")
    flash(told if granted else _("Proposed. It holds once somebody else has agreed."), "success")
    return redirect(url_for("contracts_desk.contract", number=number), 303)


@blueprint.get("/desk/special-prices")
@needs(Act.READ_PRICES)
def specials() -> str | Response:
    """Those that wait, or with `?state=` the others, newest first."""
    asked = listing.Asked(request.args)
    asked.only(("state",))
    return _list_page(asked, asked.word("state", SpecialState, _("State")) or SpecialState.PROPOSED)


@blueprint.post("/desk/special-prices/<id:special_id>/decide")
@needs(Act.GIVE_SPECIAL)
def decide_special(special_id: int) -> Response:
    """Say yes or no to what somebody else proposed."""
    by, at, version = guard.me().ref, clock.now(), Versioned().seen_version
    try:
        with transaction() as db:
            held, special = _held(db, special_id)
            if request.form.get("do") == GRANT:
                actions.grant_special(
                    db, special, held, version=version, limit=limit_of_mine(), on=today(), by=by, at=at
                )
                flash(
                    _("Granted. The customer sees it as a step of the price; make a new quote, earlier ones no"
                      " longer hold."), "success",
                )  # fmt: skip
            else:
                actions.refuse_special(db, special, held, version, by, at)
                flash(_("Refused. The price stays as it was."), "success")
    except errors.NotADraft:
        flash(_("Somebody decided about it meanwhile; nothing was changed."), "warning")
    except Refusal as refused:
        flash(words.refusal(refused), "warning")
    return redirect(url_for(".specials"), 303)


@blueprint.post("/desk/special-prices/<id:special_id>/withdraw")
@needs(Act.PROPOSE_SPECIAL)
def withdraw_special(special_id: int) -> Response:
    """Take back a proposal, or a special price that was granted."""
    version = Versioned().seen_version
    with transaction() as db:
        held, special = _held(db, special_id)
        number = held.number
        book.require(held)
        granted = special.state is SpecialState.GRANTED
        try:
            actions.withdraw_special(db, special, held, version, guard.me().ref, clock.now())
            told = _("Taken back. Quotes that were made with it no longer hold.")
            flash(told if granted else _("The proposal is taken back."), "success")
        except Refusal as refused:
            flash(words.refusal(refused), "warning")
    return redirect(url_for("contracts_desk.contract", number=number), 303)


def _held(db: Session, special_id: int) -> tuple[Contract, SpecialPrice]:
    """The contract and its special price, which nobody else changes meanwhile; the contract first, as who proposes
    does."""
    contract_id = db.scalar(select(SpecialPrice.contract_id).where(SpecialPrice.id == special_id)) or abort(404)
    held = contracts.lock(db, contract_id)
    return held, db.get_one(SpecialPrice, special_id, with_for_update=True, populate_existing=True)


def _form_page(contract: Contract, form: SpecialForm) -> str:
    return render_template("pricing/special_form.html", contract=contract, form=form, alone=limit_of_mine())


_VIEWS: Final = {
    SpecialState.PROPOSED: _l("To decide"), SpecialState.GRANTED: _l("Granted"),
    SpecialState.REFUSED: _l("Refused"), SpecialState.WITHDRAWN: _l("Taken back"),
}  # fmt: skip


def _list_page(asked: listing.Asked, state: SpecialState) -> str | Response:
    db, me, on = reader(), guard.me(), today()
    page = listing.page(
        lambda at, limit: queries.specials(db, state, at, limit),
        lambda row: (row.proposed_at, row.id), asked.cursor(), PAGE_ROWS,
    )  # fmt: skip
    if page is None:
        return redirect(url_for(".specials", state=state))
    refs = {ref for row in page.rows for ref in (row.proposed_by, row.decided_by) if ref}
    limit = limit_of_mine()
    return render_template(
        "pricing/specials.html",
        page=page, state=state, notes=asked.notes, names=accounts.names_of(db, refs), words=words, today=on,
        views=[
            {"label": label, "url": url_for(".specials", state=each), "current": each is state}
            for each, label in _VIEWS.items()
        ],
        can_decide={
            row.id: row.state is SpecialState.PROPOSED and row.basis_points <= limit and row.proposed_by != me.ref
            for row in page.rows
        },
        may_decide=me.can(Act.GIVE_SPECIAL),
    )  # fmt: skip
