"""What pricing does in the background."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.accounts import queries as accounts
from portal.kit import clock, i18n, mail
from portal.kit.db import transaction
from portal.kit.events import Told
from portal.kit.guard import Act
from portal.kit.mail import Letter
from portal.pricing import actions, queries, rules, words
from portal.pricing.models import Quote


def void_outdated_quotes(told: Told) -> None:
    """ContractChanged: prices worked out before the change no longer fit."""
    with transaction() as db:
        actions.void_for_contract(db, told.facts["contract_id"], clock.now())


def mail_quote_sent(told: Told) -> None:
    """QuoteSent: a letter to everybody who may renew, once a day each; none if the price is no longer held."""
    at = clock.now()
    with transaction() as db:
        quote = queries.quote(db, told.subject.removeprefix("quote:"))
        if quote is None or rules.quote_standing(quote, quote.contract.rev, at) != rules.QuoteStanding.VALID:
            return
        for reader in accounts.recipients(db, quote.company_id, Act.RENEW):
            language = reader.language or quote.contract.language or quote.company.language
            with i18n.speaking(language):
                letter = _letter(quote)
                mail.queue(db, "quote.sent", told.subject, reader.email, language, letter, at, told.facts["on"])


def _letter(quote: Quote) -> Letter:
    lines = quote.document["lines"]
    term = words.term_text(quote.starts_on, quote.ends_on, quote.months, quote.starts_on_payment)
    return Letter(
        title=_(
            "Your renewal price for contract %(number)s: %(total)s",
            number=quote.contract.number,
            total=i18n.money(quote.total),
        ),
        heading=_("Your renewal price is ready"),
        paragraphs=[
            words.standing_text(quote, rules.QuoteStanding.VALID),
            words.tax_note(quote),
            _("Nothing is charged before you accept the price and pay."),
        ],
        facts=[
            *((words.line_name(line), words.seats_label(line["seats"])) for line in lines),
            (_("New term"), term),
            *words.why(quote),
            (words.total_label(quote), i18n.money(quote.total)),
            (_("Quote"), quote.id),
        ],
        button=(_("See the price"), f"/quotes/{quote.id}"),
    )
