"""The staff's menu."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.kit.guard import Actor
from portal.kit.menu import NavItem, Place, menu

# Companies and access share a blueprint; what is not named here stands under access.
_BENEATH_COMPANIES = tuple(
    f"accounts_desk.{name}"
    for name in ("company", "new_company", "create_company", "edit_company", "correct_company", "add_member")
)

_BENEATH_PRICES = tuple(f"pricing_desk.{name}" for name in ("price", "new_price", "add_price", "end_price"))
_BENEATH_OFFERS = tuple(f"pricing_desk.{name}" for name in ("offer", "new_offer", "add_offer", "end_offer"))


_BENEATH_TRANSFERS = ("finance.transfer_seen", "finance.refund_sent")
_BENEATH_ACCOUNTS = ("finance.add_account",)
_BENEATH_EXCEPTIONS = tuple(
    f"finance.{name}" for name in ("close_exception", "assign_money", "refund_money", "end_term", "keep_term")
)


def staff_menu(actor: Actor, endpoint: str | None) -> list[NavItem]:
    """What a member of staff finds at the side: only pages that exist and that they may open."""
    customers, money, rules = _("Customers"), _("Money"), _("Rules")
    places = (
        Place(_("Orders"), "staff.orders", ("staff.",), customers),
        Place(_("Contracts"), "contracts_desk.contracts", ("contracts_desk.",), customers),
        Place(_("Companies"), "accounts_desk.companies", _BENEATH_COMPANIES, customers),
        Place(_("Surveys"), "surveys_desk.surveys", ("surveys_desk.",), customers),
        Place(_("Imports"), "imports_desk.imports", ("imports_desk.",), customers),
        Place(_("Payments"), "finance.payments", ("finance.",), money),
        Place(_("Transfers"), "finance.transfers_page", _BENEATH_TRANSFERS, money),
        Place(_("Refunds"), "finance.refunds_page", (), money),
        Place(_("Exceptions"), "finance.exceptions_page", _BENEATH_EXCEPTIONS, money),
        Place(_("Bank accounts"), "finance.accounts_page", _BENEATH_ACCOUNTS, money),
        Place(_("Limits"), "finance.limits", ("finance.set_limits",), money),
        Place(_("Prices"), "pricing_desk.prices", _BENEATH_PRICES, rules),
        Place(_("Offers"), "pricing_desk.offers", _BENEATH_OFFERS, rules),
        Place(_("Access"), "accounts_desk.access", ("accounts_desk.",), rules),
    )
    return menu(places, actor, endpoint)
