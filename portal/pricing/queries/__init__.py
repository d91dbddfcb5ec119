"""Find what prices are made of (book), which offers are free (claims), whom a change concerns (reach), quotes
(quotes), versions of the book (versions) and what their trials found (trial), and the desk's lists (desk)."""

from __future__ import annotations

from portal.pricing.queries.agreed import exemptions_of as exemptions_of
from portal.pricing.queries.agreed import indexes as indexes
from portal.pricing.queries.agreed import keeping as keeping
from portal.pricing.queries.agreed import renewals_of as renewals_of
from portal.pricing.queries.agreed import series as series
from portal.pricing.queries.agreed import specials as specials
from portal.pricing.queries.agreed import specials_of as specials_of
from portal.pricing.queries.book import book_for as book_for
from portal.pricing.queries.book import books_for as books_for
from portal.pricing.queries.claims import free as free
from portal.pricing.queries.claims import uses as uses
from portal.pricing.queries.quotes import latest_quotes as latest_quotes
from portal.pricing.queries.quotes import quote as quote
from portal.pricing.queries.quotes import same_day_quotes as same_day_quotes
from portal.pricing.queries.versions import version as version
from portal.pricing.queries.versions import versions as versions
