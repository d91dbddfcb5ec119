"""Find what checkout knows about an order's money, for pages that may not know payments themselves: payments (what
came), returns (what went back, what waits)."""

from __future__ import annotations

from portal.checkout.queries.payments import Attempt as Attempt
from portal.checkout.queries.payments import Captured as Captured
from portal.checkout.queries.payments import Event as Event
from portal.checkout.queries.payments import PaymentFacts as PaymentFacts
from portal.checkout.queries.payments import attempts as attempts
from portal.checkout.queries.payments import captured as captured
from portal.checkout.queries.payments import events as events
from portal.checkout.queries.payments import payment_facts as payment_facts
from portal.checkout.queries.payments import received as received
from portal.checkout.queries.returns import Back as Back
from portal.checkout.queries.returns import Returned as Returned
from portal.checkout.queries.returns import Standing as Standing
from portal.checkout.queries.returns import given_back as given_back
from portal.checkout.queries.returns import left_of as left_of
from portal.checkout.queries.returns import limit_of as limit_of
from portal.checkout.queries.returns import limits as limits
from portal.checkout.queries.returns import refunds_of as refunds_of
from portal.checkout.queries.returns import returned as returned
from portal.checkout.queries.returns import standings as standings
from portal.checkout.queries.transfers import Awaited as Awaited
from portal.checkout.queries.transfers import Paper as Paper
from portal.checkout.queries.transfers import slip_of as slip_of
from portal.checkout.queries.transfers import transfer_of as transfer_of
from portal.checkout.queries.transfers import transfer_until as transfer_until
