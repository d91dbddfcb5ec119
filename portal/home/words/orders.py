"""Say what happened to an order, what to do next, and where the money is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from babel.lists import format_list
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from payments.money import Money
from portal.checkout import words as checkout_words
from portal.checkout.queries import Back
from portal.contracts.models import Term
from portal.home import rules
from portal.home.rules import Asks
from portal.kit import i18n
from portal.orders.models import OPEN, CancelledBy, Order, OrderState
from portal.pricing import words as price_words

S = OrderState

STATES: Final = {
    S.AWAITING_PAYMENT: ("warn", _l("Awaiting payment")),
    S.AWAITING_TRANSFER: ("warn", _l("Awaiting transfer")),
    S.PROCESSING: ("info", _l("Payment on its way")),
    S.HELD: ("warn", _l("On hold")),
    S.PAID: ("ok", _l("Paid and active")),
    S.PARTLY_REFUNDED: ("ok", _l("Partly refunded")),
    S.REFUNDED: ("quiet", _l("Refunded")),
    S.DISPUTED: ("warn", _l("Payment questioned")),
    S.CANCELLED: ("quiet", _l("Cancelled")),
    S.EXPIRED: ("quiet", _l("Expired")),
}


@dataclass(frozen=True)
class Told:
    """The head of an order's page. `sentences` say what happened, what to do, and where the money is."""

    headline: str
    sentences: list[str]

    @property
    def lead(self) -> str:
        return ("" if i18n.speaking_now() is i18n.CHINESE else " ").join(self.sentences)


def chip(state: OrderState) -> tuple[str, str]:
    kind, label = STATES[state]
    return kind, str(label)


def next_step(state: OrderState) -> str:
    """What a contract's card says while an order of it is open."""
    if state in rules.UNPAID:
        return _("The price is accepted; only the payment is missing.")
    if state is S.PROCESSING:
        return _("Your payment is on its way; there is nothing to do.")
    return _("We are checking your payment and call you; do not pay again.")


def paid_on(paid: date, issued: date) -> str:
    if paid == issued:
        return _("Paid in full on %(day)s", day=i18n.day(paid))
    return _("Paid in full on %(day)s, issued on %(issued)s", day=i18n.day(paid), issued=i18n.day(issued))


def tax_title(tax: Mapping[str, Any]) -> str:
    """The tax row of a receipt: "VAT, 6%"."""
    if tax["kind"] == "none":
        return _("Tax")
    name = price_words.tax_name(tax["kind"])
    title = name[:1].upper() + name[1:]
    if tax["basis_points"] is None:
        return title
    return _("%(tax)s, %(rate)s", tax=title, rate=i18n.percent(tax["basis_points"]))


def amount_title(tax: Mapping[str, Any]) -> str:
    """The head of a receipt's column of amounts: it says where tax is in them."""
    if tax["kind"] == "none" or not tax["inclusive"]:
        return _("Amount")
    return _("Amount incl. %(tax)s", tax=price_words.tax_name(tax["kind"]))


def made_of(unit: Money, seats: int, months: int, total_minor: int) -> str:
    """How a line's amount comes about: "CN¥966.00 × 25 seats × 2 years". Says "about" where the price of a seat
    was rounded, so that multiplying does not give the amount to the cent."""
    years, odd = divmod(months, 12)
    length = (
        price_words.term_label(months)
        if odd
        else ngettext("%(count)s year", "%(count)s years", years, count=i18n.number(years))
    )
    facts = {"seats": price_words.seats_label(seats), "length": length}
    if odd:
        facts["price"] = per_seat(unit, unit.minor * seats * months == total_minor * 12)
        return _("%(price)s, %(seats)s, %(length)s", **facts)
    facts["price"] = i18n.money(unit)
    if unit.minor * seats * years == total_minor:
        return _("%(price)s × %(seats)s × %(length)s", **facts)
    return _("about %(price)s × %(seats)s × %(length)s", **facts)


def per_seat(unit: Money, exact: bool) -> str:
    """A price per seat and year; "about" where it was rounded."""
    if exact:
        return _("%(amount)s per seat per year", amount=i18n.money(unit))
    return _("about %(amount)s per seat per year", amount=i18n.money(unit))


def cancel_question(name: str, amount: str | None) -> str:
    if amount:
        return _("Cancel the renewal of %(name)s for %(amount)s?", name=name, amount=amount)
    return _("Cancel the renewal of %(name)s?", name=name)


def why_declined(code: str) -> str:
    """Why one try to pay failed, without what to do now: it may be long past."""
    advice = _("%(why)s No money was taken; try another card.", why="").strip()
    return checkout_words.failure(code).replace(advice, "").strip()


def sums(received: Sequence[Money]) -> str | None:
    """Money that came, in words; each currency by itself."""
    currencies = sorted({money.currency for money in received})
    totals = [Money(sum(m.minor for m in received if m.currency == code), code) for code in currencies]
    said = [i18n.money(total) for total in totals]
    return format_list(said, locale=i18n.speaking_now().code) if said else None


@dataclass(frozen=True)
class BackTold:
    """Money that goes back, as its owner reads of it."""

    amount: Money
    state: str
    chip: tuple[str, str]
    text: str


