"""What finance's pages say; what things of money are called on the others too."""

from __future__ import annotations

from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from payments.ledger.models import Account, EntryKind, LedgerEntry
from payments.money import Money
from portal.finance.rules import Unmatched
from portal.kit import i18n
from portal.kit.export import Column, local

_OUTSIDE: Final = _l("Nothing is renewed by it. Refund it, or let it pay an order, under Exceptions.")
# Why money stands in suspense, and what to find out.
UNMATCHED: Final = {
    Unmatched.NO_ORDER: (_l("No order belongs to this money."), _OUTSIDE),
    Unmatched.AMOUNT_DIFFERS: (_l("The amount differs from the order’s total; the order is held."), _OUTSIDE),
    Unmatched.OTHER_CURRENCY: (
        _l("The payment came in another currency than the order; the order is held."), _OUTSIDE,
    ),
    Unmatched.OTHER_REFERENCE: (_l("The payment names another order or quote; the order is held."), _OUTSIDE),
    Unmatched.ALREADY_RENEWED: (
        _l("The contract was already renewed when the money came; the order is held."), _OUTSIDE,
    ),
    Unmatched.PAID_TWICE: (_l("The order was already paid; this is a second payment."), _OUTSIDE),
    Unmatched.ORDER_CLOSED: (_l("The money came after the order was closed; the order is held."), _OUTSIDE),
}  # fmt: skip

ACCOUNTS: Final = {
    Account.RECEIVABLE: _l("receivable"),
    Account.DEFERRED_REVENUE: _l("deferred revenue"),
    Account.OUTPUT_TAX: _l("output tax"),
    Account.STRIPE_CLEARING: _l("Stripe clearing"),
    Account.STRIPE_FEES: _l("Stripe fees"),
    Account.BANK: _l("bank"),
    Account.UNAPPLIED_CASH: _l("unapplied cash"),
    Account.DISPUTES_RECEIVABLE: _l("disputes receivable"),
    Account.DISPUTE_FEES: _l("dispute fees"),
    Account.BAD_DEBT: _l("bad debt"),
    Account.EXCHANGE: _l("exchange"),
}
ENTRIES: Final = {
    EntryKind.SALE: _l("Booked the sale"),
    EntryKind.CHARGE: _l("Booked the payment"),
    EntryKind.SUSPENSE: _l("Put the money in suspense"),
    EntryKind.APPLY: _l("Took the money out of suspense"),
    EntryKind.FEE: _l("Booked Stripe’s fee"),
    EntryKind.REFUND: _l("Booked the refund"),
    EntryKind.REFUND_FAILED: _l("Took the failed refund back"),
    EntryKind.DISPUTE: _l("Booked what the dispute took"),
    EntryKind.DISPUTE_RETURNED: _l("Booked what the dispute gave back"),
    EntryKind.DISPUTE_LOST: _l("Booked the lost dispute"),
    EntryKind.DISPUTE_REGAINED: _l("Took the lost dispute back"),
}
_METHODS: Final = {
    "card": _l("Card"),
    "alipay": _l("Alipay"),
    "wechat_pay": _l("WeChat Pay"),
    "customer_balance": _l("Bank transfer"),
    "bank_transfer": _l("Bank transfer"),
    "us_bank_account": _l("Bank account"),
    "sepa_debit": _l("SEPA direct debit"),
    "link": _l("Link"),
}
_BRANDS: Final = {
    "visa": "Visa", "mastercard": "Mastercard", "amex": "American Express", "unionpay": "UnionPay", "jcb": "JCB",
    "diners": "Diners Club", "discover": "Discover",
}  # fmt: skip


def posting(entry: LedgerEntry) -> tuple[str, list[str]]:
    """What an entry booked, and its lines: "Debit Stripe clearing 36,980.80 CNY"."""
    return str(ENTRIES[entry.kind]), [
        (_("Debit %(account)s %(amount)s %(currency)s") if line.minor > 0 else
         _("Credit %(account)s %(amount)s %(currency)s"))
        % {
            "account": ACCOUNTS[line.account],
            "amount": i18n.amount(Money(abs(line.minor), line.currency)),
            "currency": line.currency,
        }
        for line in entry.lines
    ]  # fmt: skip


def method(paid_with: str | None) -> str | None:
    """What was paid with, for customers and staff: "card visa 4242" is "Visa ending 4242"."""
    if not paid_with:
        return None
    kind, *rest = paid_with.split()
    if kind == "card" and len(rest) > 1:
        return _("%(brand)s ending %(last4)s", brand=_BRANDS.get(rest[0], rest[0].capitalize()), last4=rest[-1])
    return str(_METHODS.get(kind, kind.replace("_", " ").capitalize()))


def columns(zone: str) -> list[Column[Any]]:
    """The columns of the payments' export, of queries.Payment; instants in `zone`, an amount that is not known
    empty."""
    here = local(zone)
    booked, suspended, gone = _("Booked"), _("In suspense"), _("Went back")
    return [
        Column(_("Date and time (%(zone)s)", zone=zone), lambda row: here(row.happened_at)),
        Column(_("Order"), lambda row: row.order_number),
        Column(_("Company"), lambda row: row.company),
        Column(_("Currency"), lambda row: row.gross.currency),
        Column(_("Gross"), lambda row: row.gross),
        Column(_("Settled in"), lambda row: row.settled.currency if row.settled else None),
        Column(_("Settled"), lambda row: row.settled),
        Column(_("Fee"), lambda row: row.fee),
        Column(_("Net"), lambda row: row.net),
        Column(_("Charge"), lambda row: row.charge_id),
        Column(_("Balance transaction"), lambda row: row.transaction_id),
        Column(_("Checkout session"), lambda row: row.session_id),
        Column(_("Payment intent"), lambda row: row.intent_id),
        Column(_("Method"), lambda row: method(row.method)),
        Column(_("State"), lambda row: suspended if row.unmatched else gone if row.gone else booked),
        Column(_("Reason"), lambda row: str(UNMATCHED[row.unmatched][0]) if row.unmatched else None),
        Column(_("Went back"), lambda row: row.returned),
        Column(_("Lost in disputes"), lambda row: row.lost),
        Column(_("Contested"), lambda row: row.contested),
        Column(_("Receipt number"), lambda row: row.receipt_number),
        Column(_("Sale before tax"), lambda row: row.sold),
        Column(_("Sale’s tax"), lambda row: row.tax),
        Column(_("Names the order"), lambda row: row.claims),
    ]
