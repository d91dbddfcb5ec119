"""What documents refuses."""

from __future__ import annotations

from portal.kit.errors import Refusal


class PaperNotSet(Refusal):
    """The PDF could not be made; the rows it tells of are as they were. Facts: why."""


class ReceiptNotDue(Refusal):
    """The order is not paid, so there is nothing to receipt. Facts: number, state."""