_BACK: Final = {
    "approved": ("info", _l("On its way"), _l("We are sending it back the way you paid.")),
    "pending": ("info", _l("On its way"), _l("It goes back the way you paid; wallets can take some days.")),
    "succeeded": ("ok", _l("Sent back"), _l("It went back the way you paid; banks take 5 to 10 days to show it.")),
    "failed": ("warn", _l("Did not arrive"), _l("It came back to us. We call you to ask where to send it.")),
}


def backs(refunds: Sequence[Back], zone: str) -> list[BackTold]:
    """Refunds that their owner shall know of: what people still think about is ours alone."""
    told = []
    for refund in refunds:
        if refund.state.value in _BACK:
            kind, label, text = _BACK[refund.state.value]
            since = refund.closed_at or refund.approved_at or refund.requested_at
            line = _("%(text)s (%(time)s)", text=str(text), time=i18n.instant(since, zone))
            told.append(BackTold(refund.amount, refund.state.value, (kind, str(label)), line))
    return told


def new_term(order: Order, term: Term | None) -> str:
    """The days that were ordered: those of the term that the order added, until then those of the quote."""
    quote = order.quote
    if term is not None:
        return price_words.term_text(term.starts_on, term.ends_on, term.months, False)
    return price_words.term_text(quote.starts_on, quote.ends_on, quote.months, quote.starts_on_payment)


def story_title(state: OrderState) -> str:
    """What the order's story is called: only an open one has more to come."""
    if state in (S.CANCELLED, S.EXPIRED, S.REFUNDED):
        return _("What happened")
    return _("What happens next") if state in OPEN and state is not S.HELD else _("What happened, what comes next")


def told(order: Order, asks: Asks, ends_on: date, zone: str, amount: str | None, got: str | None = None) -> Told:
    """Headline and sentences for the order's state. `ends_on` is the last day of what was ordered, `amount` the
    total in words, or None for a reader who may not see prices; `got`: what came for an order that is held."""
    if order.state is S.AWAITING_PAYMENT:
        return _awaiting(order, asks, zone, amount)
    if order.state in (S.PAID, S.PARTLY_REFUNDED, S.DISPUTED):
        return _renewed(order, ends_on, amount)
    if order.state is S.HELD:
        came = [_("We received %(sum)s.", sum=got)] if got else []
        return Told(
            _("We hold this order"), [*came, checkout_words.held(order.held_reason), _("Do not pay again.")]
        )
    return _other(order, zone)


def _awaiting(order: Order, asks: Asks, zone: str, amount: str | None) -> Told:
    if asks is Asks.CONFIRMING:
        return Told(
            _("Confirming your payment"),
            [_("We are confirming your payment. You can close this page; we will e-mail you either way.")],
        )
    if asks is Asks.STILL_CONFIRMING:
        return Told(_("Still confirming your payment"), [_("We will e-mail you; do not pay again.")])
    held = i18n.day(_day(order, zone))
    keep = _("We hold this price until %(day)s.", day=held)
    if asks is Asks.TRY_AGAIN:
        return Told(_("Your payment did not go through"), [checkout_words.failure(order.last_failure), keep])
    headline = _("Pay %(amount)s to renew", amount=amount) if amount else _("This renewal is not paid yet")
    return Told(headline, [_("We have not received a payment yet."), keep])


def _renewed(order: Order, ends_on: date, amount: str | None) -> Told:
    headline = _("Renewed until %(day)s", day=i18n.day(ends_on))
    if order.state is S.DISPUTED:
        return Told(
            headline,
            [
                _("Your bank asks about this payment, so it is being checked."),
                _("The contract stays active meanwhile."),
            ],
        )
    if order.state is S.PARTLY_REFUNDED:
        return Told(headline, [_("Part of your payment went back to you."), _("The contract stays active.")])
    paid = (
        _("We received your payment of %(amount)s.", amount=amount) if amount else _("We received your payment.")
    )
    return Told(headline, [paid, _("A receipt is on its way to %(email)s.", email=order.placed_email)])


def _other(order: Order, zone: str) -> Told:
    if order.state is S.PROCESSING:
        return Told(
            _("Your payment is on its way"),
            [
                _("Your bank has accepted it; the money can take some days to arrive."),
                _("We will e-mail you then; do not pay again."),
            ],
        )
    if order.state is S.AWAITING_TRANSFER:
        return Told(
            _("We wait for your bank transfer"),
            [
                _("Write the reference exactly as we gave it to you."),
                _("We hold this price until %(day)s.", day=i18n.day(_day(order, zone))),
            ],
        )
    return _closed(order, zone)


def _closed(order: Order, zone: str) -> Told:
    if order.state is S.REFUNDED:
        stands = any(term.order_number == order.number for term in order.contract.terms)
        renewal = _("The contract stays active for now.") if stands else _("The renewal does not stand.")
        back = _("The money goes back the way it came; banks take 5 to 10 days.")
        return Told(_("Your payment was refunded"), [back, renewal])
    if order.state is S.CANCELLED:
        who = (
            _("Our staff cancelled this order.")
            if order.cancelled_by is CancelledBy.STAFF
            else _("Your company cancelled this order; the contract is not renewed.")
        )
        return Told(_("This order was cancelled"), [who, _("We received no payment for it.")])
    return Told(
        _("This order has expired"),
        [
            _("It was open until %(day)s.", day=i18n.day(_day(order, zone))),
            _("We received no payment for it. You can see today’s price and renew."),
        ],
    )


def _day(order: Order, zone: str) -> date:
    """The last day on which the order is open, as the reader's calendar has it."""
    return rules.last_day(order.expires_at, zone)
