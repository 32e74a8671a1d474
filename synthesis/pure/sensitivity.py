"""What a pooled mean rests on: leaving each study out, subgroups, small-study effects.

Subgroups each have their own tau² and are compared by Q between (RevMan). Egger's regression needs ten
studies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from synthesis.pure.heterogeneity import Method
from synthesis.pure.intervals import two_sided_p
from synthesis.pure.pooling import IntervalRule, Pooled, StudyEffect, pool

EGGER_MINIMUM = 10


@dataclass(frozen=True, slots=True)
class Subgroups:
    """One pool a subgroup, and the test that they differ; ``None`` with fewer than two subgroups."""

    groups: tuple[tuple[str, Pooled], ...]
    q_between: float | None
    df: int
    p: float | None


@dataclass(frozen=True, slots=True)
class Egger:
    """Egger's intercept (effect/SE on 1/SE, least squares); ``None`` with a note below ten studies."""

    intercept: float | None
    se: float | None = None
    t: float | None = None
    df: int | None = None
    p: float | None = None
    note: str | None = None


def leave_one_out(
    effects: Sequence[StudyEffect], *, method: Method = "REML", rule: IntervalRule = "HKSJ modified"
) -> tuple[tuple[str, Pooled], ...]:
    """The pool without each study in turn; empty for fewer than two studies."""
    if len(effects) < 2:
        return ()
    return tuple(
        (left.label, pool([item for item in effects if item is not left], method=method, rule=rule))
        for left in effects
    )


def subgroups(
    effects: Sequence[StudyEffect],
    groups: Sequence[str],
    *,
    method: Method = "REML",
    rule: IntervalRule = "HKSJ modified",
) -> Subgroups:
    """Pool within each group; Q between uses the Wald standard errors of the group means on groups - 1 df."""
    if len(effects) != len(groups):
        raise ValueError("every effect needs its subgroup")
    names = dict.fromkeys(groups)
    made = []
    for name in names:
        members = [item for item, group in zip(effects, groups, strict=True) if group == name]
        made.append((name, pool(members, method=method, rule=rule)))
    if len(made) < 2:
        return Subgroups(tuple(made), None, 0, None)
    walds = [pooled.interval("Wald z") for _, pooled in made]
    weights = np.array([1 / wald.se**2 for wald in walds if wald is not None])
    means = np.array([pooled.estimate for _, pooled in made], dtype=np.float64)
    mean = float(np.sum(weights * means) / np.sum(weights))
    q = float(np.sum(weights * (means - mean) ** 2))
    df = len(made) - 1
    return Subgroups(tuple(made), q, df, float(stats.chi2.sf(q, df)))


def egger(effects: Sequence[StudyEffect], *, minimum: int = EGGER_MINIMUM) -> Egger:
    """Egger's regression test of funnel asymmetry (Egger 1997)."""
    if len(effects) < max(3, minimum):
        return Egger(None, note=f"The test needs {max(3, minimum)} studies; there are {len(effects)}.")
    y = np.array([item.value for item in effects])
    se = np.sqrt([item.variance for item in effects])
    if np.ptp(se) == 0:
        return Egger(None, note="All studies have the same standard error: there is nothing to regress on.")
    design = np.column_stack([np.ones(len(y)), 1 / se])
    coefficients, *_ = np.linalg.lstsq(design, y / se, rcond=None)
    df = len(y) - 2
    residual = float(np.sum((y / se - design @ coefficients) ** 2)) / df
    error = float(np.sqrt(residual * np.linalg.inv(design.T @ design)[0, 0]))
    intercept = float(coefficients[0])
    t = intercept / error
    return Egger(intercept, error, t, df, two_sided_p(t, df))
