"""Every table there is: importing this module registers them all."""

from __future__ import annotations

import payments.charges.models
import payments.disputes.models
import payments.inbox.models
import payments.ledger.models
import payments.reconcile.models
import payments.refunds.models
import payments.statements.models
import payments.transfers.models  # noqa: F401
import portal.accounts.factors.models
import portal.accounts.models
import portal.audit.models
import portal.checkout.models
import portal.contracts.imports.models
import portal.contracts.models
import portal.documents.fapiao.models
import portal.documents.models
import portal.kit.install
import portal.kit.jobs
import portal.kit.mail
import portal.kit.numbers
import portal.kit.outbox
import portal.orders.models
import portal.pricing.models
import portal.surveys.models  # noqa: F401
from payments.db import Base as PaymentsBase
from portal.kit.db import Base as PortalBase

METADATA = [PortalBase.metadata, PaymentsBase.metadata]
