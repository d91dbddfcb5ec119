"""The end of a contract for the customer's own calendar."""

from __future__ import annotations

from email.utils import parseaddr

from flask import Response, current_app

from portal.contracts import queries as contracts
from portal.documents import calendar
from portal.documents.calendar import End
from portal.home.views.blueprint import blueprint
from portal.home.views.contracts import find
from portal.home.words import calendar as words
from portal.kit.db import reader
from portal.kit.guard import Act, needs
from portal.kit.settings import Settings


@blueprint.get("/contracts/<number>/end.ics", endpoint="contract_end")
@needs(Act.SEE_CONTRACTS)
def contract_end(number: str) -> Response:
    """The last day of the contract's latest term."""
    contract = find(reader(), number)
    term = contracts.last_term(contract)
    settings: Settings = current_app.extensions["settings"]
    address = f"{settings.base_url}/contracts/{contract.number}"
    end = End(
        on=term.ends_on,
        summary=words.summary(contract, term),
        description=words.description(contract, address),
        address=address,
        revision=contract.rev,
        changed_at=max(term.created_at, contract.declined_at or term.created_at),
        organizer=parseaddr(settings.mail_from)[1],
    )
    answer = Response(calendar.to_ics(end), content_type="text/calendar; charset=utf-8; method=PUBLISH")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{contract.number}.ics")
    return answer
