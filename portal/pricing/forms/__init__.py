"""Ask staff for a quote's choices (quotes), a price or an offer (book)."""

from __future__ import annotations

from portal.pricing.forms.book import EndForm as EndForm
from portal.pricing.forms.book import OfferForm as OfferForm
from portal.pricing.forms.book import PriceForm as PriceForm
from portal.pricing.forms.quotes import QuoteForm as QuoteForm
