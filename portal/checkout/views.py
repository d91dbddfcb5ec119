"""The provider's door."""

from __future__ import annotations

import structlog
from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from payments.errors import BadSignature
from portal.checkout import flows
from portal.kit.guard import Door, needs
from portal.kit.web import csrf

blueprint = Blueprint("checkout", __name__)
log = structlog.get_logger(__name__)


@blueprint.post("/stripe/webhook")
@needs(Door.PUBLIC)
@csrf.exempt  # type: ignore[untyped-decorator]
def webhook() -> Response:
    """Keep what the provider tells, if it is the provider who tells; the work is done later. Kinds that we do not
    know are kept too, so that nothing is sent twice."""
    try:
        flows.receive(request.get_data(cache=False), request.headers.get("Stripe-Signature", ""))
    except BadSignature as error:
        log.warning("webhook.refused", **{name: str(value) for name, value in error.facts.items()})
        abort(400)
    return Response(status=200)
