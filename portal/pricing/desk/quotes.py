"""Staff make a quote for a customer and send it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from payments.money import Money
from portal.accounts import queries as accounts
from portal.audit import queries as audit
from portal.audit.actions import SYSTEM
from portal.contracts import book
from portal.contracts import queries as contracts
from portal.contracts import rules as contract_rules
from portal.contracts.models import Contract
from portal.kit import clock, guard, i18n
from portal.kit.db import reader, transaction
from portal.kit.errors import Refusal
from portal.kit.guard import Act, needs
from portal.kit.settings import Settings
from portal.pricing import actions, queries, rules, words
from portal.pricing.desk.blueprint import blueprint
from portal.pricing.errors import ContractNotRenewable
from portal.pricing.forms import QuoteForm
from portal.pricing.models import Quote

SEAL = "quote"


@dataclass
class Preview:
    """What could be quoted: the offers, or the sentence that says why there are none."""

    offers: list[rules.Offer] = field(default_factory=list)
    refusal: str | None = None
    renewable: bool = True


@blueprint.get("/desk/contracts/<number>/quote")
@needs(Act.ACT_ON_DESK)
def make_quote(number: str) -> str | tuple[str, int]:
    """Prices for the seats in the address, or for those of the last term."""
    contract, on = _contract(number)
    book.require(contract)
    given = request.args if {"term_months", "seats", "code"} & set(request.args) else None
    form = _form(contract, given)
    if given is not None and not form.holds():
        return _make_page(contract, on, form), 422
    return _make_page(contract, on, form)


@blueprint.post("/desk/contracts/<number>/quote")
@needs(Act.ACT_ON_DESK)
def seal_quote(number: str) -> Response | tuple[str, int]:
    """Work out the prices again, or seal one."""
    contract, on = _contract(number)
    book.require(contract)
    form = _form(contract, request.form)
    if not form.holds():
        return _make_page(contract, on, form), 422
    months, seats = form.term_months.data, form.seats.data
    if request.form.get("do") != SEAL:
        here = url_for(".make_quote", number=number, term_months=months, seats=seats, code=form.code.data or None)
        return redirect(here, 303)
    if not _counts(form, _preview(contract, on, seats, form.coupon)):
        return _make_page(contract, on, form), 422
    try:
        with transaction() as db:
            quote = actions.seal_at_desk(db, contract, months, seats, guard.me().ref, clock.now(), form.coupon)
    except Refusal as refused:
        form.form_errors = [words.refusal(refused)]
        return _make_page(contract, on, form), 422
    return redirect(url_for(".quote", quote_id=quote.id), 303)


@blueprint.get("/desk/quotes/<quote_id>")
@needs(Act.READ_PRICES)
def quote(quote_id: str) -> str:
    """The sealed quote as staff see it: why it costs what it costs, what it is worth now, who was sent it."""
    db = reader()
    found = _quote(queries.quote(db, quote_id))
    standing = rules.quote_standing(found, found.contract.rev, clock.now())
    may_act = guard.me().can(Act.ACT_ON_DESK) and book.is_mine(found.contract)
    settings: Settings = current_app.extensions["settings"]
    return render_template(
        "pricing/quote.html",
        quote=found,
        contract=found.contract,
        lines=found.document["lines"],
        line_name=words.line_name,
        standing=standing,
        standing_label=words.standing_label(standing),
        standing_chip=words.STANDING_CHIPS[standing],
        standing_text=words.standing_text(found, standing),
        sealed=rules.verify_seal(found),
        may_act=may_act,
        can_send=may_act and standing is rules.QuoteStanding.VALID,
        money=partial(Money, currency=found.currency),
        term=words.term_text(found.starts_on, found.ends_on, found.months, found.starts_on_payment),
        held=words.held_text(found) if standing is rules.QuoteStanding.VALID else None,
        address=f"{settings.base_url}/quotes/{found.id}",
        story=_story(db, found),
        **_why(found),
    )


@blueprint.post("/desk/quotes/<quote_id>/send")
@needs(Act.ACT_ON_DESK)
def send_quote(quote_id: str) -> Response:
    """Mail the quote's address to those of the company who may renew."""
    book.require(_quote(queries.quote(reader(), quote_id)).contract)
    try:
        with transaction() as db:
            names = actions.send(db, _quote(queries.quote(db, quote_id)), guard.me().ref, clock.now())
        flash(_("The price is on its way to %(names)s.", names=words.names_list(names)), "success")
    except Refusal as refused:
        flash(words.refusal(refused), "warning")
    return redirect(url_for(".quote", quote_id=quote_id), 303)


