"""Calendar months and quarters, as people choose them: "2026-11", "2026-Q4"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

_SPELLED = re.compile(r"(\d{4})-(?:Q([1-4])|(0[1-9]|1[0-2]))", re.ASCII)
YEARS = range(1970, 2200)


@dataclass(frozen=True)
class Period:
    """A month, or a quarter (three of them): `month` is its first."""

    year: int
    month: int
    months: int

    @classmethod
    def parse(cls, text: str) -> Period | None:
        """The period that `text` spells, or None."""
        found = _SPELLED.fullmatch(text)
        if found is None or int(found[1]) not in YEARS:
            return None
        if found[2]:
            return cls(int(found[1]), int(found[2]) * 3 - 2, 3)
        return cls(int(found[1]), int(found[3]), 1)

    @classmethod
    def month_of(cls, day: date) -> Period:
        return cls(day.year, day.month, 1)

    @classmethod
    def quarter_of(cls, day: date) -> Period:
        return cls(day.year, (day.month - 1) // 3 * 3 + 1, 3)

    @property
    def quarter(self) -> int:
        """Which quarter of the year it is, or lies in: 1 to 4."""
        return (self.month - 1) // 3 + 1

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        return self.moved(1).first - timedelta(days=1)

    def moved(self, periods: int) -> Period:
        """The period so many later (or, negative, earlier)."""
        years, month = divmod(self.year * 12 + self.month - 1 + periods * self.months, 12)
        return Period(years, month + 1, self.months)

    def __str__(self) -> str:
        return f"{self.year:04}-Q{self.quarter}" if self.months == 3 else f"{self.year:04}-{self.month:02}"
