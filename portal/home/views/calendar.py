"""A contract's end for people's calendars."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, current_app, url_for

from portal.contracts import queries as contracts
from portal.contracts import words
from portal.documents import calendar
from portal.documents.calendar import EndDay
from portal.home.views.blueprint import blueprint
from portal.home.views.contracts import find
from portal.home.words import contracts as home_words
from portal.kit import i18n
from portal.kit.db import reader
from portal.kit.guard import Act, needs
from portal.kit.i18n import named
from portal.kit.settings import Settings


@blueprint.get("/contracts/<number>/end.ics", endpoint="contract_end")
@needs(Act.SEE_CONTRACTS)
def contract_end(number: str) -> Response:
    """The last day that is paid for, as a calendar file."""
    contract = find(reader(), number)
    settings: Settings = current_app.extensions["settings"]
    last = contracts.last_term(contract)
    name = words.called([named(line.product.names) for line in last.lines])
    title, text = home_words.end_in_calendar(name, contract.number, last.ends_on)
    end = EndDay(
        uid=f"{contract.number}.end@{urlsplit(settings.base_url).hostname}",
        sequence=len(contract.terms) - 1,
        on=last.ends_on,
        changed_at=last.created_at,
        title=title,
        text=text,
        url=settings.base_url + url_for("home.contract", number=contract.number),
        lang=i18n.speaking_now().lang,
    )
    answer = Response(calendar.to_ics(end), mimetype="text/calendar")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{contract.number}.ics")
    return answer
