"""What pricing refuses: facts only; words.py makes the sentences."""

from __future__ import annotations

from portal.kit.errors import Refusal


class PriceUnavailable(Refusal):
    """The book has no price or no tax rate for a product on a day, or no term length on sale. Facts: currency, on,
    what ("price", "tax" or "term"), product_code (not with "term")."""


class NothingToPay(PriceUnavailable):
    """Discounts take all of it off: a renewal for nothing is for people to decide. Facts: currency, on, what."""


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


class PriceInTheWay(Refusal):
    """A version's price would share days with another one of its kind. Facts: product_code, currency, book (of the
    other one), valid_from, valid_to (its own, ISO or None)."""


class PeriodReversed(Refusal):
    """A row of the book would end before it begins. Facts: valid_from, valid_to."""


class AmountOutOfRange(Refusal):
    """A price or rate outside what the book holds. Facts: amount, least, most."""


class NotCharged(Refusal):
    """A price that cannot be charged in its currency. Facts: currency, step (minor units)."""


class ForeignCurrency(Refusal):
    """A contract's price in another currency than the contract's. Facts: number, currency (the contract's)."""


class ProductNotInContract(Refusal):
    """A contract's price for a product that its latest term does not have. Facts: number, product_code."""


class NotToBeEnded(Refusal):
    """A price or offer cannot end on that day, or not be taken back any more. Facts: earliest (the last day that
    is past or present), valid_to (the end it has, or None); both ISO days."""


class OfVersion(Refusal):
    """A price that came with a version is not taken back by itself. Facts: book (the version's name)."""


class FollowedByAnother(Refusal):
    """A later price has taken the place of this one. Facts: book (of the later one)."""


class EndedMeanwhile(Refusal):
    """Somebody gave the price or offer another end since its page was read. Facts: valid_to (the end that it has
    now, an ISO day, or None)."""


class CodeTaken(Refusal):
    """Another coupon has, or had, this code: nobody could tell the two apart. Facts: code."""


class PromotionUsedUp(Refusal):
    """The offer's limit is reached: others took it up first. Facts: names (by language)."""


class MixedTax(Refusal):
    """Prices in a country either contain the tax or don't. Facts: country, inclusive (of the rate that stands)."""


class NotADraft(Refusal):
    """It is published or discarded, and no longer to be changed."""


class OwnDraft(Refusal):
    """Whoever drafted something does not publish or grant it."""


class ChangedMeanwhile(Refusal):
    """Somebody changed it since its page was read."""


class BegunAlready(Refusal):
    """Its first day is over, and what was sold on it stays as it was. Facts: valid_from (ISO day)."""


class IndexKnown(Refusal):
    """The month has another figure than whoever corrects it has read. Facts: series, month (ISO), basis_points."""


class NoRate(Refusal):
    """An uplift with neither a fixed rate nor an index."""


class AlreadyProposed(Refusal):
    """A special price of this contract waits for a decision already. Facts: number."""


class AboveLimit(Refusal):
    """More than whoever says yes may give. Facts: basis_points, limit."""


class TwoOfAKind(Refusal):
    """The draft has a price of this product, currency and kind already. Facts: product_code, currency."""


class NothingToPublish(Refusal):
    """The draft has no prices."""


class NothingToRevert(Refusal):
    """The version replaced no price: there is nothing to bring back."""


class NotTried(Refusal):
    """The draft, as it stands, was not tried on the contracts yet."""


class GapAhead(Refusal):
    """No list price would hold on a day. Facts: product_code, currency, on (ISO day)."""


class NotOneOf(Refusal):
    """A cell of a file that holds none of what it may. Facts: field, value, known."""


class NotAPercentage(Refusal):
    """A cell of a file that is no percentage in range. Facts: field, least, most, as they are typed."""


class NoSuchContract(Refusal):
    """A file names a contract that is not here. Facts: number."""


class AgreedTwice(Refusal):
    """A file says two things about the same contract and product. Facts: number, row (the first one)."""
