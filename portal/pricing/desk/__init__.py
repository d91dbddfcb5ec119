"""Staff's pages of quotes, prices and offers."""

from portal.pricing.desk import agreed, indexes, offers, prices, quotes, specials, tax, versions
from portal.pricing.desk.blueprint import blueprint

__all__ = ["agreed", "blueprint", "indexes", "offers", "prices", "quotes", "specials", "tax", "versions"]
