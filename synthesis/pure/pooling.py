"""Pooling by inverse variance: equal effects or random effects, with every rule named.

Nothing here decides whether to pool; that is the reviewer's act. Defaults are Cochrane's of 2024: REML, the
interval of Hartung, Knapp, Sidik & Jonkman, I² from tau², Q-profile, and a prediction interval. The
interval is widened to Wald's t if the Hartung-Knapp one is narrower (Röver 2015).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy import stats

from synthesis.pure.heterogeneity import (
    Method,
    Vector,
    q_profile,
    q_statistic,
    tau2,
    typical_variance,
    weighted_mean,
)
from synthesis.pure.intervals import Interval, around, t_quantile, two_sided_p, z_quantile
from synthesis.pure.numerals import number

IntervalRule = Literal["HKSJ modified", "HKSJ", "Wald z", "Wald t"]
PredictionRule = Literal["t(k-1), HKSJ", "t(k-1), Wald", "t(k-2), HKSJ", "t(k-2), Wald", "z, Wald"]


@dataclass(frozen=True, slots=True)
class StudyEffect:
    """One study's effect and its variance on the scale of the pool (log for ratios)."""

    label: str
    value: float
    variance: float


@dataclass(frozen=True, slots=True)
class Mean:
    """A pooled mean with one rule's standard error, interval and test."""

    rule: IntervalRule
    se: float
    ci: Interval
    statistic: float | None
    df: int | None
    p: float | None


@dataclass(frozen=True, slots=True)
class Pooled:
    """A pooled effect of k studies; ``None`` fields are undefined and ``notes`` says why.

    ``mean`` is the interval asked for; ``intervals`` holds every rule. ``q`` is the Hartung-Knapp factor.
    I² and H² are from tau² (I² in percent), ``i2_from_q`` is the older I². ``prediction`` follows
    ``prediction_rule``.
    """

    k: int
    method: Method
    estimate: float | None
    mean: Mean | None = None
    intervals: tuple[Mean, ...] = ()
    tau2: float | None = None
    tau2_ci: Interval | None = None
    tau2_maxima: tuple[float, ...] = ()
    i2: float | None = None
    i2_ci: Interval | None = None
    i2_from_q: float | None = None
    h2: float | None = None
    cochran_q: float | None = None
    cochran_df: int = 0
    cochran_p: float | None = None
    q: float | None = None
    prediction: Interval | None = None
    prediction_rule: PredictionRule | None = None
    predictions: tuple[tuple[PredictionRule, Interval], ...] = ()
    weights_percent: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()

    def interval(self, rule: IntervalRule) -> Mean | None:
        """The interval by one rule, if it exists."""
        return next((mean for mean in self.intervals if mean.rule == rule), None)


def pool(
    effects: Sequence[StudyEffect],
    *,
    method: Method = "REML",
    rule: IntervalRule = "HKSJ modified",
    prediction_rule: PredictionRule = "t(k-1), HKSJ",
    level: float = 0.95,
) -> Pooled:
    """Pool the effects.

    One study is shown as it is; none gives words. Variances must be above 0 (ValueError).
    """
    if any(not (math.isfinite(item.value) and item.variance > 0) for item in effects):
        raise ValueError("an effect without a variance above 0 cannot be weighted")
    if not effects:
        return Pooled(
            0, method, None, notes=("No study has an effect with a standard error: nothing to pool.",)
        )
    y = np.array([item.value for item in effects], dtype=np.float64)
    v = np.array([item.variance for item in effects], dtype=np.float64)
    if len(effects) == 1:
        return _one(float(y[0]), float(v[0]), method, level)
    return _several(y, v, method=method, rule=rule, prediction_rule=prediction_rule, level=level)


def _one(value: float, variance: float, method: Method, level: float) -> Pooled:
    wald = _mean("Wald z", value, math.sqrt(variance), df=None, level=level)
    note = "One study: the result is that study’s own, with a normal interval; heterogeneity is not defined."
    return Pooled(1, method, value, wald, (wald,), weights_percent=(100.0,), cochran_q=0.0, notes=(note,))


def _mean(rule: IntervalRule, value: float, se: float, *, df: int | None, level: float) -> Mean:
    if se == 0:
        return Mean(rule, 0.0, (value, value), None, df, None)
    quantile = z_quantile(level) if df is None else t_quantile(df, level)
    return Mean(rule, se, around(value, se, quantile), value / se, df, two_sided_p(value / se, df))


