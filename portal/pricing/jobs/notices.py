"""Tell customers of a published price change: what, from when, why, the old price and the new one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.money import Money
from portal.accounts import queries as accounts
from portal.accounts.models import Company
from portal.contracts import queries as contracts
from portal.contracts import rules as contract_rules
from portal.contracts import words as contract_words
from portal.contracts.models import Contract
from portal.kit import clock, i18n, mail, outbox
from portal.kit.db import reading, transaction
from portal.kit.events import Told
from portal.kit.guard import Act
from portal.kit.mail import Letter
from portal.pricing import queries, rules, words
from portal.pricing.errors import PriceUnavailable, UnknownTerm
from portal.pricing.models import PriceEffect, PriceVersion
from portal.pricing.queries import trial

TELL: Final = "pricing.tell_of_prices"
# Companies whose letters are written in one transaction.
PIECE: Final = 50
MOST_NAMED: Final = 20


@dataclass(frozen=True)
class Change:
    """A contract's price on the last day for renewing it, before and since the version; None: there is none."""

    contract: Contract
    months: int
    old: Money | None
    new: Money | None


def tell_of_prices(told: Told) -> None:
    """PricesPublished: a letter for each company whom it concerns, to all who may renew there. A piece of them at
    a time; the rest is asked for in the same transaction, so that nobody is left out or told twice. Prices are
    worked out and letters written before it: others write meanwhile."""
    at, after, version_id = clock.now(), told.facts.get("after", 0), told.facts["version_id"]
    with reading() as db:
        companies = trial.companies_affected(db, version_id, after, PIECE)
        version = db.get_one(PriceVersion, version_id)
        letters = [letter for company_id in companies for letter in _letters(db, version, company_id, at)]
    with transaction() as db:
        for to, language, letter, company_id in letters:
            with i18n.speaking(language):
                mail.queue(db, "prices.changed", told.subject, to, language, letter, at, str(company_id))
        if len(companies) == PIECE:
            facts = {"version_id": version_id, "after": companies[-1]}
            outbox.later(db, TELL, told.subject, f"after:{companies[-1]}", facts, at)


def _letters(
    db: Session, version: PriceVersion, company_id: int, at: datetime
) -> Iterator[tuple[str, str, Letter, int]]:
    """To whom, in which language, what, and about which company."""
    changes = _changes(db, version, trial.effects_of(db, version.id, company_id), at)
    if not changes:
        return
    company = db.get_one(Company, company_id)
    for reader in accounts.recipients(db, company_id, Act.RENEW):
        language = reader.language or company.language
        with i18n.speaking(language):
            yield reader.email, language, _letter(version, changes, at), company_id


def _changes(db: Session, version: PriceVersion, effects: Sequence[PriceEffect], at: datetime) -> list[Change]:
    """What still holds: a contract that was renewed, declined or changed since the trial is priced anew, and left
    out when the version no longer makes a difference to it."""
    wanted = select(Contract).where(Contract.id.in_([effect.contract_id for effect in effects]))
    found = {each.id: each for each in db.scalars(wanted.options(*contracts.whole())).unique()}
    books = queries.books_for(db, list(found.values()), at)
    made = []
    for effect in effects:
        contract = found[effect.contract_id]
        last_days = contract.ends_on, contract_rules.grace_ends(contract.ends_on)
        if effect.on not in last_days or contract.declined_at is not None:
            continue
        priced = _priced_on(books[contract.id], contract, effect)
        new = priced.total if priced else None
        if contract.rev == effect.contract_rev:
            if new != effect.old:
                made.append(Change(contract, effect.months, effect.old, new))
        elif priced and _uses(priced, version):  # what it would have cost before is no longer known
            made.append(Change(contract, effect.months, None, new))
    return made


def _priced_on(book: rules.Book, contract: Contract, effect: PriceEffect) -> rules.Priced | None:
    with suppress(PriceUnavailable, UnknownTerm):
        return rules.worked_out(book, contract, effect.months, None, effect.on)
    return None


def _uses(priced: rules.Priced, version: PriceVersion) -> bool:
    """Does a price of the version stand in it?"""
    mine = (version.label, version.valid_from.isoformat())
    return any((line.facts.base.book, line.facts.base.valid_from) == mine for line in priced.lines)


def _letter(version: PriceVersion, changes: list[Change], at: datetime) -> Letter:
    first = i18n.day(version.valid_from)
    ahead = any(clock.day(at, each.contract.zone) < version.valid_from for each in changes)
    change = (
        _("Our prices change on %(day)s.", day=first) if ahead else _("Our prices changed on %(day)s.", day=first)
    )
    kept = _("Quotes that you hold and orders that you placed keep their price.")
    paragraphs = [str(i18n.sentences(change, kept))]
    if version.reasons:
        paragraphs.append(i18n.named(version.reasons))
    if ahead and any(contract_rules.opens_on(each.contract.ends_on) < version.valid_from for each in changes):
        paragraphs.append(_("Who renews before %(day)s renews at the price of today.", day=first))
    paragraphs.append(
        _("The prices below are for renewing on the last day, for as long and for as many seats as now.")
    )
    named = changes[:MOST_NAMED]
    more = len(changes) - len(named)
    if more:
        paragraphs.append(
            ngettext(
                "%(count)s more contract is concerned; you find its price in the portal.",
                "%(count)s more contracts are concerned; you find their prices in the portal.", more,
                count=i18n.number(more),
            )
        )  # fmt: skip
    return Letter(
        title=_("New prices from %(day)s", day=first),
        heading=_("New prices from %(day)s", day=first),
        paragraphs=paragraphs,
        facts=[(_named(each), _priced(each)) for each in named],
        button=(_("See your contracts"), "/contracts"),
    )


def _named(change: Change) -> str:
    lines = contracts.last_term(change.contract).lines
    return _(
        "%(number)s, %(products)s, to %(day)s", number=change.contract.number,
        products=contract_words.called([i18n.named(line.product.names) for line in lines]),
        day=i18n.day_short(change.contract.ends_on),
    )  # fmt: skip


def _priced(change: Change) -> str:
    length = words.term_label(change.months)
    if change.new is None:
        return _("%(months)s: ask us for the price", months=length)
    if change.old is None:
        return _("%(months)s: %(new)s", months=length, new=i18n.money(change.new))
    facts = {"months": length, "old": i18n.money(change.old), "new": i18n.money(change.new)}
    return _("%(months)s: %(new)s instead of %(old)s", **facts)
