"""What orders refuse."""

from __future__ import annotations

from portal.kit.errors import Refusal
from portal.orders.models import OrderState
from portal.pricing.rules import QuoteStanding


class OpenOrderExists(Refusal):
    """The contract already has an open order."""

    def __init__(self, number: str) -> None:
        super().__init__(number=number)
        self.number = number


class QuoteNotAcceptable(Refusal):
    """The quote expired, no longer fits its contract, was voided, or its order was closed."""

    def __init__(self, standing: QuoteStanding) -> None:
        super().__init__(standing=standing.value)
        self.standing = standing


class ContractNotRenewable(Refusal):
    """The contract cannot be renewed today: too early, declined, or a paid term waits."""

    def __init__(self, number: str) -> None:
        super().__init__(number=number)
        self.number = number


class ApprovalGone(Refusal):
    """Somebody decided already, or who asked took it back."""


class NotYourOwn(Refusal):
    """Nobody agrees to what they asked for themselves."""


class OrderNotOpen(Refusal):
    """The order's state does not allow the step."""

    def __init__(self, number: str, state: OrderState) -> None:
        super().__init__(number=number, state=state.value)
        self.number = number
        self.state = state
