"""One page for all that can become of an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.audit import queries as audit
from portal.checkout import queries as checkout
from portal.contracts import words
from portal.contracts.models import Term
from portal.contracts.words import DrawnRail
from portal.documents import queries as documents
from portal.documents.fapiao import queries as fapiao_queries
from portal.documents.fapiao.rules import possible as fapiao_possible
from portal.documents.models import Receipt
from portal.finance import words as finance_words
from portal.home import queries, rules
from portal.home.rules import Asks
from portal.home.views import cards
from portal.home.views.blueprint import blueprint
from portal.home.views.payment import find, since
from portal.home.words import orders as order_words
from portal.kit import clock, guard, i18n
from portal.kit.db import reader
from portal.kit.guard import Act, needs
from portal.kit.i18n import named
from portal.orders.models import Order, OrderState
from portal.orders.rules import CANCELLABLE, CLOSED, SETTLED
from portal.pricing import words as price_words
from portal.pricing.models import Quote
from portal.surveys import forms as survey_forms
from portal.surveys import queries as surveys
from portal.surveys.forms import Question, SurveyForm

# Notes that say that a try to pay failed.
FAILED: Final = ("order.payment_failed", "order.reopened")


@dataclass(frozen=True)
class Moment:
    """One line of what happened and what comes: `wait` is still to come."""

    title: str
    when: str = ""
    iso: str = ""
    text: str = ""
    wait: bool = False
    bad: bool = False


@blueprint.get("/orders/<number>", endpoint="order")
@needs(Act.SEE_CONTRACTS)
def order_state(number: str) -> str | Response:
    """What happened, what to do, and where the money is."""
    order = find(number, Act.SEE_CONTRACTS)
    if request.args.get("cancelled"):  # from the provider's page: ask it first, then say what is proven
        return redirect(url_for("home.order_return", number=number, cancelled=1))
    at = clock.now()
    asks = rules.asks(order.last_failure is not None, since(request.args.get("since"), at), at)
    return show(order, asks, at)


def show(order: Order, asks: Asks, at: datetime, wrong: SurveyForm | None = None) -> str:
    """The page. `wrong`: a survey's form with errors to show again."""
    me = guard.me()
    company, zone = order.company_id, order.contract.zone
    sees = me.can(Act.SEE_PRICES, company)
    term, before = _terms(order)
    ends_on = term.ends_on if term else order.quote.ends_on
    on = clock.day(at, zone)
    receipt = documents.for_order(reader(), order.id) if order.paid_at else None
    document = order.quote.document
    waiting = order.state is OrderState.AWAITING_PAYMENT
    failures = _failures(order)
    got = _received(order) if sees else None
    return render_template(
        "home/order.html",
        order=order,
        told=order_words.told(order, asks, ends_on, zone, i18n.money(order.total) if sees else None, got),
        chip=order_words.chip(order.state),
        method=finance_words.method(order.paid_with),
        name=words.called([named(line["names"]) for line in document["lines"]]),
        seats=price_words.seats_label(sum(line["seats"] for line in document["lines"])),
        receipt=receipt,
        rail=_rail(term, before, on) if term else None,
        ends_on=ends_on,
        starts_on=term.starts_on if term else order.quote.starts_on,
        new_term=order_words.new_term(order, term),
        **_why(order.quote, sees),
        story=story(order, term, receipt, on, me.zone, failures, got),
        story_title=order_words.story_title(order.state),
        sees_prices=sees,
        asks=asks if waiting else None,
        refresh=_refresh(order, asks) if waiting else None,
        **_choices(order, waiting),
        survey=_asked(order, wrong),
        **_money_back(order, zone, sees),
        **_transfer(order, sees),
        may_ask_to_pay=sees and order.state in CANCELLABLE and me.can(Act.RENEW, company),
        upcoming=_next_contract(order, at) if order.state in rules.PAID_STATES else None,
        wrong=wrong,
    )


def _why(quote: Quote, sees: bool) -> dict[str, Any]:
    """What the price is made of, for those who may see it."""
    document = quote.document
    return {
        "tax_note": price_words.tax_note(quote),
        "steps": price_words.explain(document["steps"], quote.currency, document["lines"]) if sees else (),
        "total_label": price_words.total_label(quote),
    }


def _money_back(order: Order, zone: str, sees: bool) -> dict[str, Any]:
    """What of the order's money went back, with its credit notes; asked only where some may have."""
    if not sees or order.state not in rules.MONEY_BACK:
        return {"backs": [], "credit_notes": []}
    backs = order_words.backs(checkout.refunds_of(reader(), order.number), zone)
    return {"backs": backs, "credit_notes": documents.credit_notes(reader(), order.id) if backs else []}


def _transfer(order: Order, sees: bool) -> dict[str, Any]:
    """What is to be transferred where, or whether that can be chosen."""
    may = sees and guard.me().can(Act.PAY, order.company_id)
    if order.state is OrderState.AWAITING_TRANSFER:
        awaited = checkout.transfer_of(reader(), order.number) if sees else None
        return {"transfer": awaited, "may_transfer": may, "transfer_day": _day(order, order.expires_at)}
    until = None
    if order.state is OrderState.AWAITING_PAYMENT and may:
        until = checkout.transfer_until(reader(), order.currency, order.expires_at, clock.now(), order.number)
    return {"transfer": None, "may_transfer": until is not None, "transfer_day": _day(order, until)}


def _day(order: Order, until: datetime | None) -> str | None:
    """The last day before `until`, as the contract's calendar has it."""
    return i18n.day(rules.last_day(until, order.contract.zone)) if until else None


