"""Staff's page: what customers say, and how sure one can be of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    Response,
    current_app,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts import queries as accounts
from portal.contracts import words as contract_words
from portal.contracts.models import Segment
from portal.kit import clock, csvout, i18n, listing, web
from portal.kit.db import reader
from portal.kit.guard import Act, confirmed, needs
from portal.kit.settings import Settings
from portal.surveys import rules, words
from portal.surveys.models import Channel, SurveyKind
from portal.surveys.queries import desk as queries
from portal.surveys.queries.desk import Filters, Said
from portal.surveys.rules import Period, Tally

PAGE_ROWS: Final = 50
FIELDS: Final = ("period", "kind", "segment", "owner")
QUARTERS, MONTHS = 8, 12  # how far back the choice of periods goes; older ones open by their address

blueprint = Blueprint("surveys_desk", __name__)


@blueprint.get("/desk/surveys")
@needs(Act.READ_DESK)
def surveys() -> str | BaseResponse:
    db, asked = reader(), listing.Asked(request.args)
    owners = accounts.owner_choices(db)
    period, filters = _filters(asked, owners)
    cursor = asked.cursor()
    page = listing.page(
        lambda at, limit: queries.said(db, filters, at, limit), lambda row: row.place, cursor, PAGE_ROWS
    )
    kept = _kept(period, filters)
    if page is None:
        return redirect(url_for("surveys_desk.surveys", **kept))
    now = clock.now()
    return render_template(
        "surveys/desk.html",
        page=page, filters=filters, period=period, kept=kept, notes=asked.notes, owners=owners, kinds=words.KINDS,
        segments=contract_words.SEGMENTS, periods=_periods(clock.day(now, filters.zone)), words=words,
        is_low=rules.is_low, short=listing.short_in(filters.zone, now), zone=filters.zone,
        zone_name=i18n.zone_name(filters.zone, now), **_figures(period, filters),
    )  # fmt: skip


@blueprint.get("/desk/surveys.csv")
@needs(Act.READ_DESK)
@confirmed
def surveys_csv() -> Response:
    db, asked = reader(), listing.Asked(request.args)
    _period, filters = _filters(asked, accounts.owner_choices(db))
    rows = (_csv_row(row, filters.zone) for row in queries.every_answer(db, filters))
    name = f"surveys-{clock.day(clock.now(), filters.zone).isoformat()}.csv"
    return Response(
        stream_with_context(_encoded(csvout.stream(_csv_head(filters.zone), rows))),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _figures(period: Period | None, filters: Filters) -> dict[str, Any]:
    """What the answers come to, against the period before when one is chosen; who was asked."""
    db = reader()
    counts, whom = queries.counts(db, filters), queries.asked(db, filters)
    tally, change = Tally.of(counts[SurveyKind.NPS]), None
    if period:
        earlier = period.moved(-1)
        before = queries.counts(db, replace(filters, first=earlier.first, last=earlier.last))
        change = rules.change(tally, Tally.of(before[SurveyKind.NPS]))
    return {
        "tally": tally,
        "nps": rules.nps(tally),
        "change": change,
        "csat": rules.csat(counts[SurveyKind.CSAT]),
        "csat_total": sum(counts[SurveyKind.CSAT].values()),
        "csat_happy": rules.happy(counts[SurveyKind.CSAT]),
        "whom": whom,
        "rates": {kind: rules.share(count, whom.total) for kind, count in whom.answered.items()},
    }


def _filters(asked: listing.Asked, owners: list[tuple[int, str]]) -> tuple[Period | None, Filters]:
    """The filters in the address."""
    settings: Settings = current_app.extensions["settings"]
    asked.only(FIELDS)
    owner = asked.one_of("owner", [str(owner_id) for owner_id, _name in owners], _("Account manager"))
    period = _period(asked)
    return period, Filters(
        zone=settings.zone,
        first=period.first if period else None,
        last=period.last if period else None,
        kind=asked.word("kind", SurveyKind, _("Question")),
        segment=asked.word("segment", Segment, _("Segment")),
        owner_id=web.whole_number(owner),
    )


def _period(asked: listing.Asked) -> Period | None:
    given = asked.text("period")
    period = Period.parse(given)
    if given and period is None:
        asked.notes.append(
            _("Period: “%(given)s” is no month such as 2026-11 or quarter such as 2026-Q4; we left it out.",
              given=given)
        )  # fmt: skip
    return period


def _kept(period: Period | None, filters: Filters) -> dict[str, Any]:
    """The filters as an address spells them, for links that stay within them."""
    given = {"period": period, "kind": filters.kind, "segment": filters.segment, "owner": filters.owner_id}
    return {name: str(value) for name, value in given.items() if value is not None}


def _periods(today: date) -> list[tuple[str, str]]:
    """The periods to choose from, the newest first: quarters, then months."""
    quarter, month = Period.quarter_of(today), Period.month_of(today)
    found = [quarter.moved(-back) for back in range(QUARTERS)] + [month.moved(-back) for back in range(MONTHS)]
    return [(str(period), _label(period)) for period in found]


def _label(period: Period) -> str:
    if period.months == 3:
        return _("Quarter %(quarter)s of %(year)s", quarter=period.quarter, year=period.year)
    return i18n.month(period.first)


def _csv_head(zone: str) -> list[str]:
    return [
        _("Date and time (%(zone)s)", zone=zone), _("Question"), _("Score"), _("Main reason"), _("Reason"),
        _("Company"), _("Answered by"), _("Order"), _("Contract"), _("Account manager"), _("Answered in"),
        _("Remarks"),
    ]  # fmt: skip


def _csv_row(row: Said, zone: str) -> list[csvout.Cell]:
    return [
        _stamp(row.answered_at, zone), str(words.KINDS[row.kind]), row.score,
        str(words.CODES[row.code]) if row.code else None, row.reason, row.company, row.person, row.order_number,
        row.contract_number, row.owner, _("Mail") if row.channel is Channel.MAIL else _("Page"),
        "; ".join(words.flags(row.quick, row.several)) or None,
    ]  # fmt: skip


def _stamp(at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")


def _encoded(chunks: Iterator[str]) -> Iterator[bytes]:
    return (chunk.encode() for chunk in chunks)
