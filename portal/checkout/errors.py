"""What checkout refuses."""

from __future__ import annotations

from portal.kit.errors import Refusal
from portal.orders.models import OrderState


class PaymentUnavailable(Refusal):
    """No payment page could be opened; nothing was charged and the order stays payable.

    `reason`: "unreachable" (try again later) or "refused" (the provider cannot take this; `code` says why).
    """

    def __init__(self, number: str, reason: str = "unreachable", code: str = "") -> None:
        super().__init__(number=number, reason=reason, code=code)
        self.number = number
        self.reason = reason
        self.code = code


class AlreadyPaid(Refusal):
    """The order is paid: there is nothing to pay, or to cancel."""

    def __init__(self, number: str) -> None:
        super().__init__(number=number)
        self.number = number


class OrderNotPayable(Refusal):
    """The order cannot be paid in its state: processing, held, cancelled, expired…"""

    def __init__(self, number: str, state: OrderState) -> None:
        super().__init__(number=number, state=state.value)
        self.number = number
        self.state = state


class PaymentNotThere(Refusal):
    """No payment is booked under this id."""


class PaymentContested(Refusal):
    """The payer contests this payment at their bank: it cannot be refunded until that is decided."""


class NoAccount(Refusal):
    """The seller has no account for this currency."""


class TransferSeen(Refusal):
    """Finance has found money for this transfer; the order cannot be paid in another way now."""


class CannotAssign(Refusal):
    """The money cannot pay this order. `reason`: "gone" (it is applied, or went back), "amount", "state" (of the
    order), "renewed" (the contract has moved on)."""

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(reason=reason, **facts)
        self.reason = reason
