"""Decide prices. Pure: which rows of the book hold (book), which offers fit (promotions), the steps in their order
(steps), what they make of the facts (price, facts), what is sealed (seal), whom a change concerns (reach)."""

from __future__ import annotations

from portal.pricing.rules.book import Book as Book
from portal.pricing.rules.book import DiscountRow as DiscountRow
from portal.pricing.rules.book import Offer as Offer
from portal.pricing.rules.book import PriceRow as PriceRow
from portal.pricing.rules.book import TaxRow as TaxRow
from portal.pricing.rules.book import base_price as base_price
from portal.pricing.rules.book import in_force as in_force
from portal.pricing.rules.book import last_lines as last_lines
from portal.pricing.rules.book import offer as offer
from portal.pricing.rules.book import offers as offers
from portal.pricing.rules.book import overlap as overlap
from portal.pricing.rules.facts import WHOLE as WHOLE
from portal.pricing.rules.facts import Base as Base
from portal.pricing.rules.facts import BaseKind as BaseKind
from portal.pricing.rules.facts import Discount as Discount
from portal.pricing.rules.facts import Group as Group
from portal.pricing.rules.facts import LineFacts as LineFacts
from portal.pricing.rules.facts import Priced as Priced
from portal.pricing.rules.facts import PricedLine as PricedLine
from portal.pricing.rules.facts import PriceFacts as PriceFacts
from portal.pricing.rules.facts import Step as Step
from portal.pricing.rules.facts import Tax as Tax
from portal.pricing.rules.price import MOST_SEATS as MOST_SEATS
from portal.pricing.rules.price import MOST_UNIT_MINOR as MOST_UNIT_MINOR
from portal.pricing.rules.price import check_seats as check_seats
from portal.pricing.rules.price import document as document
from portal.pricing.rules.price import price as price
from portal.pricing.rules.promotions import MOST_CONTRACTS as MOST_CONTRACTS
from portal.pricing.rules.promotions import MOST_LEAST as MOST_LEAST
from portal.pricing.rules.promotions import MOST_POINTS as MOST_POINTS
from portal.pricing.rules.promotions import Occasion as Occasion
from portal.pricing.rules.promotions import PromotionKind as PromotionKind
from portal.pricing.rules.promotions import PromotionRow as PromotionRow
from portal.pricing.rules.promotions import fits as fits
from portal.pricing.rules.reach import HORIZON as HORIZON
from portal.pricing.rules.reach import Concerned as Concerned
from portal.pricing.rules.reach import DueLine as DueLine
from portal.pricing.rules.reach import NewOffer as NewOffer
from portal.pricing.rules.reach import NewPrice as NewPrice
from portal.pricing.rules.reach import Reach as Reach
from portal.pricing.rules.reach import reach_of_offer as reach_of_offer
from portal.pricing.rules.reach import reach_of_price as reach_of_price
from portal.pricing.rules.rounding import difference as difference
from portal.pricing.rules.rounding import per_seat_year as per_seat_year
from portal.pricing.rules.rounding import portion as portion
from portal.pricing.rules.seal import VALID_DAYS as VALID_DAYS
from portal.pricing.rules.seal import QuoteStanding as QuoteStanding
from portal.pricing.rules.seal import check_renewable as check_renewable
from portal.pricing.rules.seal import held_until as held_until
from portal.pricing.rules.seal import quote_standing as quote_standing
from portal.pricing.rules.seal import seal_of as seal_of
from portal.pricing.rules.seal import valid_until as valid_until
from portal.pricing.rules.seal import verify_seal as verify_seal
