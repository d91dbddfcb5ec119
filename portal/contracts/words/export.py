"""What a contract's row in an export says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from portal.contracts import rules
from portal.contracts.queries import outline
from portal.contracts.words.standing import SEGMENTS, standing_chip
from portal.kit import clock
from portal.kit.export import Column


def columns(at: datetime) -> list[Column[Any]]:
    """The columns of the contracts' export, of rows as queries.every_contract gives them; standing as of `at`."""
    segments = {segment: str(label) for segment, label in SEGMENTS.items()}
    return [
        Column(_("Contract"), lambda row: row.number),
        Column(_("Company"), lambda row: row.company),
        Column(_("Segment"), lambda row: segments[row.segment]),
        Column(_("Standing"), _standing(at)),
        Column(_("First day"), lambda row: row.first_start),
        Column(_("Last day"), lambda row: row.ends_on),
        Column(_("Currency"), lambda row: row.currency),
        Column(_("Account manager"), lambda row: row.owner),
        Column(_("Time zone"), lambda row: row.zone),
    ]


def _standing(at: datetime) -> Callable[[Any], str]:
    today: dict[str, date] = {}

    def said(row: Any) -> str:
        on = today.get(row.zone) or today.setdefault(row.zone, clock.day(at, row.zone))
        terms = outline(row.first_start, row.last_start, row.ends_on)
        declined = row.declined_at is not None
        standing = rules.standing(terms, on, declined)
        return standing_chip(standing, rules.can_renew(terms, on, declined))[1]

    return said
