"""Mails about an order's money: payments (what comes) and returns (what goes back). Each in its reader's
language, and once."""

from __future__ import annotations

from portal.checkout.jobs.payments import mail_money_unmatched as mail_money_unmatched
from portal.checkout.jobs.payments import mail_order_cancelled as mail_order_cancelled
from portal.checkout.jobs.payments import mail_order_expired as mail_order_expired
from portal.checkout.jobs.payments import mail_order_held as mail_order_held
from portal.checkout.jobs.payments import mail_order_paid as mail_order_paid
from portal.checkout.jobs.payments import mail_order_placed as mail_order_placed
from portal.checkout.jobs.payments import mail_payment_failed as mail_payment_failed
from portal.checkout.jobs.payments import mail_staff_of_hold as mail_staff_of_hold
from portal.checkout.jobs.payments import mail_transfer_awaited as mail_transfer_awaited
from portal.checkout.jobs.payments import readers as readers
from portal.checkout.jobs.returns import mail_alarm as mail_alarm
from portal.checkout.jobs.returns import mail_dispute as mail_dispute
from portal.checkout.jobs.returns import mail_refund_failed as mail_refund_failed
from portal.checkout.jobs.returns import mail_refunded as mail_refunded
