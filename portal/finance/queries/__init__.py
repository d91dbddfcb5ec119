"""Find payments (payments), their totals and proofs (proofs), refunds and exceptions (returns), and bank transfers
(transfers)."""

from __future__ import annotations

from portal.finance.queries.payments import Filters as Filters
from portal.finance.queries.payments import Payment as Payment
from portal.finance.queries.payments import currencies_and_open as currencies_and_open
from portal.finance.queries.payments import every_payment as every_payment
from portal.finance.queries.payments import find as find
from portal.finance.queries.payments import payments as payments
from portal.finance.queries.proofs import Posting as Posting
from portal.finance.queries.proofs import clearing_proofs as clearing_proofs
from portal.finance.queries.proofs import postings as postings
from portal.finance.queries.proofs import sums as sums
from portal.finance.queries.returns import About as About
from portal.finance.queries.returns import ExceptionRow as ExceptionRow
from portal.finance.queries.returns import RefundRow as RefundRow
from portal.finance.queries.returns import about as about
from portal.finance.queries.returns import closed_exceptions as closed_exceptions
from portal.finance.queries.returns import count_open as count_open
from portal.finance.queries.returns import open_exceptions as open_exceptions
from portal.finance.queries.returns import refunds_decided as refunds_decided
from portal.finance.queries.returns import refunds_waiting as refunds_waiting
from portal.finance.queries.transfers import DONE as DONE
from portal.finance.queries.transfers import MOST as MOST
from portal.finance.queries.transfers import WAITING as WAITING
from portal.finance.queries.transfers import transfers as transfers
