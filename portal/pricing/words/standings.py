"""What a quote is worth now, and until when it is held."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from babel.lists import format_list
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.kit import i18n
from portal.pricing import rules
from portal.pricing.models import Quote, VoidReason
from portal.pricing.rules import QuoteStanding
from portal.pricing.words.explain import term_label

STANDING_CHIPS: Final = {
    QuoteStanding.VALID: "ok",
    QuoteStanding.EXPIRED: "quiet",
    QuoteStanding.OUTDATED: "warn",
    QuoteStanding.VOIDED: "quiet",
}


def standing_label(standing: QuoteStanding) -> str:
    return {
        QuoteStanding.VALID: _("Price held"),
        QuoteStanding.EXPIRED: _("Price ended"),
        QuoteStanding.OUTDATED: _("Contract changed"),
        QuoteStanding.VOIDED: _("Taken back"),
    }[standing]


def standing_sentence(standing: QuoteStanding) -> str:
    """What that standing means, without the quote's dates."""
    return {
        QuoteStanding.VALID: _("This price is held."),
        QuoteStanding.EXPIRED: _("This price is no longer held. Work out today's price."),
        QuoteStanding.OUTDATED: _(
            "The contract, or what was agreed about its price, changed after this price was worked out. Work out"
            " today's price."
        ),
        QuoteStanding.VOIDED: _("This price was taken back. Work out today's price."),
    }[standing]


def held_text(quote: Quote) -> str:
    """Until when the quote is held, in the contract's zone. Needs `quote.contract`."""
    return _("Held until %(day)s", day=i18n.day(rules.held_until(quote.valid_until, quote.contract.zone)))


def standing_text(quote: Quote, standing: QuoteStanding) -> str:
    """One sentence about what the quote is worth. Needs `quote.contract`."""
    last_day = i18n.day(rules.held_until(quote.valid_until, quote.contract.zone))
    if standing is QuoteStanding.VALID:
        return _("We hold this price until %(day)s.", day=last_day)
    if standing is QuoteStanding.EXPIRED:
        return _("This price was held until %(day)s. Work out today's price.", day=last_day)
    if standing is QuoteStanding.VOIDED and quote.void_reason is VoidReason.CONTRACT_CHANGED:
        standing = QuoteStanding.OUTDATED
    return standing_sentence(standing)


def term_text(starts_on: date, ends_on: date, months: int, on_payment: bool) -> str:
    """The new term in words."""
    if on_payment:
        return _("%(months)s from the day we receive your payment", months=term_label(months))
    return _(
        "%(first)s to %(last)s, %(months)s",
        first=i18n.day(starts_on), last=i18n.day(ends_on), months=term_label(months),
    )  # fmt: skip


def names_list(names: Sequence[str]) -> str:
    """Several names as a language lists them."""
    return format_list(names, locale=i18n.speaking_now().code)


# What orders note about a quote whose price the customer's own people must agree to.
_APPROVALS: Final = {
    "approval.asked": _l("Approval asked for"),
    "approval.given": _l("Renewal approved"),
    "approval.refused": _l("Renewal not approved"),
    "approval.taken_back": _l("Request for approval taken back"),
}


def story_title(action: str, to: Sequence[str], reason: VoidReason | None) -> str | None:
    """What an audit note about a quote says; None for notes that are not the quote's own."""
    if action == "quote.sealed":
        return _("Price worked out and sealed")
    if action == "quote.sent":
        return _("Sent to %(names)s", names=names_list(to))
    if action in _APPROVALS:
        return str(_APPROVALS[action])
    if action != "quote.voided":
        return None
    if reason is VoidReason.CONTRACT_CHANGED:
        return _("Taken back, because the contract changed")
    if reason is VoidReason.ORDER_CLOSED:
        return _("Taken back, because its order was closed unpaid")
    return _("Taken back")
