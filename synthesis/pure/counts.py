"""Effects on counts: risk ratio, odds ratio, risk difference, Peto's odds ratio, rate ratio, Fisher's exact test.

One zero cell adds 0.5 to all four cells of a ratio; with no event (or only events) in both groups a ratio
does not exist. Variances follow R metafor's ``escalc``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from synthesis.pure.effects import Effect, effect, undefined

_NO_EVENTS = "No event in either group (or in every child of both): the ratio does not exist."


@dataclass(frozen=True, slots=True)
class TwoArms:
    """Events and children at risk in the intervention (1) and comparator (2) group."""

    events1: int
    n1: int
    events2: int
    n2: int

    def __post_init__(self) -> None:
        if not (0 <= self.events1 <= self.n1 and 0 <= self.events2 <= self.n2 and self.n1 and self.n2):
            raise ValueError("events must lie between 0 and n, and both groups need children")

    def cells(self) -> tuple[float, float, float, float]:
        """a, b, c, d: events and non-events of group 1, then of group 2."""
        return self.events1, self.n1 - self.events1, self.events2, self.n2 - self.events2

    @property
    def informative(self) -> bool:
        """Whether both an event and a non-event occurred at all."""
        return 0 < self.events1 + self.events2 < self.n1 + self.n2


def _corrected(arms: TwoArms) -> tuple[tuple[float, float, float, float], bool]:
    a, b, c, d = arms.cells()
    if 0 in (a, b, c, d):
        return (a + 0.5, b + 0.5, c + 0.5, d + 0.5), True
    return (a, b, c, d), False


def risk_ratio(arms: TwoArms, *, level: float = 0.95) -> Effect:
    """ln of (a/n1)/(c/n2), variance 1/a - 1/n1 + 1/c - 1/n2."""
    if not arms.informative:
        return undefined("RR", _NO_EVENTS, scale="log")
    (a, b, c, d), corrected = _corrected(arms)
    variance = 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)
    value = math.log(a / (a + b)) - math.log(c / (c + d))
    return effect("RR", value, variance, scale="log", corrected=corrected, level=level)


def odds_ratio(arms: TwoArms, *, level: float = 0.95) -> Effect:
    """ln of ad/bc, variance 1/a + 1/b + 1/c + 1/d."""
    if not arms.informative:
        return undefined("OR", _NO_EVENTS, scale="log")
    (a, b, c, d), corrected = _corrected(arms)
    variance = 1 / a + 1 / b + 1 / c + 1 / d
    return effect("OR", math.log(a * d / (b * c)), variance, scale="log", corrected=corrected, level=level)


def risk_difference(arms: TwoArms, *, correct: bool = False, level: float = 0.95) -> Effect:
    """a/n1 - c/n2 without correction; a variance of 0 (all or none in both groups) has no interval."""
    (a, b, c, d), corrected = _corrected(arms) if correct else (arms.cells(), False)
    one, two = a / (a + b), c / (c + d)
    variance = one * (1 - one) / (a + b) + two * (1 - two) / (c + d)
    return effect("RD", one - two, variance, corrected=corrected, level=level)


def peto(arms: TwoArms, *, level: float = 0.95) -> Effect:
    """Peto's log odds ratio (O - E)/V with the hypergeometric V; no correction for zeros."""
    total = arms.n1 + arms.n2
    events = arms.events1 + arms.events2
    v = arms.n1 * arms.n2 * events * (total - events) / (total**2 * (total - 1))
    if v == 0:
        return undefined("Peto OR", _NO_EVENTS, scale="log")
    return effect("Peto OR", (arms.events1 - arms.n1 * events / total) / v, 1 / v, scale="log", level=level)


def rate_ratio(events1: int, time1: float, events2: int, time2: float, *, level: float = 0.95) -> Effect:
    """ln of (e1/t1)/(e2/t2), variance 1/e1 + 1/e2; 0.5 is added to both counts if one is 0.

    Events must be independent: rates before and after treatment in the same children are not.
    """
    if events1 < 0 or events2 < 0 or time1 <= 0 or time2 <= 0:
        raise ValueError("a rate needs a count of 0 or more and time above 0")
    corrected = 0 in (events1, events2)
    one, two = (events1 + 0.5, events2 + 0.5) if corrected else (float(events1), float(events2))
    value = math.log(one / time1) - math.log(two / time2)
    return effect("IRR", value, 1 / one + 1 / two, scale="log", corrected=corrected, level=level)


def fisher_p(arms: TwoArms) -> float:
    """Two-sided p of Fisher's exact test."""
    a, b, c, d = arms.cells()
    return float(stats.fisher_exact(np.array([[a, b], [c, d]], dtype=np.int64))[1])