@blueprint.app_template_global("sent_quotes_of")
def sent_quotes_of(contract: Contract) -> list[str]:
    """Ids of the contract's quotes that hold and were sent to the customer: a correction takes them back."""
    db, at = reader(), clock.now()
    valid = [
        quote.id
        for quote in queries.latest_quotes(db, contract.id)
        if rules.quote_standing(quote, contract.rev, at) is rules.QuoteStanding.VALID
    ]
    notes = audit.about(db, [f"quote:{quote_id}" for quote_id in valid]) if valid else []
    sent = {note.subject for note in notes if note.action == actions.SENT}
    return [quote_id for quote_id in valid if f"quote:{quote_id}" in sent]


def _story(db: Session, found: Quote) -> list[dict[str, Any]]:
    """What happened to the quote, for the kit's timeline."""
    notes = audit.about(db, [f"quote:{found.id}"])
    people = accounts.names_of(db, {ref for note in notes for ref in (note.actor, *note.facts.get("to", ()))})
    story = []
    for note in notes:
        to = [people[ref] for ref in note.facts.get("to", ())]
        title = words.story_title(note.action, to, found.void_reason)
        if title:
            by = people[note.actor] if note.actor != SYSTEM else None
            when = i18n.instant(note.at, guard.me().zone)
            story.append({"title": title, "by": by, "when": when, "iso": note.at.isoformat()})
    return story


def _contract(number: str) -> tuple[Contract, date]:
    contract = contracts.by_number(reader(), number)
    if contract is None:
        abort(404)
    return contract, clock.day(clock.now(), contract.zone)


def _quote(found: Quote | None) -> Quote:
    if found is None:
        abort(404)
    return found


def _form(contract: Contract, given: Any | None) -> QuoteForm:
    last = contracts.last_term(contract)
    return QuoteForm(given, last.months, [line.seats for line in last.lines])


def _make_page(contract: Contract, on: date, form: QuoteForm) -> str:
    # Prices for other seats than those that were typed would mislead, so wrong ones show none.
    preview = Preview() if form.seats.errors else _preview(contract, on, form.seats.data, form.coupon)
    offers = preview.offers
    if not _counts(form, preview):
        form.code.errors = (_("This code takes nothing off here."),)
    chosen = next((each for each in offers if each.months == form.term_months.data), offers[0] if offers else None)
    last = contracts.last_term(contract)
    return render_template(
        "pricing/make_quote.html",
        contract=contract,
        form=form,
        preview=preview,
        chosen=chosen,
        picks=[_pick(each, chosen) for each in offers],
        seats=list(zip(_seat_labels(contract), form.seats.typed, strict=False)),
        plan=chosen and contract_rules.next_term(last, chosen.months, on),
        term_text=words.term_text,
        **(_why(chosen) if chosen else {}),
    )


def _counts(form: QuoteForm, preview: Preview) -> bool:
    """Does a code that was typed take something off? Yes where none was."""
    return not (form.code.data or "").strip() or not preview.offers or any(each.coupon for each in preview.offers)


def _preview(contract: Contract, on: date, seats: list[int] | None, code: str) -> Preview:
    try:
        rules.check_renewable(contract, on)
        table = queries.book_for(reader(), contract, clock.now(), code)
        return Preview(rules.offers(table, contract, seats, on))
    except ContractNotRenewable as refused:
        return Preview(refusal=words.refusal(refused), renewable=False)
    except Refusal as refused:
        return Preview(refusal=words.refusal(refused))


def _pick(offer: rules.Offer, chosen: rules.Offer | None) -> dict[str, Any]:
    return {
        "months": offer.months,
        "label": words.term_label(offer.months),
        "total": offer.total,
        "per_seat": rules.per_seat_year(offer.total, offer.seats, offer.months),
        "chosen": offer is chosen,
    }


def _seat_labels(contract: Contract) -> list[str]:
    lines = contracts.last_term(contract).lines
    if len(lines) == 1:
        return [_("Seats")]
    return [words.seats_for(line.product.names) for line in lines]


def _why(told: Quote | rules.Offer) -> dict[str, Any]:
    document = told.document
    return {
        "steps": words.explain(document["steps"], told.currency, document["lines"]),
        "total_label": words.total_label(told),
        "tax_note": words.tax_note(told),
        "compared": words.compare_last(told),
        "line_changes": words.line_changes(told),
    }
