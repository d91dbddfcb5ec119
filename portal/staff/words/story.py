"""Tell an order's story: one line for everything that happened, oldest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from flask_babel import gettext as _

from payments.money import Money as Amount
from portal.audit.models import AuditNote
from portal.documents.models import Receipt
from portal.kit import addresses, i18n
from portal.kit.mail import Mail, MailState
from portal.orders.models import Order
from portal.orders.rules import SETTLED
from portal.pricing.models import Quote
from portal.pricing.words import explain, held_text, tax_note, total_label
from portal.staff.queries.story import Money, Story
from portal.staff.words import money
from portal.staff.words.item import Item, Price, in_order
from portal.staff.words.notes import Names, noted
from portal.surveys import words as survey_words
from portal.surveys.models import SurveyAnswer, SurveyKind


def tell(story: Story, mail_urls: Mapping[int, str], zone: str, sees_prices: bool, receipt_url: str) -> list[Item]:
    """The whole story, oldest first; times in sentences are in `zone`. `mail_urls`: where a mail can be read;
    `receipt_url`: where the receipt can."""
    order, names = story.order, story.names
    return in_order(
        quoted(order, names, with_price=sees_prices),
        placed(order, names),
        *(_paid(story.money, zone, receipt_url) if story.money else ()),
        noted(_worth_telling(story), names, with_amounts=sees_prices),
        mailed(story.mails, mail_urls, zone),
        answered(story.answers, names),
    )


def _worth_telling(story: Story) -> list[AuditNote]:
    """A paid order used its quote up: that the renewed contract then took the quote back tells nobody anything."""
    used = story.order.state in SETTLED
    return [note for note in story.notes if not (used and note.action == "quote.voided")]


def _paid(paid: Money, zone: str, receipt_url: str) -> tuple[list[Item], ...]:
    return (
        money.tried(paid.attempts, zone), money.reported(paid.events), money.booked(paid.postings),
        receipted(paid.receipt, receipt_url),
    )  # fmt: skip


def quoted(order: Order, names: Names, with_price: bool) -> list[Item]:
    """The sealed price, explained as the customer read it, with the day until which it is held for them."""
    quote = order.quote
    return [
        Item(
            quote.created_at, _("Price sealed"), names.get(quote.created_by),
            [held_text(quote)], [(_("Quote"), quote.id)],
            price=_price(quote) if with_price else None,
        )
    ]  # fmt: skip


def _price(quote: Quote) -> Price:
    steps = explain(quote.document["steps"], quote.currency, quote.document["lines"])
    return Price(steps, total_label(quote), quote.total, tax_note(quote))


def placed(order: Order, names: Names) -> list[Item]:
    """Who accepted, and what they accepted and typed."""
    notes = [_("Terms of sale %(version)s accepted by %(email)s.", version=order.terms_version,
               email=addresses.shown(order.placed_email))]  # fmt: skip
    if order.po_number:
        notes.append(_("Purchase order %(number)s.", number=order.po_number))
    return [Item(order.placed_at, _("Order placed"), names.get(order.placed_by), notes)]


def receipted(receipt: Receipt | None, url: str) -> list[Item]:
    if receipt is None:
        return []
    ids, link = [(_("Receipt"), receipt.number)], (_("Read the receipt"), url)
    return [Item(receipt.issued_at, _("Receipt issued"), ids=ids, link=link)]


def held(notes: Sequence[AuditNote]) -> str | None:
    """What a held order was to bring and what came; None when nobody noted it."""
    facts = next((note.facts for note in reversed(notes) if note.action == "order.held"), {})
    amounts = [
        i18n.money(Amount(minor, currency))
        for what in ("got", "expected")
        if isinstance(minor := facts.get(f"{what}_minor"), int) and (currency := facts.get(f"{what}_currency"))
    ]
    if len(amounts) < 2:
        return None
    got, expected = amounts
    return _("Received: %(got)s. Expected: %(expected)s.", got=got, expected=expected)


def mailed(mails: Iterable[Mail], links: Mapping[int, str], zone: str) -> list[Item]:
    """Each mail with its reader and whether it went out; `links` by mail id where it can be read."""
    told = []
    for mail in mails:
        sent = mail.state is MailState.SENT and mail.sent_at is not None
        state = ("ok", _("Sent")) if sent else ("quiet", _("Waiting to be sent"))
        notes = [_("To %(email)s.", email=addresses.shown(mail.to_email))]
        if mail.sent_at:
            notes.append(_("Sent %(time)s.", time=i18n.instant(mail.sent_at, zone)))
        link = (_("Read this mail"), links[mail.id]) if mail.id in links else None
        told.append(
            Item(mail.created_at, _("Mail: %(title)s", title=mail.title), None, notes,
                 [(_("Kind"), mail.kind)], state, link)
        )  # fmt: skip
    return told


def answered(answers: Iterable[SurveyAnswer], names: Names) -> list[Item]:
    return [
        Item(
            answer.answered_at, _answer(answer), names.get(f"person:{answer.person_id}"),
            [
                *([str(survey_words.CODES[answer.code])] if answer.code else []),
                *([answer.reason] if answer.reason else []),
                *survey_words.flags(answer.quick, answer.several),
            ],
        )
        for answer in answers
    ]  # fmt: skip


def _answer(answer: SurveyAnswer) -> str:
    if answer.kind is SurveyKind.NPS:
        return _("Recommendation (NPS) answered: %(score)s of 10", score=answer.score)
    return _("Survey answered: %(score)s of 5", score=answer.score)
