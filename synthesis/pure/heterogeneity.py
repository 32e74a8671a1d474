"""Between-study variance tau²: eight estimators, Cochran's Q and the Q-profile interval.

``y`` are effects, ``v`` their variances (> 0), two studies or more. Roots are solved with relative
tolerance: BMD in g/cm² has a tau² about 1e-8, where an absolute stop of 1e-5 finds nothing. Sources:
DerSimonian & Laird 1986; Paule & Mandel 1982; Hedges & Olkin 1985; Sidik & Jonkman 2005; Morris 1983
(empirical Bayes); Viechtbauer 2005 and 2007.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from synthesis.pure.intervals import Interval

Vector = NDArray[np.float64]
Method = Literal["EE", "DL", "PM", "REML", "ML", "HE", "SJ", "EB"]

_GRID = (
    240  # points at which the score's sign is looked at, from a ten-thousandth of the least variance upwards
)


@dataclass(frozen=True, slots=True)
class Tau2:
    """tau² by one method.

    ``maxima`` lists every local maximum of the likelihood (ML, REML), the global one first.
    """

    value: float
    method: Method
    maxima: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """The Q-profile interval of tau². ``ci`` is ``None`` if it is empty; ``note`` then says so."""

    ci: Interval | None
    note: str | None = None


def weighted_mean(y: Vector, v: Vector, tau2: float) -> tuple[float, Vector]:
    """The mean with weights 1/(v + tau²), and those weights."""
    w = 1 / (v + tau2)
    return float(np.sum(w * y) / np.sum(w)), w


def q_statistic(y: Vector, v: Vector, tau2: float = 0.0) -> float:
    """Q(tau²) = sum w (y - mu)², w = 1/(v + tau²); Cochran's Q at tau² = 0."""
    mu, w = weighted_mean(y, v, tau2)
    return float(np.sum(w * (y - mu) ** 2))


def typical_variance(v: Vector) -> float:
    """The typical sampling variance of I² (Higgins & Thompson 2002): (k-1) sum w / ((sum w)² - sum w²)."""
    w = 1 / v
    return float((len(v) - 1) * np.sum(w) / (np.sum(w) ** 2 - np.sum(w**2)))


def tau2(y: Vector, v: Vector, method: Method = "REML") -> Tau2:
    """tau² by the method named, never below 0. Needs two studies and positive variances (ValueError)."""
    if len(y) != len(v) or len(y) < 2:
        raise ValueError("tau² needs at least two studies, each with an effect and a variance")
    if not (np.all(np.isfinite(y)) and np.all(np.isfinite(v)) and np.all(v > 0)):
        raise ValueError("tau² needs finite effects and variances above 0")
    if method in ("REML", "ML"):
        return _likelihood(y, v, method)
    made: dict[str, Callable[[Vector, Vector], float]] = {
        "EE": lambda *_: 0.0,
        "DL": _dersimonian_laird,
        "PM": _paule_mandel,
        "EB": _paule_mandel,
        "HE": _hedges_olkin,
        "SJ": _sidik_jonkman,
    }
    return Tau2(max(0.0, made[method](y, v)), method)


def _dersimonian_laird(y: Vector, v: Vector) -> float:
    w = 1 / v
    c = float(np.sum(w) - np.sum(w**2) / np.sum(w))
    return (q_statistic(y, v) - (len(y) - 1)) / c


def _hedges_olkin(y: Vector, v: Vector) -> float:
    return float(np.var(y, ddof=1) - np.mean(v))


def _sidik_jonkman(y: Vector, v: Vector) -> float:
    """Two steps from the crude variance sum (y - ȳ)²/k; 0 only if all effects are equal."""
    start = float(np.var(y))
    if start == 0:
        return 0.0
    return start * q_statistic(y, v, start) / (len(y) - 1)


def _paule_mandel(y: Vector, v: Vector) -> float:
    """Q(tau²) = k - 1. The empirical Bayes estimate solves the same equation (Viechtbauer 2015)."""
    return _solve_q(y, v, float(len(y) - 1))


def _solve_q(y: Vector, v: Vector, target: float) -> float:
    """The tau² with Q(tau²) = target, 0 if Q(0) is already below it. Q falls steadily in tau²."""
    if q_statistic(y, v) <= target:
        return 0.0
    high = float(np.mean(v)) + float(np.var(y))
    while q_statistic(y, v, high) > target:
        high *= 4
    return _root(lambda t: q_statistic(y, v, t) - target, 0.0, high)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    return float(optimize.brentq(function, low, high, xtol=high * 1e-16 + 1e-300, rtol=1e-15, maxiter=500))


def _likelihood(y: Vector, v: Vector, method: Literal["REML", "ML"]) -> Tau2:
    """The global maximum over all roots of the score and the boundary 0.

    A falling likelihood at 0 does not make 0 the answer: about one small set in a hundred has several maxima.
    """
    restricted = method == "REML"

    def score(t: float) -> float:
        mu, w = weighted_mean(y, v, t)
        value = float(np.sum(w**2 * (y - mu) ** 2) - np.sum(w))
        return value + float(np.sum(w**2) / np.sum(w)) if restricted else value

    def log_likelihood(t: float) -> float:
        mu, w = weighted_mean(y, v, t)
        value = float(np.sum(np.log(w)) - np.sum(w * (y - mu) ** 2))
        return (value - float(np.log(np.sum(w))) if restricted else value) / 2

    top = 4 * float(np.ptp(y)) ** 2 + float(np.max(v))
    while score(top) > 0:
        top *= 4
    grid = np.concatenate([[0.0], np.geomspace(float(np.min(v)) * 1e-4, top, _GRID)])
    rising = _scores(y, v, grid, restricted=restricted) > 0
    found = [] if rising[0] else [0.0]
    for left in np.flatnonzero(rising[:-1] & ~rising[1:]):
        found.append(_root(score, float(grid[left]), float(grid[left + 1])))
    found.sort(key=log_likelihood, reverse=True)
    return Tau2(found[0], method, tuple(found))


def _scores(y: Vector, v: Vector, grid: Vector, *, restricted: bool) -> Vector:
    """The score at every tau² of the grid at once."""
    w = 1 / (v[None, :] + grid[:, None])
    total = w.sum(1)
    mu = (w @ y) / total
    squares = (w**2).sum(1)
    value = (w**2 * (y[None, :] - mu[:, None]) ** 2).sum(1) - total
    return np.asarray(value + squares / total if restricted else value, dtype=np.float64)


def q_profile(y: Vector, v: Vector, level: float = 0.95) -> Profile:
    """The interval of tau² in which Q(tau²) is not extreme on chi² with k - 1 df (Viechtbauer 2007)."""
    df = len(y) - 1
    high_q = float(stats.chi2.ppf(0.5 + level / 2, df))
    low_q = float(stats.chi2.ppf(0.5 - level / 2, df))
    if q_statistic(y, v) <= low_q:
        note = "The effects are closer together than chance allows: the Q-profile interval of tau² is empty."
        return Profile(None, note)
    return Profile((_solve_q(y, v, high_q), _solve_q(y, v, low_q)))
