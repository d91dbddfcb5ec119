"""What pricing remembers: the book (book), offers (promotions), what was agreed with one customer (agreed), drafts
of the book (versions), and the sealed quotes (quotes)."""

from __future__ import annotations

from portal.pricing.models.agreed import RenewalAgreement as RenewalAgreement
from portal.pricing.models.agreed import SpecialPrice as SpecialPrice
from portal.pricing.models.agreed import SpecialState as SpecialState
from portal.pricing.models.agreed import TaxExemption as TaxExemption
from portal.pricing.models.book import Price as Price
from portal.pricing.models.book import PriceIndex as PriceIndex
from portal.pricing.models.book import TaxRate as TaxRate
from portal.pricing.models.book import TermDiscount as TermDiscount
from portal.pricing.models.promotions import Promotion as Promotion
from portal.pricing.models.promotions import PromotionClaim as PromotionClaim
from portal.pricing.models.quotes import Quote as Quote
from portal.pricing.models.quotes import VoidReason as VoidReason
from portal.pricing.models.versions import PriceEffect as PriceEffect
from portal.pricing.models.versions import PriceVersion as PriceVersion
from portal.pricing.models.versions import TrialState as TrialState
from portal.pricing.models.versions import VersionRow as VersionRow
from portal.pricing.models.versions import VersionState as VersionState
