"""The staff's menu."""

from __future__ import annotations

from flask import g
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from portal.finance import queries as finance
from portal.kit.db import reader
from portal.kit.guard import Act, Actor
from portal.kit.menu import NavItem, Place, menu

# Companies and access share a blueprint; what is not named here stands under access.
_BENEATH_COMPANIES = tuple(
    f"accounts_desk.{name}"
    for name in ("company", "new_company", "create_company", "edit_company", "correct_company", "add_member")
)

_BENEATH_PRICES = tuple(
    f"pricing_desk.{name}"
    for name in (
        "price", "end_price", "versions", "version", "new_version", "add_version", "edit_version",
        "change_version", "add_price", "indexes", "set_index",
    )
)  # fmt: skip
_BENEATH_OFFERS = tuple(
    f"pricing_desk.{name}"
    for name in ("offer", "new_offer", "add_offer", "edit_offer", "change_offer", "copy_offer", "end_offer")
)


_BENEATH_TRANSFERS = ("finance.transfer_seen", "finance.refund_sent")
_BENEATH_REFUNDS = tuple(
    f"finance.{name}" for name in ("decide_refund", "agree_to_refund", "refuse_refund", "take_back_refund")
)
_BENEATH_FAPIAO = tuple(
    f"finance.{name}"
    for name in (
        "fapiao_request",
        "take_up_fapiao",
        "issue_fapiao",
        "issue_red_fapiao",
        "fail_fapiao",
        "mend_fapiao",
        "void_fapiao",
    )
)
_BENEATH_ACCOUNTS = tuple(f"finance.{name}" for name in ("add_account", "change_account", "save_account"))
_BENEATH_PEOPLE = ("home.found_person", "home.person", "home.erase_person")
_EXCEPTIONS = "finance.exceptions_page"
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
        Place(_("Stand-ins"), "accounts_desk.covers", ("accounts_desk.set_cover",), customers),
        Place(_("Imports"), "imports_desk.imports", ("imports_desk.",), customers),
        Place(_("Payments"), "finance.payments", ("finance.",), money),
        Place(_("Transfers"), "finance.transfers_page", _BENEATH_TRANSFERS, money),
        Place(_("Refunds"), "finance.refunds_page", _BENEATH_REFUNDS, money),
        Place(_("Exceptions"), _EXCEPTIONS, _BENEATH_EXCEPTIONS, money),
        Place(_("Fapiao"), "finance.fapiao_page", _BENEATH_FAPIAO, money),
        Place(_("Bank accounts"), "finance.accounts_page", _BENEATH_ACCOUNTS, money),
        Place(_("Limits"), "finance.limits", ("finance.set_limits",), money),
        Place(_("Prices"), "pricing_desk.prices", _BENEATH_PRICES, rules),
        Place(_("Offers"), "pricing_desk.offers", _BENEATH_OFFERS, rules),
        Place(_("Special prices"), "pricing_desk.specials", (), rules),
        Place(_("Access"), "accounts_desk.access", ("accounts_desk.",), rules),
        Place(_("Personal data"), "home.find_person", _BENEATH_PEOPLE, rules),
        Place(_("Audit trail"), "staff.audit", (), rules),
    )
    return menu(places, actor, endpoint, {_EXCEPTIONS: _open_exceptions()} if actor.can(Act.MOVE_MONEY) else None)


def _open_exceptions() -> int:
    """How many exceptions wait. A page that has asked the database already says so in `g`."""
    try:
        return int(g.open_exceptions if "open_exceptions" in g else finance.count_open(reader()))
    except SQLAlchemyError:
        return 0  # the database is what is broken, and the page that says so has this menu