def _several(
    y: Vector,
    v: Vector,
    *,
    method: Method,
    rule: IntervalRule,
    prediction_rule: PredictionRule,
    level: float,
) -> Pooled:
    k, df = len(y), len(y) - 1
    between = tau2(y, v, method)
    mu, w = weighted_mean(y, v, between.value)
    wald_se = float(1 / math.sqrt(np.sum(w)))
    q = float(np.sum(w * (y - mu) ** 2)) / df
    hksj_se = wald_se * math.sqrt(q)
    intervals = [_mean("Wald z", mu, wald_se, df=None, level=level)]
    if method != "EE":
        intervals += [
            _mean("Wald t", mu, wald_se, df=df, level=level),
            _mean("HKSJ", mu, hksj_se, df=df, level=level),
            _mean("HKSJ modified", mu, wald_se * math.sqrt(max(1.0, q)), df=df, level=level),
        ]
    chosen = next((mean for mean in intervals if mean.rule == rule), intervals[0])
    cochran = q_statistic(y, v)
    typical = typical_variance(v)
    profile = q_profile(y, v, level)
    i2 = 100 * between.value / (typical + between.value)
    spread = {
        "Wald": math.hypot(math.sqrt(between.value), wald_se),
        "HKSJ": math.hypot(math.sqrt(between.value), hksj_se),
    }
    predictions = _predictions(mu, spread, k=k, level=level) if method != "EE" else ()
    named = dict(predictions).get(prediction_rule)
    i2_from_q = max(0.0, 100 * (cochran - df) / cochran) if cochran > 0 else 0.0
    ci = profile.ci
    found = Pooled(
        k=k,
        method=method,
        estimate=mu,
        mean=chosen,
        intervals=tuple(intervals),
        tau2=between.value,
        tau2_ci=ci,
        tau2_maxima=between.maxima,
        i2=i2_from_q if method == "EE" else i2,
        i2_ci=None if ci is None else (_i2(ci[0], typical), _i2(ci[1], typical)),
        i2_from_q=i2_from_q,
        h2=cochran / df if method == "EE" else 1 + between.value / typical,
        cochran_q=cochran,
        cochran_df=df,
        cochran_p=float(stats.chi2.sf(cochran, df)),
        q=q if method != "EE" else None,
        prediction=named,
        prediction_rule=prediction_rule if named else None,
        predictions=predictions,
        weights_percent=tuple(float(share) for share in 100 * w / np.sum(w)),
    )
    return replace(found, notes=_notes(found, rule, profile.note))


def _i2(value: float, typical: float) -> float:
    return 100 * value / (typical + value)


def _predictions(
    mu: float, spread: Mapping[str, float], *, k: int, level: float
) -> tuple[tuple[PredictionRule, Interval], ...]:
    """mu ± quantile × √(tau² + se²) for k of three or more, by each rule."""
    if k < 3:
        return ()
    first, second, z = t_quantile(k - 1, level), t_quantile(k - 2, level), z_quantile(level)
    return (
        ("t(k-1), HKSJ", around(mu, spread["HKSJ"], first)),
        ("t(k-1), Wald", around(mu, spread["Wald"], first)),
        ("t(k-2), HKSJ", around(mu, spread["HKSJ"], second)),
        ("t(k-2), Wald", around(mu, spread["Wald"], second)),
        ("z, Wald", around(mu, spread["Wald"], z)),
    )


def _notes(found: Pooled, rule: IntervalRule, profile_note: str | None) -> tuple[str, ...]:
    notes = []
    if found.method == "EE" and rule != "Wald z":
        notes.append("Equal effects: the interval is Wald’s, with the normal quantile.")
    if found.k == 2:
        notes.append("Two studies: the interval rests on one degree of freedom, and tau² is hardly known.")
    if found.k < 3 and found.method != "EE":
        notes.append("A prediction interval needs three studies.")
    if found.q is not None and found.q < 1 and rule == "HKSJ modified":
        notes.append("The Hartung-Knapp interval would be narrower than Wald’s t; the wider one is shown.")
    if found.q == 0:
        notes.append("All effects are equal: the plain Hartung-Knapp standard error is 0.")
    if len(found.tau2_maxima) > 1:
        others = ", ".join(number(value) for value in found.tau2_maxima[1:])
        notes.append(
            f"The likelihood has several maxima; the global one is taken, others at tau² = {others}."
        )
    if profile_note:
        notes.append(profile_note)
    ci, value = found.tau2_ci, found.tau2
    if ci is not None and value is not None and not ci[0] <= value <= ci[1] and found.method != "EE":
        notes.append("tau² lies outside its Q-profile interval; that happens, they rest on different rules.")
    return tuple(notes)
