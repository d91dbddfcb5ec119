"""Finance's pages: payments, transfers, refunds, exceptions, fapiao, bank accounts, limits."""

from __future__ import annotations

from portal.finance.desk import accounts as accounts
from portal.finance.desk import exceptions as exceptions
from portal.finance.desk import fapiao as fapiao
from portal.finance.desk import limits as limits
from portal.finance.desk import payments as payments
from portal.finance.desk import refunds as refunds
from portal.finance.desk import transfers as transfers
from portal.finance.desk.blueprint import blueprint as blueprint
