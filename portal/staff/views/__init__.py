"""The staff's pages."""

from __future__ import annotations

from portal.staff.views import audit as audit
from portal.staff.views import order as order
from portal.staff.views import orders as orders
from portal.staff.views import receipt as receipt
from portal.staff.views import refund as refund
from portal.staff.views import renewals as renewals
from portal.staff.views.blueprint import blueprint as blueprint
