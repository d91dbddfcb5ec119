"""The sealed quote: check everything, then pay."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from portal.accounts import actions as accounts
from portal.accounts import queries as accounts_queries
from portal.accounts.models import Company
from portal.checkout import queries as checkout
from portal.contracts import queries as contracts
from portal.contracts import words as contract_words
from portal.home import rules
from portal.home.forms import TRANSFER, AcceptForm, RefuseForm
from portal.home.views import cards
from portal.home.views.blueprint import blueprint
from portal.home.views.payment import go_and_pay
from portal.home.views.transfer import choose_transfer
from portal.home.words import contracts as words
from portal.kit import clock, guard, i18n
from portal.kit.db import reader, transaction
from portal.kit.errors import Refusal
from portal.kit.guard import Act, needs
from portal.kit.i18n import named
from portal.orders import actions as orders
from portal.orders import queries as order_queries
from portal.orders import rules as order_rules
from portal.orders.errors import ContractNotRenewable, OpenOrderExists, QuoteNotAcceptable
from portal.orders.models import OPEN, ApprovalState, Order
from portal.orders.rules import SETTLED
from portal.pricing import actions as pricing
from portal.pricing import queries as price_queries
from portal.pricing import rules as price_rules
from portal.pricing import words as price_words
from portal.pricing.errors import PriceUnavailable, SeatsMissing, UnknownTerm
from portal.pricing.models import Quote
from portal.pricing.rules import Offer, QuoteStanding, quote_standing


@blueprint.get("/quotes/<quote_id>", endpoint="quote")
@needs(Act.SEE_PRICES)
def quote_page(quote_id: str) -> str | Response:
    """The quote to check and accept; or, when it no longer holds, today's price and the difference."""
    quote = _find(quote_id, Act.SEE_PRICES)
    order = order_queries.of_quote(reader(), quote.id)
    if order is not None and (order.state in OPEN or order.state in SETTLED):
        return redirect(url_for("home.order", number=order.number))
    at = clock.now()
    if order is not None:  # it was accepted once, and that order is closed
        return _outdated(quote, QuoteStanding.VOIDED, at)
    standing = quote_standing(quote, quote.contract.rev, at)
    if standing is not QuoteStanding.VALID:
        return _outdated(quote, standing, at)
    return _page(quote, _form(quote), order_queries.open_for(reader(), quote.contract_id))


@blueprint.post("/quotes/<quote_id>", endpoint="accept_quote")
@needs(Act.RENEW)
def accept(quote_id: str) -> Response | tuple[str, int]:
    """Place the order and go on to the provider, or to what is to be transferred where."""
    quote = _find(quote_id, Act.RENEW)
    form = _form(quote)
    if not form.validate_on_submit():
        return _page(quote, form), 422
    me, at = guard.me(), clock.now()
    try:
        with transaction() as db:
            if form.asks_invoice and form.details != _details(quote.company):
                company = accounts_queries.hold_company(db, quote.company_id)
                # What a fapiao asks for on top stays.
                details = company.invoice_details | form.details
                accounts.change_invoice_details(db, company, details, me.ref, at)
            given = (me.ref, me.email, form.po_number.data or None, rules.TERMS_VERSION, at)
            if _asks_first(db, quote):
                orders.ask_approval(db, quote, *given)
                return _asked(quote.id)
            order = orders.place(db, quote, *given)
    except OpenOrderExists as error:
        flash(_("This contract already had an open order; here it is. Nothing was ordered twice."), "info")
        return redirect(url_for("home.order", number=error.number), 303)
    except QuoteNotAcceptable:
        flash(_("Nothing was ordered: this price no longer holds."), "warn")
        return redirect(url_for("home.quote", quote_id=quote.id), 303)
    except ContractNotRenewable:
        return redirect(url_for("home.renew", number=quote.contract.number), 303)
    if not me.can(Act.PAY, quote.company_id):
        flash(_("The order is placed. Somebody of your company who may pay can now pay it."), "ok")
        return redirect(url_for("home.order", number=order.number), 303)
    return choose_transfer(order.number) if form.method.data == TRANSFER else go_and_pay(order.number)


def _asks_first(db: Session, quote: Quote) -> bool:
    """Must somebody else of the company agree before this person may order?"""
    limit = order_queries.approval_limit(db, quote.company_id, quote.currency)
    return order_rules.needs_approval(quote.total, limit, guard.allowed(Act.APPROVE, quote.company_id))


def _asked(quote_id: str) -> Response:
    flash(_("Asked. Those of your company who may agree get a mail; nothing is ordered before."), "ok")
    return redirect(url_for("home.quote", quote_id=quote_id), 303)


@blueprint.post("/quotes/<quote_id>/reprice", endpoint="reprice_quote")
@needs(Act.RENEW)
def reprice(quote_id: str) -> Response:
    """Hold today's price for the same wish, as a new quote."""
    quote = _find(quote_id, Act.RENEW)
    contract = contracts.by_number(reader(), quote.contract.number)
    if contract is None:
        abort(404)
    lines = len(contracts.last_term(contract).lines)
    seats = _seats(quote) if len(_seats(quote)) == lines else None
    try:
        with transaction() as db:
            new = pricing.seal(
                db, contract, quote.months, seats, guard.me().ref, clock.now(), price_rules.code_in(quote.document)
            )
    except Refusal:  # no price, or no renewing: the offer page says which
        return redirect(url_for("home.renew", number=contract.number), 303)
    return redirect(url_for("home.quote", quote_id=new.id), 303)


