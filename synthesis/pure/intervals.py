"""Intervals for proportions and means, and the small types that every estimate here is made of.

Intervals are two-sided 95 % unless ``level`` says otherwise. An interval that does not exist is ``None``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import stats

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its standard error and interval; each is ``None`` when it is not defined."""

    value: float | None
    se: float | None = None
    ci: Interval | None = None


def z_quantile(level: float = 0.95) -> float:
    """The normal quantile of a two-sided interval at ``level`` (1.96 at 0.95)."""
    _check_level(level)
    return float(stats.norm.ppf(0.5 + level / 2))


def t_quantile(df: float, level: float = 0.95) -> float:
    """The Student t quantile of a two-sided interval at ``level`` with ``df`` > 0 degrees of freedom."""
    _check_level(level)
    if df <= 0:
        raise ValueError(f"a t quantile needs degrees of freedom above 0, not {df}")
    return float(stats.t.ppf(0.5 + level / 2, df))


def two_sided_p(statistic: float, df: float | None = None) -> float:
    """Two-sided p of a z (``df`` None) or t statistic."""
    tail = stats.norm.sf(abs(statistic)) if df is None else stats.t.sf(abs(statistic), df)
    return float(2 * tail)


def around(value: float, se: float, quantile: float) -> Interval:
    """``value`` ± ``quantile`` × ``se``."""
    return value - quantile * se, value + quantile * se


def wilson(events: int, n: int, level: float = 0.95) -> Interval | None:
    """Wilson's score interval of a proportion (Wilson 1927); ``None`` when n is 0."""
    _check_counts(events, n)
    if n == 0:
        return None
    z = z_quantile(level)
    p = events / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low = 0.0 if events == 0 else max(0.0, centre - half)
    high = 1.0 if events == n else min(1.0, centre + half)
    return low, high


def clopper_pearson(events: int, n: int, level: float = 0.95) -> Interval | None:
    """The exact interval of a proportion from beta quantiles (Clopper & Pearson 1934).

    ``None`` when n is 0.
    """
    _check_counts(events, n)
    _check_level(level)
    if n == 0:
        return None
    tail = (1 - level) / 2
    low = 0.0 if events == 0 else float(stats.beta.ppf(tail, events, n - events + 1))
    high = 1.0 if events == n else float(stats.beta.isf(tail, events + 1, n - events))
    return low, high


def upper_one_sided(events: int, n: int, level: float = 0.95) -> float | None:
    """Exact one-sided upper limit of a proportion.

    For no events it is 1 - (1 - level)^(1/n). ``None`` when n is 0.
    """
    _check_counts(events, n)
    _check_level(level)
    if n == 0:
        return None
    return 1.0 if events == n else float(stats.beta.isf(1 - level, events + 1, n - events))


def rule_of_three(events: int, n: int) -> float | None:
    """3/n, cut at 1: the quick upper limit for no events (Hanley & Lippman-Hand 1983); ``None`` otherwise."""
    _check_counts(events, n)
    return min(1.0, 3 / n) if events == 0 and n > 0 else None


def _check_counts(events: int, n: int) -> None:
    if not 0 <= events <= n:
        raise ValueError(f"events must lie between 0 and n: {events} of {n}")


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"the confidence level must lie between 0 and 1, not {level}")
