"""Change orders, and who must agree before one is placed."""

from __future__ import annotations

from portal.orders.actions.approvals import approve as approve
from portal.orders.actions.approvals import ask_approval as ask_approval
from portal.orders.actions.approvals import refuse_approval as refuse_approval
from portal.orders.actions.approvals import set_approval_limit as set_approval_limit
from portal.orders.actions.approvals import take_back_approval as take_back_approval
from portal.orders.actions.erasing import forget_person as forget_person
from portal.orders.actions.moves import SYSTEM as SYSTEM
from portal.orders.actions.moves import ask_to_pay as ask_to_pay
from portal.orders.actions.moves import await_payment as await_payment
from portal.orders.actions.moves import await_transfer as await_transfer
from portal.orders.actions.moves import cancel as cancel
from portal.orders.actions.moves import expire as expire
from portal.orders.actions.moves import hold as hold
from portal.orders.actions.moves import mark_paid as mark_paid
from portal.orders.actions.moves import mark_processing as mark_processing
from portal.orders.actions.moves import money_moved as money_moved
from portal.orders.actions.moves import note_failure as note_failure
from portal.orders.actions.moves import place as place
from portal.orders.actions.moves import reopen as reopen
from portal.orders.actions.moves import tell_failure as tell_failure
from portal.orders.actions.moves import tell_refund as tell_refund
