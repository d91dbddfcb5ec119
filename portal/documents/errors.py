"""What documents refuses."""

from __future__ import annotations

from portal.kit.errors import Refusal


class ReceiptNotDue(Refusal):
    """The order is not paid, so there is nothing to receipt. Facts: number, state."""
