"""Synthesis without a pooled effect: vote counting by direction, combining p values, median of effects.

Votes are counted by the direction of effects and never by significance (Cochrane Handbook 12.2.1.3). A
result that is only “not significant” has no direction and is listed apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from synthesis.pure.intervals import Interval, clopper_pearson, wilson


@dataclass(frozen=True, slots=True)
class Votes:
    """Studies that favour the intervention among those with a direction; exact sign test."""

    favour: int
    with_direction: int
    without_direction: int
    proportion: float | None
    p: float | None
    p_greater: float | None
    wilson: Interval | None
    exact: Interval | None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class CombinedP:
    """Fisher's and Stouffer's combination of one-sided p values in one direction."""

    fisher_chi2: float
    fisher_df: int
    fisher_p: float
    stouffer_z: float
    stouffer_p: float


@dataclass(frozen=True, slots=True)
class Middle:
    """Median, quartiles (linear interpolation, R type 7) and range of k effects."""

    k: int
    median: float | None
    q1: float | None
    q3: float | None
    low: float | None
    high: float | None


def votes(favour: int, against: int, without_direction: int = 0) -> Votes:
    """Count directions; studies whose effect is exactly 0 or unknown belong to ``without_direction``."""
    if min(favour, against, without_direction) < 0:
        raise ValueError("votes are counts of 0 or more")
    n = favour + against
    if n == 0:
        note = "No study reports a direction, so there is nothing to count."
        return Votes(0, 0, without_direction, None, None, None, None, None, note)
    two = float(stats.binomtest(favour, n).pvalue)
    greater = float(stats.binomtest(favour, n, alternative="greater").pvalue)
    return Votes(
        favour, n, without_direction, favour / n, two, greater, wilson(favour, n), clopper_pearson(favour, n)
    )


def one_sided(p_two_sided: float, *, favours: bool) -> float:
    """The one-sided p in the direction of the intervention from a two-sided p and the direction of the
    effect.
    """
    if not 0 < p_two_sided <= 1:
        raise ValueError("p must lie above 0 and not above 1")
    return p_two_sided / 2 if favours else 1 - p_two_sided / 2


def combine_p(p: Sequence[float], weights: Sequence[float] | None = None) -> CombinedP | None:
    """Fisher: -2 sum ln p on chi² with 2k df. Stouffer: sum w z / √sum w². ``None`` for no p values."""
    if not p:
        return None
    if any(not 0 < value < 1 for value in p):
        raise ValueError("one-sided p values lie between 0 and 1")
    given = [1.0] * len(p) if weights is None else list(weights)
    if len(given) != len(p) or any(weight <= 0 for weight in given):
        raise ValueError("every p value needs a weight above 0")
    chi2 = -2 * sum(math.log(value) for value in p)
    scores = stats.norm.isf(np.asarray(p, dtype=np.float64))
    z = float(np.dot(given, scores) / math.sqrt(sum(weight**2 for weight in given)))
    return CombinedP(chi2, 2 * len(p), float(stats.chi2.sf(chi2, 2 * len(p))), z, float(stats.norm.sf(z)))


def middle(effects: Sequence[float]) -> Middle:
    """The middle and spread of effects on one scale."""
    if not effects:
        return Middle(0, None, None, None, None, None)
    q1, median, q3 = (float(value) for value in np.percentile(np.asarray(effects), [25, 50, 75]))
    return Middle(len(effects), median, q1, q3, min(effects), max(effects))