def _asked(order: Order, wrong: SurveyForm | None) -> list[Question]:
    """The survey's questions, for those who may answer."""
    me = guard.me()
    if not me.can(Act.ANSWER_SURVEYS, order.company_id):
        return []
    return survey_forms.questions(order.state, surveys.answers_of(reader(), order.id, me.id), wrong)


def _next_contract(order: Order, at: datetime) -> cards.Look | None:
    """Of this person's other contracts the most urgent one that waits for them."""
    me = guard.me()
    asked = queries.waiting_for(reader(), me.companies_for(Act.SEE_CONTRACTS), order.contract_id, at)
    looks = [cards.look(contract, placed, at) for contract, placed in asked]
    return next((each for each in looks if cards.needs(each, me)), None)


def _choices(order: Order, waiting: bool) -> dict[str, bool]:
    """What this person may do about the order."""
    me, company = guard.me(), order.company_id
    return {
        "fapiao": fapiao_possible(order.company.country, order.currency, order.state) or _has_fapiao(order),
        "retry": waiting and order.last_failure is not None,
        "may_pay": waiting and me.can(Act.PAY, company),
        "may_cancel": order.state in CANCELLABLE and me.can(Act.RENEW, company),
        "may_renew_again": order.state in CLOSED and me.can(Act.RENEW, company),
    }


def _has_fapiao(order: Order) -> bool:
    """Is there one to see, though none can be asked for any more? Its red letter is the buyer's too."""
    return order.state is OrderState.REFUNDED and fapiao_queries.latest(reader(), order.id) is not None


def _failures(order: Order) -> list[tuple[datetime, str]]:
    """When trying to pay failed, and why (the provider's code), oldest first."""
    if order.failed_at is None:
        return []
    notes = audit.about(reader(), [order.subject])
    return [(note.at, str(note.facts["failure"])) for note in notes if note.action in FAILED]


def _received(order: Order) -> str | None:
    """The money that came for an order which is held, in words."""
    if order.state is not OrderState.HELD:
        return None
    return order_words.sums([fact.captured for fact in checkout.payment_facts(reader(), order.number)])


def _terms(order: Order) -> tuple[Term | None, Term | None]:
    """The term that this order added, and the one before it."""
    terms = order.contract.terms if order.state in SETTLED else []
    added = next((term for term in terms if term.order_number == order.number), None)
    earlier = [term for term in terms if added and term.starts_on < added.starts_on]
    return added, earlier[-1] if earlier else None


def _rail(term: Term, before: Term | None, on: date) -> DrawnRail:
    """The term that runs, and after it the one that was added. After a pause only the added one stands."""
    joins = before is not None and before.ends_on + timedelta(days=1) == term.starts_on
    return words.drawn_rail([before, term] if before and joins else [term], on)


def _refresh(order: Order, asks: Asks) -> dict[str, Any] | None:
    """While we confirm: the next look, which asks the provider again."""
    if asks is not Asks.CONFIRMING:
        return None
    url = url_for("home.order_return", number=order.number, since=request.args.get("since"))
    return {"seconds": rules.REFRESH_SECONDS, "until": rules.CONFIRMING_SECONDS + 1, "url": url}


def _to_come(order: Order) -> list[Moment]:
    """What an order that is not paid yet waits for."""
    extended = _("Contract is extended")
    if order.state is OrderState.AWAITING_TRANSFER:
        return [
            Moment(_("Your transfer arrives"), _("banks take their days"), wait=True),
            Moment(extended, _("as soon as we have found it on our account"), wait=True),
        ]
    arrives = [] if order.paid_at else [Moment(_("Payment arrives"), wait=True)]
    return [*arrives, Moment(extended, _("within a minute of your payment"), wait=True)]


def story(
    order: Order, term: Term | None, receipt: Receipt | None, on: date, zone: str,
    failures: Sequence[tuple[datetime, str]] = (), got: str | None = None,
) -> list[Moment]:  # fmt: skip
    """What happened so far and what comes next, oldest first. `got`: what came for an order that is held."""

    def done(title: str, at: datetime, text: str = "", bad: bool = False) -> Moment:
        return Moment(title, i18n.instant(at, zone), at.isoformat(), text=text, bad=bad)

    lines = [done(_("Order placed"), order.placed_at, order.placed_email)]
    lines += [
        done(_("Payment declined"), when, order_words.why_declined(code), bad=True) for when, code in failures
    ]
    if order.state is OrderState.HELD:
        text = _("%(sum)s; it does not renew the contract yet.", sum=got) if got else ""
        lines.append(done(_("Payment received"), order.changed_at, text, bad=True))
        lines.append(Moment(_("We look into it and call you"), wait=True))
        return lines
    if order.paid_at:
        lines.append(done(_("Payment received"), order.paid_at))
    if order.state in CLOSED or (order.state is OrderState.REFUNDED):
        lines.append(done(str(order_words.STATES[order.state][1]), order.changed_at))
        return lines
    if term is None:
        if order.state is OrderState.PROCESSING:
            lines.append(done(_("Payment on its way"), order.changed_at))
        return lines + _to_come(order)
    lines.append(done(_("Contract extended"), term.created_at))
    if receipt:
        lines.append(done(_("Receipt issued"), receipt.issued_at))
    starts = i18n.day(term.starts_on)
    started = term.starts_on <= on
    title = _("New term started") if started else _("New term starts")
    lines.append(Moment(title, starts, term.starts_on.isoformat(), wait=not started))
    return lines
