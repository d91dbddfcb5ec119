"""Staff's pages of quotes, prices and offers."""

from portal.pricing.desk import offers, prices, quotes
from portal.pricing.desk.blueprint import blueprint

__all__ = ["blueprint", "offers", "prices", "quotes"]
