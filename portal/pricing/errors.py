"""What pricing refuses: facts only; words.py makes the sentences."""

from __future__ import annotations

from portal.kit.errors import Refusal


class PriceUnavailable(Refusal):
    """The book has no price or no tax rate for a product on a day, or no term length on sale. Facts: currency, on,
    what ("price", "tax" or "term"), product_code (not with "term")."""


class UnknownTerm(Refusal):
    """This term length is not on sale. Facts: months, on."""


class SeatsMissing(Refusal):
    """Not one seat count for each line. Facts: expected, given."""


class SeatsOutOfRange(Refusal):
    """A seat count that is no whole number in range. Facts: line (from 0), seats, least, most."""

    def __init__(self, line: int, **facts: object) -> None:
        super().__init__(line=line, **facts)
        self.line = line


class ContractNotRenewable(Refusal):
    """The contract cannot be renewed today. Facts: number, standing (contracts.rules.Standing), ends_on, opens_on
    (both ISO days; opens_on is the first day of renewing)."""


class ContractHasOpenOrder(Refusal):
    """Staff seal no price beside an open order. Facts: number (of the contract)."""


class QuoteNotValid(Refusal):
    """The quote can no longer be sent or accepted. Facts: quote_id, standing (QuoteStanding)."""


class NobodyToSendTo(Refusal):
    """No active person of the company may renew. Facts: company."""


class SentToday(Refusal):
    """Everybody who may renew got this quote today. Facts: names."""


class PeriodOverlap(Refusal):
    """A row of the book would hold on a day on which another one does. Facts: valid_from, valid_to (ISO or None)
    of the row that stands."""


class PeriodReversed(Refusal):
    """A row of the book would end before it begins. Facts: valid_from, valid_to."""


class AmountOutOfRange(Refusal):
    """A price or rate outside what the book holds. Facts: amount, least, most."""


class MixedTax(Refusal):
    """Prices in a country either contain the tax or don't. Facts: country, inclusive (of the rate that stands)."""
