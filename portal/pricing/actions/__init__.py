"""Seal, void and send quotes (quotes); draft and publish prices (versions, prices) and offers (promotions), keep
count of who takes them (claims); what was agreed with one customer (agreed, specials); what longer terms take off
and taxes (book)."""

from __future__ import annotations

from portal.pricing.actions.agreed import agree_renewal as agree_renewal
from portal.pricing.actions.agreed import drop_renewal as drop_renewal
from portal.pricing.actions.agreed import end_exemption as end_exemption
from portal.pricing.actions.agreed import exempt_from_tax as exempt_from_tax
from portal.pricing.actions.agreed import set_index as set_index
from portal.pricing.actions.agreed import withdraw_exemption as withdraw_exemption
from portal.pricing.actions.book import add_tax_rate as add_tax_rate
from portal.pricing.actions.book import add_term_discount as add_term_discount
from portal.pricing.actions.claims import keep_claims as keep_claims
from portal.pricing.actions.claims import release_claims as release_claims
from portal.pricing.actions.prices import add_price as add_price
from portal.pricing.actions.prices import end_price as end_price
from portal.pricing.actions.prices import withdraw_price as withdraw_price
from portal.pricing.actions.promotions import OfferTerms as OfferTerms
from portal.pricing.actions.promotions import change_promotion as change_promotion
from portal.pricing.actions.promotions import draft_promotion as draft_promotion
from portal.pricing.actions.promotions import end_promotion as end_promotion
from portal.pricing.actions.promotions import publish_promotion as publish_promotion
from portal.pricing.actions.promotions import withdraw_promotion as withdraw_promotion
from portal.pricing.actions.quotes import SENT as SENT
from portal.pricing.actions.quotes import seal as seal
from portal.pricing.actions.quotes import seal_at_desk as seal_at_desk
from portal.pricing.actions.quotes import send as send
from portal.pricing.actions.quotes import void as void
from portal.pricing.actions.quotes import void_for_contract as void_for_contract
from portal.pricing.actions.specials import grant_special as grant_special
from portal.pricing.actions.specials import propose_special as propose_special
from portal.pricing.actions.specials import refuse_special as refuse_special
from portal.pricing.actions.specials import withdraw_special as withdraw_special
from portal.pricing.actions.versions import add_row as add_row
from portal.pricing.actions.versions import ask_trial as ask_trial
from portal.pricing.actions.versions import change_version as change_version
from portal.pricing.actions.versions import discard_version as discard_version
from portal.pricing.actions.versions import draft_version as draft_version
from portal.pricing.actions.versions import is_tried as is_tried
from portal.pricing.actions.versions import publish_version as publish_version
from portal.pricing.actions.versions import remove_row as remove_row
from portal.pricing.actions.versions import revert_version as revert_version
