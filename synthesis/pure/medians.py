"""Mean and SD from a median with a range or quartiles, and the test that says when not to.

Sources: Wan 2014 and Shi 2020 (SD), Luo 2018 (mean), Shi 2023 (skewness). These assume a normal
distribution, so a skewed summary is reported as such and not converted unless the caller insists.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import stats

SMALLEST_N = 5


@dataclass(frozen=True, slots=True)
class FromMedian:
    """``skew`` above ``skew_limit`` means that the summary is skewed; mean and SD are then ``None``."""

    mean: float | None
    sd: float | None
    skew: float | None
    skew_limit: float | None
    skewed: bool | None
    formula: str
    problem: str | None = None


def from_median(
    n: int,
    median: float,
    *,
    minimum: float | None = None,
    q1: float | None = None,
    q3: float | None = None,
    maximum: float | None = None,
    although_skewed: bool = False,
) -> FromMedian:
    """Mean and SD from the median with range, quartiles or both; refused below five children."""
    ordered = [value for value in (minimum, q1, median, q3, maximum) if value is not None]
    if n < SMALLEST_N:
        return _none("Fewer than five children: a median is not converted.")
    if ordered != sorted(ordered):
        return _none("The five numbers are not in order.")
    if minimum is not None and maximum is not None and q1 is not None and q3 is not None:
        found = _five(n, low=minimum, q1=q1, median=median, q3=q3, high=maximum)
    elif minimum is not None and maximum is not None:
        found = _range(n, minimum, median, maximum)
    elif q1 is not None and q3 is not None:
        found = _quartiles(n, q1, median, q3)
    else:
        return _none("A median alone has no spread: range or quartiles are needed.")
    if found.skewed and not although_skewed:
        problem = "The summary is skewed (Shi 2023), so mean and SD are not estimated from it."
        return FromMedian(None, None, found.skew, found.skew_limit, True, found.formula, problem)
    return found


def _none(problem: str) -> FromMedian:
    return FromMedian(None, None, None, None, None, "", problem)


def _xi(n: int) -> float:
    return float(2 * stats.norm.ppf((n - 0.375) / (n + 0.25)))


def _eta(n: int) -> float:
    return float(2 * stats.norm.ppf((0.75 * n - 0.125) / (n + 0.25)))


def _range(n: int, low: float, median: float, high: float) -> FromMedian:
    w = 4 / (4 + n**0.75)
    limit = 1 / math.log(n + 9) + 2.5 / (n + 1)
    skew = abs(low + high - 2 * median) / (high - low) if high > low else 0.0
    formula = "mean = w(min + max)/2 + (1 − w) median, w = 4/(4 + n^0.75); SD = (max − min)/ξ(n)"
    mean = w * (low + high) / 2 + (1 - w) * median
    return FromMedian(mean, (high - low) / _xi(n), skew, limit, skew >= limit, formula)


def _quartiles(n: int, q1: float, median: float, q3: float) -> FromMedian:
    w = 0.7 + 0.39 / n
    limit = 2.65 / math.sqrt(n) - 6 / n**2
    skew = abs(q1 + q3 - 2 * median) / (q3 - q1) if q3 > q1 else 0.0
    formula = "mean = w(q1 + q3)/2 + (1 − w) median, w = 0.7 + 0.39/n; SD = (q3 − q1)/η(n)"
    mean = w * (q1 + q3) / 2 + (1 - w) * median
    return FromMedian(mean, (q3 - q1) / _eta(n), skew, limit, skew >= limit, formula)


def _five(n: int, *, low: float, q1: float, median: float, q3: float, high: float) -> FromMedian:
    w1, w2 = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    w = 1 / (1 + 0.07 * n**0.6)
    by_range = abs(low + high - 2 * median) / (high - low) if high > low else 0.0
    by_quartiles = abs(q1 + q3 - 2 * median) / (q3 - q1) if q3 > q1 else 0.0
    skew = max(2.65 * math.log(0.6 * n) / math.sqrt(n) * by_range, by_quartiles)
    limit = 3 / math.sqrt(n) - 40 / n**3
    formula = "mean = w₁(min + max)/2 + w₂(q1 + q3)/2 + (1 − w₁ − w₂) median; SD = w(max − min)/ξ + (1 − w)(q3 − q1)/η"
    mean = w1 * (low + high) / 2 + w2 * (q1 + q3) / 2 + (1 - w1 - w2) * median
    sd = w * (high - low) / _xi(n) + (1 - w) * (q3 - q1) / _eta(n)
    return FromMedian(mean, sd, skew, limit, skew >= limit, formula)
