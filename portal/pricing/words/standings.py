"""What a quote is worth now, and until when it is held."""

from __future__ import annotations

from typing import Final

from flask_babel import gettext as _

from portal.kit import i18n
from portal.pricing import rules
from portal.pricing.models import Quote
from portal.pricing.rules import QuoteStanding

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
        QuoteStanding.OUTDATED: _("The contract changed after this price was worked out. Work out today's price."),
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
    return standing_sentence(standing)
