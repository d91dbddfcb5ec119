"""The ways of a payment: each opens short transactions and asks the provider only between them.

pay             a customer wants the provider's page                         → the page's address
settle          one attempt: ask the provider, then one transaction for all that follows
settle_order    the return page asks for its order
pay_by_transfer the order waits for a bank transfer; pay_at_once is the way back
see_transfer    finance found its money; agree_to_transfer is the second person
clear_slips     what uploads that were cut off have left
cancel          close the page at the provider first, then the order
receive         the provider's door: verify, keep, done
handle_events   what was kept is handled
sweep           what nobody told us: unsettled attempts and refunds, overdue orders, missing fees
catch_up        events that no webhook brought
compare         each night: the provider's payments against ours, both ways
request_refund  money shall go back; people are asked
agree           a yes to a refund; the last one sends it to the provider
settle_refund   one refund: ask the provider, then one transaction for all that follows
watch           every five minutes: the invariants, and what should be heard and is not
"""

from __future__ import annotations

from payments.transfers.rules import SLIP_MAX as SLIP_MAX
from payments.transfers.rules import media_of as media_of
from payments.transfers.rules import slip_kind as slip_kind
from portal.checkout.flows.catching_up import catch_up as catch_up
from portal.checkout.flows.catching_up import compare as compare
from portal.checkout.flows.closing import cancel as cancel
from portal.checkout.flows.intake import handle_events as handle_events
from portal.checkout.flows.intake import receive as receive
from portal.checkout.flows.paying import pay as pay
from portal.checkout.flows.refunding import agree as agree
from portal.checkout.flows.refunding import request_refund as request_refund
from portal.checkout.flows.refunding import settle_refund as settle_refund
from portal.checkout.flows.settling import settle as settle
from portal.checkout.flows.settling import settle_order as settle_order
from portal.checkout.flows.sweeping import sweep as sweep
from portal.checkout.flows.transfers import agree_to_transfer as agree_to_transfer
from portal.checkout.flows.transfers import clear_slips as clear_slips
from portal.checkout.flows.transfers import keep_slip as keep_slip
from portal.checkout.flows.transfers import pay_at_once as pay_at_once
from portal.checkout.flows.transfers import pay_by_transfer as pay_by_transfer
from portal.checkout.flows.transfers import refund_was_sent as refund_was_sent
from portal.checkout.flows.transfers import see_transfer as see_transfer
from portal.checkout.flows.transfers import take_transfer_back as take_transfer_back
from portal.checkout.flows.watching import watch as watch
