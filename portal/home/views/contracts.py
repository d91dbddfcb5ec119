"""The customer's contracts: the list by urgency, one contract, and the decision not to renew."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from payments.money import Money
from portal.contracts import actions as contracts
from portal.contracts import queries
from portal.contracts import rules as contract_rules
from portal.contracts.errors import CannotDecline, CannotUndoDecline
from portal.contracts.models import Contract
from portal.home import queries as home_queries
from portal.home import rules
from portal.home.forms import DeclineForm
from portal.home.views import cards
from portal.home.views.blueprint import blueprint
from portal.home.words import contracts as words
from portal.kit import clock, guard, i18n
from portal.kit.db import reader, transaction
from portal.kit.guard import Act, needs
from portal.pricing import queries as price_queries
from portal.pricing import words as price_words


@blueprint.get("/contracts", endpoint="contracts")
@needs(Act.SEE_CONTRACTS)
def contract_list() -> str:
    """All contracts of this person's companies, what needs them first."""
    db, me, at = reader(), guard.me(), clock.now()
    found = queries.of_companies(db, me.companies_for(Act.SEE_CONTRACTS), at)
    now = home_queries.under_way(db, found, at)
    looks = [cards.look(each, now.orders.get(each.id), at, now.quotes.get(each.id), me) for each in found]
    priced = [each for each in looks if cards.wants_price(each, me)]
    books = price_queries.books_for(db, [each.contract for each in priced], at)
    shown = cards.cards(looks, books, me)
    first = [card for card in shown if card.pressing]
    return render_template(
        "home/contracts.html",
        headline=words.headline(
            sum(card.needs_you for card in shown), len(first), len(shown)
        ),
        now=first,
        later=[card for card in shown if not card.pressing and not card.look.is_over],
        over=[card for card in shown if not card.pressing and card.look.is_over],
        companies=sorted({contract.company.name for contract in found}),
        count=len(found),
        may_renew=me.can(Act.RENEW),
        at=at,
    )  # fmt: skip


@blueprint.get("/contracts/<number>", endpoint="contract")
@needs(Act.SEE_CONTRACTS)
def contract_page(number: str) -> str:
    """One contract: standing, facts, offer, history."""
    db, me, at = reader(), guard.me(), clock.now()
    contract = find(db, number)
    company = contract.company_id
    now = home_queries.under_way(db, [contract], at)
    each = cards.look(contract, now.orders.get(contract.id), at, now.quotes.get(contract.id), me)
    offer = None
    if each.can_renew and each.order is None and each.held is None and me.can(Act.SEE_PRICES, company):
        offer = cards.cheapest(price_queries.book_for(db, contract, at), each)
    declined = contract.declined_at is not None
    return render_template(
        "home/contract.html",
        each=each,
        contract=contract,
        offer=cards.tag(offer) if offer else None,
        held_for=cards.held_for(each.held) if each.held else None,
        lines=_lines(each, me.can(Act.SEE_PRICES, company)),
        zone_of_days=i18n.zone_name(contract.zone, at),
        sees_prices=me.can(Act.SEE_PRICES, company),
        may_renew=me.can(Act.RENEW, company),
        may_pay=me.can(Act.PAY, company),
        unpaid=each.order is not None and each.order.state in rules.UNPAID,
        may_decline=me.can(Act.DECLINE, company)
        and each.order is None
        and contract_rules.can_decline(contract.terms, each.on, declined),
        may_undo=me.can(Act.DECLINE, company)
        and contract_rules.can_undo_decline(contract.terms, each.on, declined),
        history=sorted(contract.terms, key=lambda term: term.starts_on, reverse=True),
    )


def _lines(each: cards.Look, sees_prices: bool) -> list[dict[str, Any]]:
    """The products of the running term; what a seat costs only for those who may see it, and only if known."""
    return [
        {
            "name": i18n.named(line.product.names),
            "seats": price_words.seats_label(line.seats),
            "unit": Money(line.unit_minor, each.contract.currency) if sees_prices and line.unit_minor else None,
        }
        for line in each.term.lines
    ]


@blueprint.get("/contracts/<number>/decline")
@needs(Act.DECLINE)
def decline(number: str) -> str | Response:
    """The question before ending at the term."""
    contract = find(reader(), number, Act.DECLINE)
    at = clock.now()
    each = cards.look(contract, None, at)
    if not contract_rules.can_decline(contract.terms, each.on, contract.declined_at is not None):
        return redirect(url_for("home.contract", number=number))
    return render_template("home/decline.html", each=each, form=DeclineForm())


@blueprint.post("/contracts/<number>/decline")
@needs(Act.DECLINE)
def decline_now(number: str) -> str | Response | tuple[str, int]:
    """Keep the decision not to renew."""
    contract = find(reader(), number, Act.DECLINE)
    at = clock.now()
    form = DeclineForm()
    if not form.validate_on_submit():
        return render_template("home/decline.html", each=cards.look(contract, None, at), form=form), 422
    try:
        with transaction() as db:
            contracts.decline(db, queries.lock(db, contract.id), form.reason.data or None, guard.me().ref, at)
    except CannotDecline:
        flash(_("Nothing was changed: this contract can no longer be declined."), "warn")
    else:
        each = cards.look(contract, None, at)
        flash(words.declined(each.on > each.term.ends_on), "ok")
    return redirect(url_for("home.contract", number=number), 303)


@blueprint.post("/contracts/<number>/decline/undo", endpoint="undo_decline")
@needs(Act.DECLINE)
def undo_decline(number: str) -> Response:
    """Take the decision not to renew back."""
    contract = find(reader(), number, Act.DECLINE)
    try:
        with transaction() as db:
            contracts.undo_decline(db, queries.lock(db, contract.id), guard.me().ref, clock.now())
    except CannotUndoDecline:
        flash(_("Nothing was changed: this decision can no longer be taken back."), "warn")
    else:
        flash(_("Taken back. You can renew this contract again."), "ok")
    return redirect(url_for("home.contract", number=number), 303)


def find(db: Session, number: str, act: Act = Act.SEE_CONTRACTS) -> Contract:
    """The contract, if this person may do `act` for its company; 404 for all that is not theirs."""
    contract = queries.by_number(db, number)
    if contract is None:
        abort(404)
    guard.require(act, contract.company_id)
    return contract
