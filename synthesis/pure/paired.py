"""Effects within the same children: change from baseline, percent change of means, cross-over.

All need the correlation ``r`` between the two measurements, which the caller must have from data; none is
defaulted. Formulas: R metafor ``escalc`` (MC, SMCC, SMCR, ROMC), Fieller 1954, Elbourne 2002 and Cochrane
Handbook 23.2.7.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from synthesis.pure.effects import Effect, effect, small_sample_factor, undefined
from synthesis.pure.intervals import Interval, around, t_quantile


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """Mean and SD of n children before and after, and the correlation r of the two."""

    n: int
    mean_before: float
    mean_after: float
    sd_before: float
    sd_after: float
    r: float

    def __post_init__(self) -> None:
        if self.n < 2 or not -1 <= self.r <= 1 or min(self.sd_before, self.sd_after) < 0:
            raise ValueError("before and after need two children, r within [-1, 1] and no negative SD")

    @property
    def change(self) -> float:
        """Mean after less mean before."""
        return self.mean_after - self.mean_before

    @property
    def sd_change(self) -> float:
        """SD of the change, √(SDb² + SDa² - 2 r SDb SDa)."""
        square = self.sd_before**2 + self.sd_after**2 - 2 * self.r * self.sd_before * self.sd_after
        return math.sqrt(max(0.0, square))


@dataclass(frozen=True, slots=True)
class PercentChange:
    """100 (m_after/m_before - 1): the percent change *of the means*, not the mean of percent changes.

    ``se`` is by the delta method, ``sd`` = se √n, ``ci`` uses t(n-1). ``fieller`` is Fieller's interval,
    defined only if ``fieller_g`` < 1.
    """

    value: float | None
    se: float | None = None
    sd: float | None = None
    ci: Interval | None = None
    fieller: Interval | None = None
    fieller_g: float | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class CrossOver:
    """A two-period cross-over, analysed in pairs."""

    difference: float
    sd_difference: float
    se_difference: float
    smd: float | None
    se_smd: float | None


def mean_change(pair: BeforeAfter, *, level: float = 0.95) -> Effect:
    """Raw mean change, variance SDc²/n (MC)."""
    return effect("MC", pair.change, pair.sd_change**2 / pair.n, level=level)


def change_by_sd_of_change(pair: BeforeAfter, *, level: float = 0.95) -> Effect:
    """Change over the SD of change, J(n-1), variance 1/n + y²/2n (SMCC)."""
    if pair.sd_change == 0 or pair.n < 3:
        return undefined("SMCC", "The SD of change is 0, or there are fewer than three children.")
    value = small_sample_factor(pair.n - 1) * pair.change / pair.sd_change
    return effect("SMCC", value, 1 / pair.n + value**2 / (2 * pair.n), level=level)


def change_by_sd_before(pair: BeforeAfter, *, level: float = 0.95) -> Effect:
    """Change over the baseline SD, J(n-1), variance 2(1-r)/n + y²/2n (SMCR)."""
    if pair.sd_before == 0 or pair.n < 3:
        return undefined("SMCR", "The baseline SD is 0, or there are fewer than three children.")
    value = small_sample_factor(pair.n - 1) * pair.change / pair.sd_before
    return effect("SMCR", value, 2 * (1 - pair.r) / pair.n + value**2 / (2 * pair.n), level=level)


def ratio_of_change(pair: BeforeAfter, *, level: float = 0.95) -> Effect:
    """ln(m_after/m_before) with its delta variance (ROMC); only on a true ratio scale."""
    if pair.mean_before * pair.mean_after <= 0:
        return undefined("ROMC", "The means differ in sign or one is 0: their ratio has no log.", scale="log")
    before, after = pair.sd_before / pair.mean_before, pair.sd_after / pair.mean_after
    variance = (before**2 + after**2 - 2 * pair.r * before * after) / pair.n
    return effect("ROMC", math.log(pair.mean_after / pair.mean_before), variance, scale="log", level=level)


def percent_change(pair: BeforeAfter, *, level: float = 0.95) -> PercentChange:
    """Percent change of the group means with delta and Fieller intervals."""
    if pair.mean_before <= 0 or pair.mean_after <= 0:
        return PercentChange(None, note="A percent change needs two means above 0.")
    n, ratio = pair.n, pair.mean_after / pair.mean_before
    t = t_quantile(n - 1, level)
    v_before, v_after = pair.sd_before**2 / n, pair.sd_after**2 / n
    shared = pair.r * pair.sd_before * pair.sd_after / n
    relative = v_after / pair.mean_after**2 + v_before / pair.mean_before**2
    relative -= 2 * shared / (pair.mean_before * pair.mean_after)
    se = 100 * ratio * math.sqrt(max(0.0, relative))
    value = 100 * (ratio - 1)
    g = t * t * v_before / pair.mean_before**2
    limits = _fieller(ratio, t / pair.mean_before, v_before=v_before, v_after=v_after, shared=shared)
    fieller = None if limits is None else (100 * (limits[0] - 1), 100 * (limits[1] - 1))
    note = (
        None if fieller else "Fieller’s interval has no limits: the baseline mean is too uncertain (g ≥ 1)."
    )
    return PercentChange(value, se, se * math.sqrt(n), around(value, se, t), fieller, g, note)


def _fieller(
    ratio: float, scale: float, *, v_before: float, v_after: float, shared: float
) -> Interval | None:
    """Limits of a ratio of two correlated means (Fieller 1954); ``scale`` is t over the baseline mean."""
    g = scale * scale * v_before
    if g >= 1:
        return None
    if v_before > 0:
        inner = v_after - 2 * ratio * shared + ratio**2 * v_before - g * (v_after - shared**2 / v_before)
    else:
        inner = v_after
    half = scale * math.sqrt(max(0.0, inner))
    centre = ratio - scale * scale * shared
    return (centre - half) / (1 - g), (centre + half) / (1 - g)


def percent_change_difference(one: BeforeAfter, two: BeforeAfter, *, level: float = 0.95) -> Effect:
    """Difference of two percent changes of means; the variances add."""
    first, second = percent_change(one, level=level), percent_change(two, level=level)
    if first.value is None or second.value is None or first.se is None or second.se is None:
        return undefined("difference of percent changes", first.note or second.note or "Not defined.")
    variance = first.se**2 + second.se**2
    return effect("difference of percent changes", first.value - second.value, variance, level=level)


def cross_over(
    n: int, *, mean_one: float, sd_one: float, mean_two: float, sd_two: float, r: float
) -> CrossOver:
    """Paired difference of a cross-over of n children.

    SE = SDdiff/√n; SMD over the mean of both variances.
    """
    pair = BeforeAfter(n, mean_two, mean_one, sd_two, sd_one, r)
    sd = math.sqrt((sd_one**2 + sd_two**2) / 2)
    smd = pair.change / sd if sd > 0 else None
    se_smd = None
    if smd is not None:
        se_smd = math.sqrt(1 / n + smd**2 / (2 * n)) * math.sqrt(2 * (1 - r))
    return CrossOver(pair.change, pair.sd_change, pair.sd_change / math.sqrt(n), smd, se_smd)
