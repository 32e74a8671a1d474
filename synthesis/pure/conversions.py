"""Getting a standard deviation or a change out of what a paper printed, with every assumption named.

Each function returns a ``Derived``: the number, the formula with the inputs filled in, and what had to be
assumed. Impossible input gives no number and a reason. Formulas: Cochrane Handbook 6, sections 6.5.2.2 (one
group), 6.5.2.3 (difference of two groups), 6.5.2.8 (change from baseline), 6.5.2.10 (combining groups).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from scipy import stats

from synthesis.pure.intervals import t_quantile, z_quantile
from synthesis.pure.numerals import number

Quantile = Literal["t", "z"]


@dataclass(frozen=True, slots=True)
class Derived:
    """A number computed from printed ones. ``value`` is ``None`` if it cannot be had, and ``problem`` says why.

    ``formula`` is for people, with the inputs filled in; ``inputs`` holds them by name.
    """

    value: float | None
    formula: str
    inputs: Mapping[str, float] = field(default_factory=dict)
    assumption: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """n, mean and SD of one group; the SD of a single child is ``None``."""

    n: int
    mean: float
    sd: float | None


@dataclass(frozen=True, slots=True)
class Combined:
    """Two or more groups taken as one."""

    n: int
    mean: float | None
    sd: float | None
    formula: str
    problem: str | None = None


def _refused(problem: str, formula: str, **inputs: float) -> Derived:
    return Derived(None, formula, inputs, problem=problem)


def sd_from_se(se: float, n: int) -> Derived:
    """SD = SE √n."""
    formula = f"SD = SE × √n = {number(se)} × √{n}"
    if se < 0 or n < 2:
        return _refused("An SD needs an SE of 0 or more and at least two children.", formula, se=se, n=n)
    return Derived(se * math.sqrt(n), formula, {"se": se, "n": n})


def se_from_ci(low: float, high: float, df: float | None = None, level: float = 0.95) -> Derived:
    """SE = (upper - lower)/(2 × quantile); t with ``df`` degrees of freedom, the normal if ``df`` is None."""
    kind = "z" if df is None else f"t({number(df)})"
    formula = f"SE = (upper − lower) / (2 × {kind}) = ({number(high)} − {number(low)}) / (2 × {kind})"
    inputs = {"low": low, "high": high, "level": level} | ({} if df is None else {"df": df})
    if high < low:
        return _refused("The upper limit is below the lower limit.", formula, **inputs)
    if df is not None and df <= 0:
        return _refused("Too few children for a t interval.", formula, **inputs)
    quantile = z_quantile(level) if df is None else t_quantile(df, level)
    assumption = "The interval was made with the normal quantile." if df is None else None
    return Derived((high - low) / (2 * quantile), formula, inputs, assumption)


def sd_from_ci(
    low: float, high: float, n: int, *, level: float = 0.95, quantile: Quantile | None = None
) -> Derived:
    """SD = √n (upper - lower)/(2 × quantile) of the mean of one group; t below n = 100, z from there on."""
    chosen: Quantile = quantile or ("z" if n >= 100 else "t")
    se = se_from_ci(low, high, n - 1 if chosen == "t" else None, level)
    formula = f"{se.formula}; SD = SE × √{n}"
    inputs = {**se.inputs, "n": n}
    if se.value is None or n < 2:
        return _refused(se.problem or "Too few children for an SD.", formula, **inputs)
    made = "t on n − 1" if chosen == "t" else "the normal"
    return Derived(se.value * math.sqrt(n), formula, inputs, f"The interval was made with {made} quantile.")


def se_of_difference_from_ci(
    low: float, high: float, n1: int, n2: int, *, level: float = 0.95, quantile: Quantile = "t"
) -> Derived:
    """SE of a difference of two means from its interval; t on n1 + n2 - 2, or z."""
    return se_from_ci(low, high, n1 + n2 - 2 if quantile == "t" else None, level)


def se_from_t(difference: float, t: float) -> Derived:
    """SE of a difference (or mean change) from its t statistic, |difference / t|."""
    formula = f"SE = |difference / t| = |{number(difference)} / {number(t)}|"
    if t == 0 or difference == 0:
        return _refused(
            "A difference or t of 0 says nothing about its SE.", formula, difference=difference, t=t
        )
    return Derived(abs(difference / t), formula, {"difference": difference, "t": t})


def se_from_p(difference: float, p: float, df: float, *, operator: str = "=") -> Derived:
    """SE of a difference (or mean change) from its two-sided p, by the t value that belongs to it.

    ``operator`` “<” or “≤” takes the printed bound as the value, which makes the SE too large (conservative).
    “NS” and “>” give no number.
    """
    formula = f"t({number(df)}) for two-sided p = {number(p)}; SE = |{number(difference)} / t|"
    inputs = {"difference": difference, "p": p, "df": df}
    if operator not in ("=", "<", "≤", "<="):
        return _refused("“Not significant” or a lower bound of p gives no SE.", formula, **inputs)
    if not 0 < p < 1 or df <= 0:
        return _refused("p must lie between 0 and 1, and the degrees of freedom above 0.", formula, **inputs)
    if difference == 0:
        return _refused("A difference of 0 says nothing about its SE.", formula, **inputs)
    t = float(stats.t.isf(p / 2, df))
    assumption = "p comes from a two-sided t test."
    if operator != "=":
        assumption += (
            f" The study printed p {operator} {number(p)}; taken as equal, so the SE is conservative."
        )
    return Derived(abs(difference) / t, f"{formula} with t = {number(t)}", inputs, assumption)


def sd_from_se_of_difference(se: float, n1: int, n2: int) -> Derived:
    """The common SD of two groups, SE / √(1/n1 + 1/n2)."""
    formula = f"SD = SE / √(1/n₁ + 1/n₂) = {number(se)} / √(1/{n1} + 1/{n2})"
    if n1 < 1 or n2 < 1 or se < 0:
        return _refused(
            "Both groups need children, and the SE cannot be negative.", formula, se=se, n1=n1, n2=n2
        )
    value = se / math.sqrt(1 / n1 + 1 / n2)
    return Derived(value, formula, {"se": se, "n1": n1, "n2": n2}, "Both groups have the same SD.")


def sd_of_change_from_p(mean_change: float, p: float, n: int, *, operator: str = "=") -> Derived:
    """SD of the change within one group from its paired p: SE = |change| / t(n-1), SD = SE √n."""
    se = se_from_p(mean_change, p, n - 1, operator=operator)
    formula = f"{se.formula}; SD = SE × √{n}"
    if se.value is None:
        return Derived(None, formula, {**se.inputs, "n": n}, problem=se.problem)
    return Derived(se.value * math.sqrt(n), formula, {**se.inputs, "n": n}, "p comes from a paired t test.")


def sd_of_change(sd_baseline: float, sd_final: float, r: float, *, source: str) -> Derived:
    """SD of the change from the SDs at baseline and end and their correlation ``r``, which is never defaulted.

    SD² = SDb² + SDf² - 2 r SDb SDf. ``source`` says where r comes from and is carried in the assumption.
    """
    b, f = number(sd_baseline), number(sd_final)
    formula = f"SD = √(SDb² + SDf² − 2 r SDb SDf) = √({b}² + {f}² − 2 × {number(r)} × {b} × {f})"
    inputs = {"sd_baseline": sd_baseline, "sd_final": sd_final, "r": r}
    if not -1 <= r <= 1 or sd_baseline < 0 or sd_final < 0:
        return _refused("r must lie between −1 and 1, and no SD below 0.", formula, **inputs)
    square = sd_baseline**2 + sd_final**2 - 2 * r * sd_baseline * sd_final
    return Derived(math.sqrt(max(0.0, square)), formula, inputs, f"r = {number(r)}, from {source}.")


def correlation(sd_baseline: float, sd_final: float, sd_change: float) -> Derived:
    """r = (SDb² + SDf² - SDc²)/(2 SDb SDf) from three printed SDs.

    Outside [-1, 1] they cannot belong together.
    """
    b, f, c = number(sd_baseline), number(sd_final), number(sd_change)
    formula = f"r = (SDb² + SDf² − SDc²) / (2 SDb SDf) = ({b}² + {f}² − {c}²) / (2 × {b} × {f})"
    inputs = {"sd_baseline": sd_baseline, "sd_final": sd_final, "sd_change": sd_change}
    if min(sd_baseline, sd_final) <= 0 or sd_change < 0:
        return _refused("r needs two SDs above 0.", formula, **inputs)
    r = (sd_baseline**2 + sd_final**2 - sd_change**2) / (2 * sd_baseline * sd_final)
    if not -1 <= r <= 1:
        problem = f"r would be {number(r)}: these three SDs cannot belong to the same children."
        return _refused(problem, formula, **inputs)
    return Derived(r, formula, inputs)


def combine(groups: Sequence[Group]) -> Combined:
    """Several groups as one: M = Σ n m / N, SD² = [Σ (n-1) s² + Σ n (m-M)²] / (N-1).

    A group of one child has no SD and adds nothing within; any other group without an SD leaves the SD
    undefined.
    """
    formula = "M = Σnm/N; SD² = [Σ(n−1)s² + Σn(m−M)²]/(N−1)"
    if not groups or any(group.n < 1 for group in groups):
        return Combined(0, None, None, formula, "Every group needs at least one child.")
    n = sum(group.n for group in groups)
    mean = sum(group.n * group.mean for group in groups) / n
    if any(group.sd is None and group.n > 1 for group in groups):
        return Combined(n, mean, None, formula, "A group has no SD.")
    if n < 2:
        return Combined(n, mean, None, formula, "One child has no SD.")
    within = sum((group.n - 1) * (group.sd or 0.0) ** 2 for group in groups)
    between = sum(group.n * (group.mean - mean) ** 2 for group in groups)
    return Combined(n, mean, math.sqrt((within + between) / (n - 1)), formula)
