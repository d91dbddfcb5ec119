"""Permissions: an act is declared beside every route; who may do which act is decided in accounts/rules.py.

`needs(act)` marks a view; `init_app` refuses a request to a view without a mark and, before any view runs, asks
whether the person at the keyboard may do the act somewhere. Views that take an object then ask `allowed(act,
company_id)` for that object's company; a foreign object answers 404, so that nobody learns that it exists.
"""

from __future__ import annotations

from portal.kit.guard.actor import Actor as Actor
from portal.kit.guard.acts import ASKED_AGAIN as ASKED_AGAIN
from portal.kit.guard.acts import STAFF_ACTS as STAFF_ACTS
from portal.kit.guard.acts import Act as Act
from portal.kit.guard.acts import Door as Door
from portal.kit.guard.checking import Answer as Answer
from portal.kit.guard.checking import allowed as allowed
from portal.kit.guard.checking import check as check
from portal.kit.guard.checking import current as current
from portal.kit.guard.checking import init_app as init_app
from portal.kit.guard.checking import me as me
from portal.kit.guard.checking import require as require
from portal.kit.guard.checking import shut_out as shut_out
from portal.kit.guard.marks import asks_again as asks_again
from portal.kit.guard.marks import confirmed as confirmed
from portal.kit.guard.marks import declare as declare
from portal.kit.guard.marks import keeps as keeps
from portal.kit.guard.marks import matrix as matrix
from portal.kit.guard.marks import needed as needed
from portal.kit.guard.marks import needs as needs
from portal.kit.guard.marks import while_viewing as while_viewing
