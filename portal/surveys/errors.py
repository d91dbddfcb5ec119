"""What surveys refuse."""

from __future__ import annotations

from portal.kit.errors import Refusal


class NotYet(Refusal):
    """The order is not paid, or its money is disputed or going back. Facts: state."""


class ScoreOutOfRange(Refusal):
    """Facts: score, least, most."""


class ReasonTooLong(Refusal):
    """Facts: length, most (characters)."""


class AskClosed(Refusal):
    """The mailed link no longer takes an answer. Facts: why ("expired", "left")."""