def _find(quote_id: str, act: Act) -> Quote:
    quote = price_queries.quote(reader(), quote_id)
    if quote is None:
        abort(404)
    guard.require(act, quote.company_id)
    return quote


def _details(company: Company) -> dict[str, str]:
    """The company's invoice details, as the form has them."""
    known = company.invoice_details
    return {key: str(known.get(key, "")) for key in ("title", "tax_id", "address")}


def _form(quote: Quote) -> AcceptForm:
    company = quote.company
    known = _details(company)
    return AcceptForm(
        country=company.country,
        asks_invoice=guard.me().can(Act.CHANGE_INVOICE_DETAILS, company.id),
        data={
            "invoice_title": known["title"] or company.name,
            "tax_id": known["tax_id"],
            "invoice_address": known["address"],
        },
    )


def _seats(quote: Quote) -> list[int]:
    return [line["seats"] for line in quote.document["lines"]]


def _common(quote: Quote) -> dict[str, Any]:
    lines = quote.document["lines"]
    return {
        "quote": quote,
        "contract": quote.contract,
        "name": contract_words.called([named(line["names"]) for line in lines]),
        "lines": [(price_words.line_name(line), price_words.seats_label(line["seats"])) for line in lines],
        "seats": price_words.seats_label(sum(_seats(quote))),
        "months": price_words.term_label(quote.months),
        "offer_url": cards.other_choice(quote),
        "may_renew": guard.me().can(Act.RENEW, quote.company_id),
        "may_pay": guard.me().can(Act.PAY, quote.company_id),
    }


def _page(quote: Quote, form: AcceptForm, open_order: Order | None = None) -> str:
    """The quote to check. `open_order`: another choice that is under way for the contract, which comes first."""
    document = quote.document
    known = _details(quote.company)
    return render_template(
        "home/quote.html",
        **_common(quote),
        form=form,
        open_order=open_order,
        known=known if known["title"] else None,
        steps=price_words.explain(document["steps"], quote.currency, document["lines"]),
        total_label=price_words.total_label(quote),
        tax_note=price_words.tax_note(quote),
        line_changes=price_words.line_changes(quote),
        held=price_words.held_text(quote),
        term_text=price_words.term_text(quote.starts_on, quote.ends_on, quote.months, quote.starts_on_payment),
        renews_text=words.by_itself(quote.ends_on, quote.starts_on_payment),
        terms_month=words.month(rules.TERMS_ON),
        transfer_day=_transfer_day(quote),
        **_approval(quote),
    )


def _approval(quote: Quote) -> dict[str, Any]:
    """Whether somebody must agree, and what became of it."""
    db, me = reader(), guard.me()
    limit = order_queries.approval_limit(db, quote.company_id, quote.currency)
    if limit is None:
        return {"asks_first": False, "approval": None, "approval_waits": False, "may_decide": False}
    found = order_queries.approval_of(db, quote.id)
    asks = order_rules.needs_approval(quote.total, limit, me.can(Act.APPROVE, quote.company_id))
    waits = found is not None and found.state is ApprovalState.ASKED
    may = waits and me.can(Act.APPROVE, quote.company_id) and found is not None and found.asked_by != me.ref
    names = accounts_queries.names_of(db, [found.asked_by, found.decided_by or ""]) if found else {}
    return {
        "asks_first": asks, "approval": found, "approval_waits": waits, "may_decide": may, "names": names,
        "refuse_form": RefuseForm() if may else None,
    }  # fmt: skip


def _transfer_day(quote: Quote) -> str | None:
    """Until when we would wait for a bank transfer; None where it is not offered."""
    until = checkout.transfer_until(reader(), quote.currency, quote.valid_until, clock.now())
    return i18n.day(rules.last_day(until, quote.contract.zone)) if until else None


def _outdated(quote: Quote, standing: QuoteStanding, at: datetime) -> str:
    contract = contracts.by_number(reader(), quote.contract.number)
    if contract is None:
        abort(404)
    each = cards.look(contract, None, at)
    later = [term for term in contract.terms if term.order_number and term.starts_on >= quote.starts_on]
    if later and not each.can_renew:  # what the quote was for has been bought since
        title, text = words.already_renewed(each.ends_on)
        return render_template(
            "home/no_offer.html", each=each, title=title, text=text, ask=False, done=later[-1].order_number
        )
    offer = _today(quote, each, at) if each.can_renew else None
    return render_template(
        "home/quote_over.html",
        **_common(quote),
        why=price_words.standing_text(quote, standing),
        offer=offer,
        change=price_words.change_text(quote.total, offer.total) if offer else None,
        lost_code=price_rules.code_in(quote.document) if offer and not offer.coupon else None,
        steps=price_words.explain(offer.document["steps"], offer.currency, offer.document["lines"])
        if offer
        else (),
        total_label=price_words.total_label(offer) if offer else None,
        tax_note=price_words.tax_note(offer) if offer else None,
    )


def _today(quote: Quote, each: cards.Look, at: datetime) -> Offer | None:
    """Today's price for what the quote was made for, or None when there is nothing to offer."""
    contract = each.contract
    book = price_queries.book_for(reader(), contract, at, price_rules.code_in(quote.document))
    lines = len(contracts.last_term(contract).lines)
    seats = _seats(quote) if len(_seats(quote)) == lines else None
    try:
        return price_rules.offer(book, contract, quote.months, seats, each.on)
    except (PriceUnavailable, UnknownTerm, SeatsMissing):
        return None
