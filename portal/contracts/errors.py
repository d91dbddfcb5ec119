"""Refusals of the contracts room. Facts only; words.py makes the sentences."""

from __future__ import annotations

from portal.kit.errors import Refusal


class NumberUnusable(Refusal):
    """The number cannot stand in an address. Facts: number."""


class NumberTaken(Refusal):
    """Another contract has the number. Facts: number."""


class NoLines(Refusal):
    """A term needs at least one product."""


class UnknownProduct(Refusal):
    """The price book has no such product. Facts: product."""


class DatesReversed(Refusal):
    """The term would end before it starts. Facts: starts_on, ends_on."""


class TermOverlaps(Refusal):
    """The term would begin before the one before it ends. Facts: starts_on, ends_on (of the one before)."""


class TermDoesNotJoin(Refusal):
    """The ordered term no longer follows the contract's last one. Facts: starts_on, expected."""


class ContractHasOrders(Refusal):
    """Dates, currency and lines of a contract that was ordered here do not change by hand. Facts: number."""


class PriceKept(Refusal):
    """The next price starts from this one, as was agreed: it does not change unseen. Facts: number."""


class CurrencyHasHistory(Refusal):
    """Earlier terms of the contract are priced in its currency. Facts: currency."""


class ContractChangedMeanwhile(Refusal):
    """Somebody saved the contract since the form was opened. Facts: number."""


class CannotDecline(Refusal):
    """The contract is renewed, declined already, or past its grace. Facts: number, standing."""


class CannotUndoDecline(Refusal):
    """The contract is not declined, or its end has passed. Facts: number, ends_on."""


class TermInUse(Refusal):
    """A later term stands on the one that shall end. Facts: number, order."""


class TermTaken(Refusal):
    """Another term has taken the place of the one that shall come back. Facts: number, order."""


class EndsOutside(Refusal):
    """A term can only be ended on one of its days before the last. Facts: starts_on, ends_on."""
