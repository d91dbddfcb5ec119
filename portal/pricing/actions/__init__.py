"""Seal, void and send quotes (quotes); write prices (prices), offers (promotions), and what longer terms take off
and taxes (book)."""

from __future__ import annotations

from portal.pricing.actions.book import add_tax_rate as add_tax_rate
from portal.pricing.actions.book import add_term_discount as add_term_discount
from portal.pricing.actions.prices import add_price as add_price
from portal.pricing.actions.prices import end_price as end_price
from portal.pricing.actions.prices import withdraw_price as withdraw_price
from portal.pricing.actions.promotions import add_promotion as add_promotion
from portal.pricing.actions.promotions import end_promotion as end_promotion
from portal.pricing.actions.promotions import keep_claims as keep_claims
from portal.pricing.actions.promotions import withdraw_promotion as withdraw_promotion
from portal.pricing.actions.quotes import SENT as SENT
from portal.pricing.actions.quotes import seal as seal
from portal.pricing.actions.quotes import seal_at_desk as seal_at_desk
from portal.pricing.actions.quotes import send as send
from portal.pricing.actions.quotes import void as void
from portal.pricing.actions.quotes import void_for_contract as void_for_contract
