"""What scores come to, and how sure one can be of it. Decimal throughout; results in percent (NPS: points).

The formulas are those of the domain guide, section 4: for NPS the variance of one answer is p + d − (p − d)², with
p and d the shares of promoters and detractors; for few answers three quarters of a promoter, one and a half of a
passive and three quarters of a detractor are added first (adjusted Wald), since the plain interval of five
promoters would be ±0. CSAT has Wilson's interval. Both at 95 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Final

Z: Final = Decimal("1.96")
FEW: Final = 30
PROMOTER, PASSIVE = 9, 7
SATISFIED: Final = 4
_ADDED: Final = Decimal("0.75")
_HUNDRED: Final = Decimal(100)
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True)
class Tally:
    """How many answers there are of each kind: NPS's promoters, passives, detractors."""

    promoters: int = 0
    passives: int = 0
    detractors: int = 0

    @classmethod
    def of(cls, counts: Mapping[int, int]) -> Tally:
        """From how often each score was given."""
        promoters = sum(count for score, count in counts.items() if score >= PROMOTER)
        passives = sum(count for score, count in counts.items() if PASSIVE <= score < PROMOTER)
        return cls(promoters, passives, sum(counts.values()) - promoters - passives)

    @property
    def total(self) -> int:
        return self.promoters + self.passives + self.detractors


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval, to two decimals. `few`: too few answers for a headline; show the counts,
    and the adjusted interval."""

    value: Decimal
    low: Decimal
    high: Decimal
    few: bool


@dataclass(frozen=True)
class Change:
    """The step from one period to the next, and within how much it may be chance."""

    by: Decimal
    chance: Decimal

    @property
    def matters(self) -> bool:
        return abs(self.by) > self.chance


def nps(tally: Tally) -> Estimate | None:
    """Net promoter score, −100 to 100: share of promoters less share of detractors; None without answers. Below 30
    answers, and where all agree, value and interval are the adjusted ones (below 30: for the interval's sake, the
    page shows counts)."""
    if not tally.total:
        return None
    few = tally.total < FEW
    value, margin = _nps(tally, adjusted=few or _agree(tally))
    headline = value if few else _nps(tally, adjusted=False)[0]
    low, high = max(value - margin, -_HUNDRED), min(value + margin, _HUNDRED)
    return Estimate(_rounded(headline), _rounded(low), _rounded(high), few)


def change(now: Tally, before: Tally) -> Change | None:
    """How NPS moved between two periods, and the step that chance alone could bring: 1.96 times the root of the
    two variances' sum. None when one of them has fewer than 30 answers."""
    if now.total < FEW or before.total < FEW:
        return None
    (here, margin), (there, other) = (_nps(tally, _agree(tally)) for tally in (now, before))
    with localcontext(prec=50):
        return Change(_rounded(here - there), _rounded((margin * margin + other * other).sqrt()))


def csat(counts: Mapping[int, int]) -> Estimate | None:
    """Share of the scores 4 and 5 in percent with Wilson's interval; None without answers."""
    return wilson(happy(counts), sum(counts.values()))


def happy(counts: Mapping[int, int]) -> int:
    """How many gave 4 or 5."""
    return sum(count for score, count in counts.items() if score >= SATISFIED)


def wilson(hits: int, total: int) -> Estimate | None:
    """`hits` of `total` in percent, with Wilson's interval, which also holds for few; None of none."""
    if not total:
        return None
    with localcontext(prec=50):
        share, n, square = Decimal(hits) / total, Decimal(total), Z * Z
        middle = share + square / (2 * n)
        margin = Z * (share * (1 - share) / n + square / (4 * n * n)).sqrt()
        scale = _HUNDRED / (1 + square / n)
        low, high = max(middle - margin, Decimal(0)) * scale, min((middle + margin) * scale, _HUNDRED)
        return Estimate(_rounded(share * _HUNDRED), _rounded(low), _rounded(high), total < FEW)


def share(part: int, whole: int) -> int | None:
    """`part` of `whole` in basis points, half-up; None of nothing."""
    return (2 * 10_000 * part + whole) // (2 * whole) if whole else None


def _nps(tally: Tally, adjusted: bool) -> tuple[Decimal, Decimal]:
    """The score and the half-width of its interval, in points."""
    with localcontext(prec=50):
        added = _ADDED if adjusted else Decimal(0)
        n = tally.total + 4 * added
        p, d = (tally.promoters + added) / n, (tally.detractors + added) / n
        variance = p + d - (p - d) ** 2
        return (p - d) * _HUNDRED, Z * (variance / n).sqrt() * _HUNDRED


def _agree(tally: Tally) -> bool:
    return tally.total in (tally.promoters, tally.passives, tally.detractors)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_CENT, ROUND_HALF_UP)
