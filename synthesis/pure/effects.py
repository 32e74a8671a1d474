"""Effects between two groups of children: mean difference, standardised mean difference, ratio of means.

Group 1 is the intervention, group 2 the comparator; an effect is group 1 minus (or over) group 2. Variances
follow R metafor's ``escalc`` unless said otherwise. Whatever is not defined is ``None`` with a note.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from scipy.special import gammaln

from synthesis.pure.conversions import Group
from synthesis.pure.intervals import Interval, around, t_quantile, two_sided_p, z_quantile

Scale = Literal["as measured", "log"]
Test = Literal["z", "t", "Welch t"]


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect with its variance. ``test`` names the quantile behind ``ci`` and ``p``, with its ``df`` if t.

    Ratios stay on the log scale (``scale`` “log”); ``exp()`` gives them back.
    """

    measure: str
    value: float | None
    variance: float | None = None
    ci: Interval | None = None
    statistic: float | None = None
    p: float | None = None
    test: Test = "z"
    df: float | None = None
    scale: Scale = "as measured"
    corrected: bool = False
    note: str | None = None

    @property
    def se(self) -> float | None:
        """The standard error, √variance."""
        return None if self.variance is None else math.sqrt(self.variance)

    def exp(self) -> tuple[float, Interval | None] | None:
        """The ratio and its interval.

        ``None`` for an undefined effect. Raises ValueError off the log scale.
        """
        if self.scale != "log":
            raise ValueError(f"{self.measure} is not on the log scale")
        if self.value is None:
            return None
        limits = None if self.ci is None else (math.exp(self.ci[0]), math.exp(self.ci[1]))
        return math.exp(self.value), limits


def undefined(measure: str, note: str, *, scale: Scale = "as measured", value: float | None = None) -> Effect:
    """An effect without a variance (and mostly without a value), and why."""
    return Effect(measure, value, scale=scale, note=note)


def effect(
    measure: str,
    value: float,
    variance: float,
    *,
    scale: Scale = "as measured",
    test: Test = "z",
    df: float | None = None,
    level: float = 0.95,
    corrected: bool = False,
) -> Effect:
    """Interval and test of a value with its variance; a variance of 0 gives neither and cannot be pooled."""
    if variance <= 0:
        note = "The standard error is 0, so there is no interval, and the effect cannot be weighted."
        return Effect(measure, value, 0.0, test=test, df=df, scale=scale, corrected=corrected, note=note)
    se = math.sqrt(variance)
    quantile = z_quantile(level) if df is None else t_quantile(df, level)
    return Effect(
        measure,
        value,
        variance,
        ci=around(value, se, quantile),
        statistic=value / se,
        p=two_sided_p(value / se, df),
        test=test,
        df=df,
        scale=scale,
        corrected=corrected,
    )


def mean_difference(one: Group, two: Group, *, test: Test = "Welch t", level: float = 0.95) -> Effect:
    """m1 - m2, variance s1²/n1 + s2²/n2. “t” pools the SDs; “Welch t” has Satterthwaite's df; “z” none.

    Without an SD, or with one child in a group, the difference stands without interval.
    """
    value = one.mean - two.mean
    if one.sd is None or two.sd is None:
        return undefined("MD", "A group has no standard deviation.", value=value)
    if one.n < 2 or two.n < 2:
        return undefined("MD", "A group has fewer than two children.", value=value)
    v1, v2 = one.sd**2 / one.n, two.sd**2 / two.n
    if test == "z":
        return effect("MD", value, v1 + v2, level=level)
    if test == "t":
        variance = pooled_sd(one, two) ** 2 * (1 / one.n + 1 / two.n)
        return effect("MD", value, variance, test="t", df=one.n + two.n - 2, level=level)
    df = welch_df(v1, one.n, v2, two.n)
    return effect("MD", value, v1 + v2, test="Welch t", df=df, level=level)


def welch_df(v1: float, n1: int, v2: float, n2: int) -> float | None:
    """Satterthwaite's degrees of freedom of two squared standard errors; ``None`` if both are 0."""
    bottom = v1**2 / (n1 - 1) + v2**2 / (n2 - 1)
    return (v1 + v2) ** 2 / bottom if bottom > 0 else None


def pooled_sd(one: Group, two: Group) -> float:
    """√[((n1-1) s1² + (n2-1) s2²)/(n1+n2-2)].

    Both groups need an SD and two children between them over two.
    """
    if one.sd is None or two.sd is None or one.n + two.n <= 2:
        raise ValueError("a pooled SD needs two SDs and more than two children")
    squares = (one.n - 1) * one.sd**2 + (two.n - 1) * two.sd**2
    return math.sqrt(squares / (one.n + two.n - 2))


def small_sample_factor(df: float, *, exact: bool = True) -> float:
    """Hedges' J: Γ(m/2)/(√(m/2) Γ((m-1)/2)), or its approximation 1 - 3/(4m-1)."""
    if df <= 1:
        raise ValueError("the small-sample factor needs more than one degree of freedom")
    if not exact:
        return 1 - 3 / (4 * df - 1)
    return math.exp(float(gammaln(df / 2) - gammaln((df - 1) / 2))) / math.sqrt(df / 2)


def standardised_mean_difference(
    one: Group, two: Group, *, revman: bool = False, level: float = 0.95
) -> Effect:
    """Hedges' g with exact J, variance 1/n1 + 1/n2 + g²/2N.

    ``revman`` uses RevMan's: approximate J, N/(n1 n2) + g²/(2(N - 3.94)); it breaks for N of five or fewer.
    """
    if one.sd is None or two.sd is None or min(one.n, two.n) < 2:
        return undefined("SMD", "Both groups need a standard deviation and two children.")
    sd = pooled_sd(one, two)
    if sd == 0:
        return undefined("SMD", "Both standard deviations are 0.")
    total = one.n + two.n
    g = (one.mean - two.mean) / sd * small_sample_factor(total - 2, exact=not revman)
    if not revman:
        return effect("SMD", g, 1 / one.n + 1 / two.n + g * g / (2 * total), level=level)
    if total <= 5:
        return undefined("SMD", "RevMan’s variance is not usable for five children or fewer.", value=g)
    return effect("SMD", g, total / (one.n * two.n) + g * g / (2 * (total - 3.94)), level=level)


def ratio_of_means(one: Group, two: Group, *, level: float = 0.95) -> Effect:
    """ln(m1/m2), variance s1²/(n1 m1²) + s2²/(n2 m2²).

    Only for a true ratio scale (g/cm², g): never for Z-scores or percent changes. Both means need one sign.
    """
    if one.mean * two.mean <= 0:
        return undefined("ROM", "The means differ in sign or one is 0: their ratio has no log.", scale="log")
    if one.sd is None or two.sd is None or min(one.n, two.n) < 1:
        return undefined("ROM", "A group has no standard deviation.", scale="log")
    variance = one.sd**2 / (one.n * one.mean**2) + two.sd**2 / (two.n * two.mean**2)
    return effect("ROM", math.log(one.mean / two.mean), variance, scale="log", level=level)
