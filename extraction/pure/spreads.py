"""Whether two spreads of different kinds are the same spread.

SD = SE × √n; SD = (upper − lower) / (2 × t) × √n with t at .975 and n − 1 degrees of freedom (Cochrane Handbook
6.5.2). A result is compared with the printed decimals of the other side, never with more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from scipy import stats

from extraction.pure.cells import RowValues
from extraction.pure.numbers import decimals_of, half_unit

SPREAD_FIELDS = ("spread_kind", "spread", "low", "high")


@dataclass(frozen=True, slots=True)
class SameSpread:
    """Two spreads that are one after conversion; ``exact``: to the last printed place, else within rounding."""

    formula: str
    exact: bool


def same_spread(a: RowValues, b: RowValues) -> SameSpread | None:
    """The conversion that makes the spreads of two rows one, or None.

    None also where the kinds are equal or unstated, or where n is missing or differs: no SD follows from an n that
    is not known.
    """
    n = _common_n(a, b)
    for source, target in ((a, b), (b, a)):
        kinds = source.text("spread_kind"), target.text("spread_kind")
        printed = target.text("spread")
        if n is None or n < 2 or printed is None:
            continue
        if kinds == ("se", "sd"):
            found = _from_se(source, printed, n)
        elif kinds[0] == "ci95" and kinds[1] in {"sd", "se"}:
            found = _from_interval(source, printed, n, root=kinds[1] == "sd")
        else:
            continue
        if found is not None:
            return found
    return None


def _common_n(a: RowValues, b: RowValues) -> int | None:
    """The n that both rows have, or the one that is given; None where they differ."""
    known = {n for n in (a.whole("n"), b.whole("n")) if n is not None}
    return known.pop() if len(known) == 1 else None


def _from_se(source: RowValues, printed: str, n: int) -> SameSpread | None:
    text = source.text("spread")
    if text is None:
        return None
    root, slack = math.sqrt(n), float(half_unit(text))
    value = float(Decimal(text)) * root
    formula = f"{text} × √{n} = {value:.{decimals_of(printed)}f}"
    return _judge(value, slack * root, printed, formula)


def _from_interval(source: RowValues, printed: str, n: int, *, root: bool) -> SameSpread | None:
    low, high = source.text("low"), source.text("high")
    if low is None or high is None:
        return None
    t = float(stats.t.ppf(0.975, n - 1))
    factor = (math.sqrt(n) if root else 1.0) / (2 * t)
    value = float(Decimal(high) - Decimal(low)) * factor
    slack = float(half_unit(low) + half_unit(high)) * factor
    tail = f" × √{n}" if root else ""
    formula = f"({high} − {low}) / (2 × {t:.3f}){tail} = {value:.{decimals_of(printed)}f}"
    return _judge(value, slack, printed, formula)


def _judge(value: float, slack: float, printed: str, formula: str) -> SameSpread | None:
    """Exact: the printed number is the rounded result. Otherwise the two rounding intervals must meet."""
    distance, step = abs(value - float(Decimal(printed))), float(half_unit(printed))
    if distance <= step * (1 + 1e-9):
        return SameSpread(formula, exact=True)
    return SameSpread(formula, exact=False) if distance <= step + slack else None


def ratio_is_root_n(a: Decimal, b: Decimal, n: int | None) -> bool:
    """Whether one of two spreads is the other times √n, to 5 %: one may be a standard error."""
    if n is None or n < 3 or a <= 0 or b <= 0:
        return False
    ratio = float(max(a, b) / min(a, b))
    return abs(ratio / math.sqrt(n) - 1) <= 0.05
