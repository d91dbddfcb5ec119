"""What payments refuses: codes and facts, no sentences. The portal's words make the sentence."""

from __future__ import annotations


class PaymentsError(Exception):
    """Base of every refusal in payments.

    `code` is stable and machine-readable; `facts` holds what a sentence needs.
    """

    code = "payments_error"

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code, facts)
        self.facts = facts


class CurrencyMismatch(PaymentsError):
    """Two amounts of different currencies were added, compared or balanced."""

    code = "currency_mismatch"


class UnknownCurrency(PaymentsError):
    """A currency code is not one of ISO 4217's that we handle."""

    code = "unknown_currency"


class IllegalMove(PaymentsError):
    """A state was asked to move where its table of moves has no way."""

    code = "illegal_move"


class Unbalanced(PaymentsError):
    """A ledger entry's lines do not sum to zero in each currency."""

    code = "unbalanced"


class GatewayError(PaymentsError):
    """Base of all that can go wrong when talking to a payment provider."""

    code = "gateway_error"


class GatewayUnreachable(GatewayError):
    """No answer, a broken one, or a 5xx/429: nobody knows yet whether the provider acted. Safe to try again
    with the same idempotency key."""

    code = "gateway_unreachable"


class BrokenAnswer(GatewayUnreachable):
    """The provider answered something that we cannot read about this one object; others may be fine."""

    code = "broken_answer"


class GatewayRefused(GatewayError):
    """The provider answered and refused the request itself; trying the same again will not help."""

    code = "gateway_refused"


class NotAtProvider(GatewayRefused):
    """The provider does not know the object that we asked for."""

    code = "not_at_provider"


class BadSignature(GatewayError):
    """A webhook's signature, timestamp or body does not prove that the provider sent it."""

    code = "bad_signature"


class LiveAttemptExists(PaymentsError):
    """Another attempt for the same subject may still bring money."""

    code = "live_attempt_exists"


class RefundTooLarge(PaymentsError):
    """More was asked back than is left of the payment, or nothing, or another currency."""

    code = "refund_too_large"


class NothingToRefund(PaymentsError):
    """All of the payment went back already, or is on its way."""

    code = "nothing_to_refund"


class NeedsAnotherPerson(PaymentsError):
    """Above the limit somebody else must agree than who asked or agreed before."""

    code = "needs_another_person"


class NotASlip(PaymentsError):
    """The file is no PDF, PNG or JPEG."""

    code = "not_a_slip"


class TooManySlips(PaymentsError):
    """As many slips were sent for this transfer as we take."""

    code = "too_many_slips"


class ValueDateWrong(PaymentsError):
    """The money cannot have come on that day."""

    code = "value_date_wrong"


class BankLineKnown(PaymentsError):
    """Another transfer was confirmed by the same line of the bank."""

    code = "bank_line_known"
