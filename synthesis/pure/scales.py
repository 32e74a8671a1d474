"""Moving a bone measurement to another scale: Z-score, change per year, standardised spine BMD, log ratio.

None of these is ever applied silently; each result names what it assumes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from synthesis.pure.conversions import Derived
from synthesis.pure.intervals import z_quantile
from synthesis.pure.numerals import number

Maker = Literal["hologic", "lunar", "norland"]

# Hui 1997, Osteoporosis International: slope, centre; sBMD = slope × (x − centre) + 1.0436, g/cm²
_HUI: dict[Maker, tuple[float, float]] = {
    "hologic": (1.0550, 0.972),
    "lunar": (0.9683, 1.100),
    "norland": (0.9743, 0.969),
}


@dataclass(frozen=True, slots=True)
class LogRatio:
    """A ratio on the log scale; ``asymmetry`` far from 0 means a typing error or another kind of interval."""

    log: float | None
    se: float | None
    asymmetry: float | None
    problem: str | None = None


def z_score(value: float, reference_mean: float, reference_sd: float) -> Derived:
    """(value - mean)/SD of the reference for this densitometer, age and sex."""
    formula = f"Z = (x − μ)/σ = ({number(value)} − {number(reference_mean)}) / {number(reference_sd)}"
    inputs = {"value": value, "reference_mean": reference_mean, "reference_sd": reference_sd}
    if reference_sd <= 0:
        return Derived(None, formula, inputs, problem="The reference SD must be above 0.")
    assumption = "One reference (device, age, sex) applies to the value."
    return Derived((value - reference_mean) / reference_sd, formula, inputs, assumption)


def per_year(change: float, months: float) -> Derived:
    """Linear change per 12 months; for display, not for pooling. An SD is annualised by the same factor."""
    formula = f"change × 12 / months = {number(change)} × 12 / {number(months)}"
    inputs = {"change": change, "months": months}
    if months <= 0:
        return Derived(None, formula, inputs, problem="The time must be above 0 months.")
    return Derived(change * 12 / months, formula, inputs, "The change is linear in time.")


def compound_percent_per_year(percent: float, months: float) -> Derived:
    """Percent a year that compounds to ``percent`` over the months: 100[(1 + p/100)^(12/months) - 1]."""
    formula = f"100 × [(1 + {number(percent)}/100)^(12/{number(months)}) − 1]"
    inputs = {"percent": percent, "months": months}
    if months <= 0 or percent <= -100:
        return Derived(None, formula, inputs, problem="The time must be above 0 and the change above −100 %.")
    value = 100 * ((1 + percent / 100) ** (12 / months) - 1)
    return Derived(value, formula, inputs, "The percent change compounds evenly.")


def standardised_spine_bmd(value: float, maker: Maker) -> Derived:
    """Spine sBMD in g/cm² (Hui 1997) from aBMD in g/cm².

    Adults; not validated in children: a sensitivity only.
    """
    slope, centre = _HUI[maker]
    formula = f"sBMD = {slope} × ({number(value)} − {centre}) + 1.0436"
    assumption = "Equations made in adults; not validated in children."
    return Derived(slope * (value - centre) + 1.0436, formula, {"value": value}, assumption)


def log_ratio(estimate: float, low: float, high: float, level: float = 0.95) -> LogRatio:
    """Log of a printed ratio and its SE, (ln upper - ln lower)/(2 z)."""
    if not 0 < low <= estimate <= high:
        return LogRatio(None, None, None, "A ratio must lie above 0 and inside its interval.")
    log, bottom, top = math.log(estimate), math.log(low), math.log(high)
    se = (top - bottom) / (2 * z_quantile(level))
    return LogRatio(log, se, 2 * log - top - bottom)
