"""What requests for a fapiao refuse."""

from __future__ import annotations

from portal.kit.errors import Refusal


class NotForFapiao(Refusal):
    """The order has none: another country or currency, or it was called off. Facts: number."""


class AlreadyAsked(Refusal):
    """A request for this order stands. Facts: number."""


class FapiaoMoved(Refusal):
    """The request is not where whoever acts has read it: somebody was faster. Facts: state."""


class NumberWrong(Refusal):
    """A fapiao's number has 20 digits."""


class NumberTaken(Refusal):
    """Another order's fapiao has this number. Facts: number."""


class NotAFapiao(Refusal):
    """The file is neither PDF, OFD nor XML."""
