"""The customer's menu."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.kit.guard import Actor
from portal.kit.menu import NavItem, Place, menu

_BENEATH_CONTRACTS = ("home.contract", "home.renew", "home.quote", "home.order", "home.decline", "home.survey")


def customer_menu(actor: Actor, endpoint: str | None) -> list[NavItem]:
    """What a customer finds in the bar: only pages that exist and that they may open."""
    places = (
        Place(_("Contracts"), "home.contracts", _BENEATH_CONTRACTS),
        Place(_("Documents"), "home.documents", ("home.receipt", "home.statement")),
        Place(_("Team"), "accounts.team", ("accounts.member",)),
        Place(_("Support"), "home.support"),
    )
    return menu(places, actor, endpoint)
