"""Ask staff for a quote's choices (quotes), versions and their prices (prices), offers (offers), what was agreed
with one customer (agreed)."""

from __future__ import annotations

from portal.pricing.forms.agreed import ExemptForm as ExemptForm
from portal.pricing.forms.agreed import IndexForm as IndexForm
from portal.pricing.forms.agreed import RenewalForm as RenewalForm
from portal.pricing.forms.agreed import SpecialForm as SpecialForm
from portal.pricing.forms.fields import EndForm as EndForm
from portal.pricing.forms.fields import Versioned as Versioned
from portal.pricing.forms.offers import OfferForm as OfferForm
from portal.pricing.forms.offers import filled_offer as filled_offer
from portal.pricing.forms.prices import EndPriceForm as EndPriceForm
from portal.pricing.forms.prices import PriceForm as PriceForm
from portal.pricing.forms.prices import VersionForm as VersionForm
from portal.pricing.forms.prices import filled_version as filled_version
from portal.pricing.forms.quotes import QuoteForm as QuoteForm
