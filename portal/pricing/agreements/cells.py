"""What each cell of a file of agreements may hold. Pure: text in, an agreement out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar

from portal.pricing import rules
from portal.pricing.errors import NoRate, NotAPercentage, NotOneOf
from portal.pricing.rules import Method, Pick, RenewalRow

REQUIRED: Final = ("contract_number", "method")
COLUMNS: Final = (*REQUIRED, "product", "rate", "index", "points", "pick", "cap", "month")
MOST_INDEX_POINTS: Final = 2_000  # basis points that may be added to an index

_PERCENT: Final = re.compile(r"-?\d{1,3}(\.\d{1,2})?", re.ASCII)
_MONTHS: Final = tuple(str(month) for month in range(1, 13))

C = TypeVar("C", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Agreed:
    """A row of the file whose cells all make sense; `row` counts as spreadsheets do."""

    row: int
    contract_number: str
    agreement: RenewalRow


def read(row: int, texts: Mapping[str, str]) -> Agreed:
    """What a row says, by the names of COLUMNS. Raises NotOneOf, NotAPercentage, NoRate; what its method does not
    ask for is not looked at."""
    product, method = texts["product"] or None, _choice("method", texts["method"], Method)
    if method is not Method.UPLIFT:
        return Agreed(row, texts["contract_number"], RenewalRow(product, method))
    rate, series = _percent("rate", texts["rate"], 0, rules.MOST_UPLIFT), texts["index"] or None
    if rate is None and series is None:
        raise NoRate
    points = _percent("points", texts["points"], -MOST_INDEX_POINTS, MOST_INDEX_POINTS) or 0
    month = _one_of("month", texts["month"].lstrip("0"), _MONTHS) if texts["month"] else None
    pick = _choice("pick", texts["pick"], Pick) if texts["pick"] else Pick.LESSER
    return Agreed(
        row,
        texts["contract_number"],
        RenewalRow(
            product, method, rate=rate, series=series, points=points if series else 0,
            month=int(month) if month and series else None, pick=pick,
            cap=_percent("cap", texts["cap"], 0, rules.MOST_UPLIFT),
        ),
    )  # fmt: skip


def points_in(text: str) -> int | None:
    """A percentage such as 3, 2.5 or 2.5% in basis points; None when it is none."""
    typed = text.removesuffix("%").removesuffix("％").strip()
    return int(Decimal(typed) * 100) if _PERCENT.fullmatch(typed) else None


def percentage(points: int) -> str:
    """Basis points as somebody types a percentage: 250 is 2.5."""
    return f"{Decimal(points).scaleb(-2).normalize():f}"


def _percent(name: str, text: str, least: int, most: int) -> int | None:
    if not text:
        return None
    points = points_in(text)
    if points is None or not least <= points <= most:
        raise NotAPercentage(field=name, least=percentage(least), most=percentage(most))
    return points


def _choice(name: str, text: str, kind: type[C]) -> C:
    return kind(_one_of(name, text.lower(), kind))


def _one_of(name: str, text: str, known: Iterable[str]) -> str:
    words = [str(each) for each in known]
    if text not in words:
        raise NotOneOf(field=name, value=text[:40], known=words)
    return text
