"""The receipt, the credit note and the quote as papers: the words and figures of their pages, in the language in
force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext as _

from payments.money import Money
from portal.documents.models import CreditNote, Receipt
from portal.documents.paper import Paper, Part, Party, Row, Sum
from portal.finance import words as finance_words
from portal.home.words import orders as words
from portal.kit import i18n
from portal.kit.db import Json
from portal.orders.models import Order
from portal.pricing import words as price_words
from portal.pricing.models import Quote


def receipt(issued: Receipt, paid: date, on: date, term_text: str, practice: bool) -> Paper:
    """`paid`, `on`: when the money came and when the receipt was issued, as days of the contract's zone."""
    order, quote, given = issued.order, issued.order.quote, issued.particulars
    method = finance_words.method(order.paid_with)
    title = _("Receipt %(number)s", number=issued.number)
    return Paper(
        **language(),
        title=title,
        author=given["seller"]["name"],
        heading=title,
        lead=[words.paid_on(paid, on)],
        test=test_mark(practice),
        parties=[party(_("Seller"), given["seller"]), party(_("Buyer"), given["buyer"])],
        facts=[*_references(order, quote, term_text), *([(_("Paid with"), method)] if method else [])],
        parts=[_bought(quote, _("What was bought"), _("Total paid")), _why(quote, _("Total paid"))],
    )


def credit_note(note: CreditNote, issued: Receipt, on: date, term_text: str, practice: bool) -> Paper:
    """`issued`: the receipt that it takes back from; `on`: when the note was issued, as a day of the contract's
    zone."""
    order, quote, given = note.order, note.order.quote, issued.particulars
    title = _("Credit note %(number)s", number=note.number)
    lead = [
        _(
            "Issued on %(day)s. It takes back %(amount)s of receipt %(receipt)s.",
            day=i18n.day(on),
            amount=i18n.money(note.amount),
            receipt=issued.number,
        )
    ]
    if note.voided_at:
        lead.append(_("Void: the refund did not reach you, so the receipt stands."))
    return Paper(
        **language(),
        title=title,
        author=given["seller"]["name"],
        heading=title,
        lead=lead,
        test=test_mark(practice),
        parties=[party(_("Seller"), given["seller"]), party(_("Buyer"), given["buyer"])],
        facts=[(_("Receipt"), issued.number), *_references(order, quote, term_text)],
        parts=[_credited(note, quote)],
    )


def _credited(note: CreditNote, quote: Quote) -> Part:
    tax = quote.document["tax"]
    names = "; ".join(price_words.line_name(line) for line in quote.document["lines"])
    net = i18n.amount(note.amount - note.tax)
    return Part(
        _("What is credited"),
        [_("Product"), f"{_('Net of tax')} ({note.currency})"],
        [Row(names, _("Renewal, order %(number)s", number=note.order.number), [net])],
        [
            Sum(words.tax_title(tax), i18n.amount(note.tax)),
            Sum(_("Total credited"), i18n.money(note.amount), strong=True),
        ],
    )


def offer(quote: Quote, seller: Mapping[str, str], term_text: str, standing: str, practice: bool) -> Paper:
    """`standing`: until when the quote holds, or why it no longer does."""
    known = quote.company.invoice_details
    buyer = {"name": quote.company.name} | {key: known.get(key, "") for key in ("title", "tax_id", "address")}
    title = _("Quote %(id)s", id=quote.id)
    return Paper(
        **language(),
        title=title,
        author=seller["name"],
        heading=title,
        lead=[standing],
        test=test_mark(practice),
        parties=[party(_("Seller"), seller), party(_("Buyer"), buyer)],
        facts=[
            (_("Contract"), quote.contract.number),
            (_("New term"), term_text),
            (_("Quoted on"), i18n.day(quote.quoted_on)),
        ],
        parts=[
            _bought(quote, _("What you renew"), price_words.total_label(quote)),
            _why(quote, price_words.total_label(quote)),
        ],
    )


def accepted(number: str) -> str:
    """What a quote says once an order was placed by it."""
    return _("Accepted with order %(number)s.", number=number)


def not_set() -> tuple[str, str, str]:
    """Title, text and the way on where a PDF could not be made."""
    return (
        _("We could not make this PDF"),
        _("Nothing about your order or your money has changed. You can read and print the same as a page."),
        _("Read it as a page"),
    )


def language() -> dict[str, str]:
    """The language in force, as a paper names it."""
    lang, _sep, region = i18n.speaking_now().lang.partition("-")
    return {"lang": lang, "region": "CN" if region and lang == "zh" else "GB"}


def test_mark(practice: bool) -> str:
    """That no real money moves, where none does."""
    return f"TEST  {_('Practice copy. No real money moves.')}" if practice else ""


def party(title: str, who: Mapping[str, str]) -> Party:
    lines = str(who.get("address") or "").splitlines()
    if who.get("tax_id"):
        lines.append(_("Tax number %(number)s", number=who["tax_id"]))
    if who.get("po_number"):
        lines.append(_("PO number %(number)s", number=who["po_number"]))
    return Party(title, who.get("title") or who["name"], lines)


def _references(order: Order, quote: Quote, term_text: str) -> list[tuple[str, str]]:
    return [
        (_("Order"), order.number),
        (_("Quote"), quote.id),
        (_("Contract"), order.contract.number),
        (_("New term"), term_text),
    ]


def _bought(quote: Quote, title: str, total: str) -> Part:
    document = quote.document
    tax = document["tax"]
    amount = f"{words.amount_title(tax)} ({quote.currency})"
    return Part(
        title,
        [_("Product"), _("Seats"), _("Tax rate"), amount],
        [_line(line, quote, tax) for line in document["lines"]],
        [
            Sum(_("Net of tax"), i18n.amount(quote.net)),
            Sum(words.tax_title(tax), i18n.amount(quote.tax)),
            Sum(total, i18n.money(quote.total), strong=True),
        ],
    )


def _line(line: Json, quote: Quote, tax: Json) -> Row:
    """A line; its amount has tax in it where prices have."""
    shown = line["total_minor"] if tax["inclusive"] else line["net_minor"]
    unit = Money(line["paid_unit_minor"], quote.currency)
    return Row(
        price_words.line_name(line),
        words.made_of(unit, line["seats"], quote.months, shown),
        [
            i18n.number(line["seats"]),
            i18n.percent(line["tax_bp"]),
            i18n.amount(Money(shown, quote.currency)),
        ],
    )


def _why(quote: Quote, total: str) -> Part:
    steps = price_words.explain(quote.document["steps"], quote.currency, quote.document["lines"])
    return Part(
        _("How the price came about"),
        [_("Step"), _("Difference"), f"{_('Result')} ({quote.currency})"],
        [Row(step.title, step.reason, [step.change, step.result]) for step in steps],
        [Sum(total, i18n.amount(quote.total), strong=True)],
        price_words.tax_note(quote),
    )
