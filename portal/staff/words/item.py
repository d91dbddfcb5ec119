"""One thing that happened, as the story of an order tells it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from payments.money import Money
from portal.pricing.words import StepText


@dataclass(frozen=True)
class Price:
    """Why a quote costs what it costs, as the customer read it."""

    steps: Sequence[StepText]
    total_label: str
    total: Money
    tax_note: str


@dataclass(frozen=True)
class Item:
    """Something that happened: when, what, by whom; sentences, ids to look up elsewhere, a way on, a price."""

    at: datetime
    title: str
    by: str | None = None
    notes: Sequence[str] = ()
    ids: Sequence[tuple[str, str]] = ()
    chip: tuple[str, str] | None = None
    link: tuple[str, str] | None = None
    price: Price | None = None


def in_order(*parts: Iterable[Item]) -> list[Item]:
    """All parts as one list by time; what happened at the same instant keeps the order of the parts."""
    return sorted((item for part in parts for item in part), key=lambda item: item.at)
