"""Say a statement of account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from flask_babel import gettext as _

from payments.money import Money
from portal.accounts.models import Company
from portal.documents.paper import Paper, Part, Row, Sum
from portal.documents.rules import Account, Entry, EntryKind
from portal.finance import words as finance_words
from portal.home.words import papers
from portal.kit import i18n


def what(entry: Entry) -> str:
    """What happened."""
    if entry.kind is EntryKind.CHARGE:
        return _("Renewal, order %(number)s", number=entry.order)
    if entry.kind is EntryKind.HELD:
        return _("Payment for order %(number)s; we hold it for you", number=entry.order)
    if entry.kind is EntryKind.CREDIT:
        return _("Credit for order %(number)s", number=entry.order)
    if entry.kind is EntryKind.REFUND:
        return _("Money back for order %(number)s", number=entry.order)
    return _("Payment for order %(number)s", number=entry.order)


def beneath(entry: Entry) -> str:
    """How it was paid, and the receipt."""
    method = finance_words.method(entry.method) or ""
    if not entry.receipt:
        return method
    if entry.kind is EntryKind.CREDIT:
        return _("credit note %(number)s", number=entry.receipt)
    receipt = _("receipt %(number)s", number=entry.receipt)
    return _("%(method)s, %(receipt)s", method=method, receipt=receipt) if method else receipt


def balance(money: Money) -> str:
    """What is left, in words."""
    if money.minor > 0:
        return _("You owe %(sum)s", sum=i18n.money(money))
    if money.minor < 0:
        return _("We hold %(sum)s for you", sum=i18n.money(-money))
    return _("Nothing is open")


def title(year: int) -> str:
    return _("Statement of account %(year)s", year=str(year))


def covers(until: date) -> str:
    """What the statement covers, and what it does not."""
    return _(
        "What was renewed and paid here until %(day)s. Terms that were agreed elsewhere are not in it.",
        day=i18n.day(until),
    )


def days_in(zone: str) -> str:
    return _("Days are days in %(zone)s.", zone=zone)


def as_paper(
    company: Company, seller: Mapping[str, str], year: int, until: date, accounts: Sequence[Account], note: str,
    practice: bool,
) -> Paper:  # fmt: skip
    """The statement to print; `note` says in which zone its days are days."""
    known = company.invoice_details
    buyer = {"name": company.name} | {key: known.get(key, "") for key in ("title", "tax_id", "address")}
    closing = [balance(account.closing) for account in accounts]
    return Paper(
        **papers.language(),
        title=title(year),
        author=seller["name"],
        heading=title(year),
        lead=[covers(until), *(closing or [_("Nothing was renewed or paid here.")])],
        test=papers.test_mark(practice),
        parties=[papers.party(_("Seller"), seller), papers.party(_("Buyer"), buyer)],
        facts=[],
        parts=[_part(account, note) for account in accounts],
    )


def _part(account: Account, note: str) -> Part:
    rows = [
        Row(
            f"{i18n.day(entry.on)}  {what(entry)}",
            beneath(entry),
            [i18n.amount(entry.change, signed=True), i18n.amount(left)],
        )
        for entry, left in zip(account.entries, account.balances, strict=True)
    ]
    return Part(
        account.currency,
        [_("What happened"), _("Movement"), _("Balance")],
        [Row(_("Opening balance"), "", ["", i18n.amount(account.opening)]), *rows],
        [Sum(_("Closing balance"), i18n.money(account.closing), strong=True)],
        note,
    )
