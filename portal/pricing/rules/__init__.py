"""Decide prices. Pure: which row of the book holds (book), what that makes (price), what is sealed (seal)."""

from __future__ import annotations

from portal.pricing.rules.book import Book as Book
from portal.pricing.rules.book import DiscountRow as DiscountRow
from portal.pricing.rules.book import Offer as Offer
from portal.pricing.rules.book import PriceRow as PriceRow
from portal.pricing.rules.book import TaxRow as TaxRow
from portal.pricing.rules.book import in_force as in_force
from portal.pricing.rules.book import last_lines as last_lines
from portal.pricing.rules.book import offer as offer
from portal.pricing.rules.book import offers as offers
from portal.pricing.rules.book import overlap as overlap
from portal.pricing.rules.price import MOST_SEATS as MOST_SEATS
from portal.pricing.rules.price import MOST_UNIT_MINOR as MOST_UNIT_MINOR
from portal.pricing.rules.price import LineFacts as LineFacts
from portal.pricing.rules.price import Priced as Priced
from portal.pricing.rules.price import PricedLine as PricedLine
from portal.pricing.rules.price import PriceFacts as PriceFacts
from portal.pricing.rules.price import Step as Step
from portal.pricing.rules.price import Tax as Tax
from portal.pricing.rules.price import check_seats as check_seats
from portal.pricing.rules.price import difference as difference
from portal.pricing.rules.price import document as document
from portal.pricing.rules.price import per_seat_year as per_seat_year
from portal.pricing.rules.price import portion as portion
from portal.pricing.rules.price import price as price
from portal.pricing.rules.seal import VALID_DAYS as VALID_DAYS
from portal.pricing.rules.seal import QuoteStanding as QuoteStanding
from portal.pricing.rules.seal import check_renewable as check_renewable
from portal.pricing.rules.seal import held_until as held_until
from portal.pricing.rules.seal import quote_standing as quote_standing
from portal.pricing.rules.seal import seal_of as seal_of
from portal.pricing.rules.seal import valid_until as valid_until
from portal.pricing.rules.seal import verify_seal as verify_seal
