"""Write the audit trail, in the transaction of the change itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import g, has_request_context, request
from sqlalchemy.orm import Session

from portal.audit.models import AuditNote

SYSTEM = "system"


def note(db: Session, actor: str, action: str, subject: str, at: datetime, **facts: Any) -> None:
    """Note that `actor` did `action` ("contract.extended") to `subject` ("contract:CT-1") at `at`.

    `facts` are JSON values: what it was before and after. No secrets, no mail texts. Address and request id are
    taken from the request, when there is one.
    """
    asked = has_request_context()
    db.add(
        AuditNote(
            at=at,
            actor=actor,
            action=action,
            subject=subject,
            facts=facts,
            ip=request.remote_addr if asked else None,
            request_id=g.get("request_id") if asked else None,
        )
    )
