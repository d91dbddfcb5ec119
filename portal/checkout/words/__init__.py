"""Say what became of money: payments (what comes), returns (what goes back, and what waits for people)."""

from __future__ import annotations

from portal.checkout.words.payments import awaits_transfer as awaits_transfer
from portal.checkout.words.payments import cancelled as cancelled
from portal.checkout.words.payments import expired as expired
from portal.checkout.words.payments import failed as failed
from portal.checkout.words.payments import failure as failure
from portal.checkout.words.payments import held as held
from portal.checkout.words.payments import on_hold as on_hold
from portal.checkout.words.payments import on_hold_for_staff as on_hold_for_staff
from portal.checkout.words.payments import paid as paid
from portal.checkout.words.payments import placed as placed
from portal.checkout.words.payments import refusal as refusal
from portal.checkout.words.payments import unmatched as unmatched
from portal.checkout.words.returns import ALARMS as ALARMS
from portal.checkout.words.returns import DISPUTE_STATES as DISPUTE_STATES
from portal.checkout.words.returns import EXCEPTIONS as EXCEPTIONS
from portal.checkout.words.returns import GROUPS as GROUPS
from portal.checkout.words.returns import REFUND_STATES as REFUND_STATES
from portal.checkout.words.returns import RESOLUTIONS as RESOLUTIONS
from portal.checkout.words.returns import alarm as alarm
from portal.checkout.words.returns import disputed as disputed
from portal.checkout.words.returns import exception as exception
from portal.checkout.words.returns import refund_failed as refund_failed
from portal.checkout.words.returns import refunded as refunded
from portal.checkout.words.returns import refusal_of_money as refusal_of_money
from portal.checkout.words.returns import resolution as resolution
from portal.checkout.words.returns import silence as silence
