"""Seal, void and send quotes (quotes); write the price book (book)."""

from __future__ import annotations

from portal.pricing.actions.book import add_price as add_price
from portal.pricing.actions.book import add_tax_rate as add_tax_rate
from portal.pricing.actions.book import add_term_discount as add_term_discount
from portal.pricing.actions.quotes import SENT as SENT
from portal.pricing.actions.quotes import seal as seal
from portal.pricing.actions.quotes import seal_at_desk as seal_at_desk
from portal.pricing.actions.quotes import send as send
from portal.pricing.actions.quotes import void as void
from portal.pricing.actions.quotes import void_for_contract as void_for_contract
