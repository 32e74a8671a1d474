"""How far two reviewers agreed before they talked: percent agreement, kappa, PABAK, AC1, with intervals.

``table[i][j]`` counts the records that reviewer A put in category i and reviewer B in category j. q is the
number of categories *offered*, used or not. Only records that both decided on their own belong in the
table.

Sources: Cohen 1960 and 1968; Fleiss, Cohen & Everitt 1969 (standard errors); Byrt, Bishop & Carlin 1993
(PABAK, prevalence and bias index); Bennett, Alpert & Goldstein 1954; Gwet 2008 (AC1, AC2); Cicchetti &
Feinstein 1990 (positive and negative agreement); Wilson 1927.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from synthesis.pure.intervals import Estimate, around, t_quantile, two_sided_p, wilson, z_quantile

Weighting = Literal["linear", "quadratic"]
Matrix = NDArray[np.float64]

_TINY = 1e-13  # variances are differences of squares: what is left below this is rounding, not variance
_NO_RECORDS = "No record was decided by both reviewers, so agreement is not defined."
_ONE_CATEGORY = "Both reviewers used one and the same category throughout: kappa is 0/0 and not defined."
_CONSTANT = (
    "One reviewer gave every record the same answer: kappa is 0 whatever the other did, without interval."
)
_NO_SPREAD = "The standard error is 0, so there is no interval."


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement between two reviewers on one set of records.

    All coefficients are proportions of 1. ``percent`` carries Wilson's interval, ``kappa``, weighted kappa
    and ``pabak`` a normal one, ``ac1`` and AC2 one with t on n - 1; all are cut to [-1, 1]. The weighted
    coefficients are ``None`` unless the categories are ordered; the four indices of a 2 × 2 table are
    ``None`` for larger ones. ``specific`` is the agreement on each category, 2 p_ii / (p_i. + p_.i).
    ``notes`` says in words, by field name, why a number is missing.
    """

    n: int
    categories: tuple[str, ...]
    table: tuple[tuple[int, ...], ...]
    percent: Estimate
    expected: float | None
    kappa: Estimate
    kappa_se_null: float | None
    kappa_p: float | None
    kappa_max: float | None
    pabak: Estimate
    ac1: Estimate
    scott_pi: float | None
    kappa_linear: Estimate | None
    kappa_quadratic: Estimate | None
    ac2_linear: Estimate | None
    ac2_quadratic: Estimate | None
    specific: Mapping[str, float | None]
    positive: float | None
    negative: float | None
    prevalence_index: float | None
    bias_index: float | None
    mcnemar_p: float | None
    notes: Mapping[str, str]


def summarise(
    table: Sequence[Sequence[int]], categories: Sequence[str], *, ordered: bool = False, level: float = 0.95
) -> Agreement:
    """Every coefficient of one table. The first category counts as the positive one (include).

    Raises ValueError for a table that is not q × q with q >= 2, or holds a negative count.
    """
    counts = _checked(table, categories)
    n = int(counts.sum())
    q = len(categories)
    notes: dict[str, str] = {}
    agreed = int(np.trace(counts))
    p = counts / n if n else counts
    po = agreed / n if n else None
    pe = float(p.sum(1) @ p.sum(0)) if n else None
    identity = np.eye(q)
    linear, quadratic = weights(q, "linear"), weights(q, "quadratic")
    kappa = _kappa(p, identity, n, level=level, notes=notes, name="kappa")
    se_null = _null_se(p, identity, n)
    two = _two_by_two(counts, n, notes)
    return Agreement(
        n=n,
        categories=tuple(categories),
        table=tuple(tuple(int(cell) for cell in row) for row in counts),
        percent=Estimate(po, None, wilson(agreed, n, level)),
        expected=pe,
        kappa=kappa,
        kappa_se_null=se_null,
        kappa_p=two_sided_p(kappa.value / se_null) if kappa.value is not None and se_null else None,
        kappa_max=_kappa_max(p, pe),
        pabak=_pabak(po, q, n, level, notes),
        ac1=_gwet(p, identity, n, level=level, notes=notes, name="ac1"),
        scott_pi=_scott(p, po),
        kappa_linear=_kappa(p, linear, n, level=level, notes=notes, name="kappa_linear") if ordered else None,
        kappa_quadratic=_kappa(p, quadratic, n, level=level, notes=notes, name="kappa_quadratic")
        if ordered
        else None,
        ac2_linear=_gwet(p, linear, n, level=level, notes=notes, name="ac2_linear") if ordered else None,
        ac2_quadratic=_gwet(p, quadratic, n, level=level, notes=notes, name="ac2_quadratic")
        if ordered
        else None,
        specific=_specific(counts, categories, notes),
        positive=two["positive"],
        negative=two["negative"],
        prevalence_index=two["prevalence_index"],
        bias_index=two["bias_index"],
        mcnemar_p=two["mcnemar_p"],
        notes=notes,
    )


def collapse(
    table: Sequence[Sequence[int]], categories: Sequence[str], into: Mapping[str, str]
) -> tuple[tuple[tuple[int, ...], ...], tuple[str, ...]]:
    """Merge categories (maybe → include, say); returns the smaller table and its categories.

    ``into`` maps a category to its new name; those left out keep theirs. Order is that of first appearance.
    """
    counts = _checked(table, categories)
    targets = [into.get(name, name) for name in categories]
    names = tuple(dict.fromkeys(targets))
    merged = np.zeros((len(names), len(names)), dtype=np.int64)
    for i, row_name in enumerate(targets):
        for j, column_name in enumerate(targets):
            merged[names.index(row_name), names.index(column_name)] += int(counts[i, j])
    return tuple(tuple(int(cell) for cell in row) for row in merged), names


def weights(q: int, weighting: Weighting) -> Matrix:
    """Agreement weights of ordered categories, 1 - |d|/(q-1) or 1 - (d/(q-1))² (Cohen 1968)."""
    if q < 2:
        raise ValueError("weights need at least two categories")
    steps = np.abs(np.subtract.outer(np.arange(q), np.arange(q))) / (q - 1)
    return np.asarray(1 - (steps if weighting == "linear" else steps**2), dtype=np.float64)


def _checked(table: Sequence[Sequence[int]], categories: Sequence[str]) -> Matrix:
    q = len(categories)
    if q < 2:
        raise ValueError("agreement needs at least two categories")
    if len(set(categories)) != q:
        raise ValueError("a category is named twice")
    if len(table) != q or any(len(row) != q for row in table):
        raise ValueError(f"the table must have {q} rows and {q} columns")
    counts = np.asarray(table, dtype=np.float64)
    if (counts < 0).any() or (counts != np.floor(counts)).any():
        raise ValueError("the table must hold counts, whole numbers of 0 or more")
    return counts


def _limit(estimate: float, se: float | None, quantile: float | None) -> Estimate:
    if se is None or quantile is None or se == 0:
        return Estimate(estimate, se, None)
    low, high = around(estimate, se, quantile)
    return Estimate(estimate, se, (max(-1.0, low), min(1.0, high)))


def _chance(p: Matrix, w: Matrix) -> float:
    return float(p.sum(1) @ w @ p.sum(0))


def _kappa(p: Matrix, w: Matrix, n: int, *, level: float, notes: dict[str, str], name: str) -> Estimate:
    """(po - pe)/(1 - pe) with weights w, and the variance of Fleiss, Cohen & Everitt 1969."""
    if n == 0:
        notes[name] = _NO_RECORDS
        return Estimate(None)
    chance = _chance(p, w)
    if 1 - chance < _TINY:
        notes[name] = _ONE_CATEGORY
        return Estimate(None)
    if _constant(p):
        # exactly 0 by algebra; the float formula would leave 1e-8 of rounding and an interval made of it
        notes[name] = _CONSTANT
        return Estimate(0.0, 0.0)
    value = (float((w * p).sum()) - chance) / (1 - chance)
    value = 0.0 if abs(value) < _TINY else value
    row = (w @ p.sum(0))[:, None]
    column = (w.T @ p.sum(1))[None, :]
    spread = float((p * (w - (1 - value) * (row + column)) ** 2).sum())
    variance = (spread - (value - chance * (1 - value)) ** 2) / (n * (1 - chance) ** 2)
    se = 0.0 if variance < _TINY else math.sqrt(variance)
    if se == 0:
        notes[name] = _NO_SPREAD
    return _limit(value, se, z_quantile(level))


def _constant(p: Matrix) -> bool:
    """Whether one reviewer gave every record the same answer."""
    return bool((p.sum(1) > 0).sum() == 1 or (p.sum(0) > 0).sum() == 1)


def _null_se(p: Matrix, w: Matrix, n: int) -> float | None:
    """Standard error of kappa when there is no agreement beyond chance (for its p value)."""
    if n == 0:
        return None
    chance = _chance(p, w)
    if 1 - chance < _TINY:
        return None
    if _constant(p):
        return 0.0
    row, column = p.sum(1), p.sum(0)
    product = np.outer(row, column)
    mean = (w @ column)[:, None] + (w.T @ row)[None, :]
    variance = (float((product * (w - mean) ** 2).sum()) - chance**2) / (n * (1 - chance) ** 2)
    return 0.0 if variance < _TINY else math.sqrt(variance)


def _kappa_max(p: Matrix, pe: float | None) -> float | None:
    """The largest kappa that these margins allow."""
    if pe is None or 1 - pe < _TINY:
        return None
    value = (float(np.minimum(p.sum(0), p.sum(1)).sum()) - pe) / (1 - pe)
    return 0.0 if abs(value) < _TINY else value


def _pabak(po: float | None, q: int, n: int, level: float, notes: dict[str, str]) -> Estimate:
    """(q po - 1)/(q - 1), SE q/(q-1) sqrt(po(1-po)/n)."""
    if po is None:
        notes["pabak"] = _NO_RECORDS
        return Estimate(None)
    se = q / (q - 1) * math.sqrt(po * (1 - po) / n)
    if se == 0:
        notes["pabak"] = _NO_SPREAD
    return _limit((q * po - 1) / (q - 1), se, z_quantile(level))


def _gwet(p: Matrix, w: Matrix, n: int, *, level: float, notes: dict[str, str], name: str) -> Estimate:
    """AC1 (w the identity) or AC2: chance is T_w sum pi(1-pi)/(q(q-1)); variance and t(n-1) of Gwet 2008."""
    if n == 0:
        notes[name] = _NO_RECORDS
        return Estimate(None)
    q = len(w)
    share = (p.sum(1) + p.sum(0)) / 2
    scale = float(w.sum()) / (q * (q - 1))
    chance = scale * float((share * (1 - share)).sum())
    observed = float((w * p).sum())
    value = (observed - chance) / (1 - chance)
    pair = (share[:, None] + share[None, :]) / 2
    spread = float((p * (w - 2 * (1 - value) * scale * (1 - pair)) ** 2).sum())
    variance = (spread - (observed - 2 * (1 - value) * chance) ** 2) / (n * (1 - chance) ** 2)
    se = 0.0 if variance < _TINY else math.sqrt(variance)
    if n < 2:
        notes[name] = "One record has no standard error."
        return Estimate(value)
    if se == 0:
        notes[name] = _NO_SPREAD
    return _limit(value, se, t_quantile(n - 1, level))


def _scott(p: Matrix, po: float | None) -> float | None:
    """Scott's pi: chance from the mean of both margins."""
    if po is None:
        return None
    chance = float((((p.sum(1) + p.sum(0)) / 2) ** 2).sum())
    return None if 1 - chance < _TINY else (po - chance) / (1 - chance)


def _specific(counts: Matrix, categories: Sequence[str], notes: dict[str, str]) -> dict[str, float | None]:
    used = counts.sum(1) + counts.sum(0)
    found: dict[str, float | None] = {}
    for index, name in enumerate(categories):
        found[name] = float(2 * counts[index, index] / used[index]) if used[index] else None
        if not used[index]:
            notes[f"specific:{name}"] = f"Neither reviewer used “{name}”."
    return found


def _two_by_two(counts: Matrix, n: int, notes: dict[str, str]) -> dict[str, float | None]:
    """Positive and negative agreement, prevalence and bias index, McNemar's exact p, of a 2 × 2 table."""
    names = ("positive", "negative", "prevalence_index", "bias_index", "mcnemar_p")
    if len(counts) != 2 or n == 0:
        reason = (
            _NO_RECORDS if n == 0 else "Defined for two categories only; see the agreement on each category."
        )
        notes.update(dict.fromkeys(names, reason))
        return dict.fromkeys(names)
    a, b, c, d = (float(cell) for cell in counts.ravel())
    differing = int(b + c)
    found: dict[str, float | None] = {
        "positive": 2 * a / (2 * a + b + c) if a + differing else None,
        "negative": 2 * d / (2 * d + b + c) if d + differing else None,
        "prevalence_index": (a - d) / n,
        "bias_index": (b - c) / n,
        "mcnemar_p": float(stats.binomtest(int(b), differing).pvalue) if differing else 1.0,
    }
    words = {
        "positive": "Neither reviewer chose the first category.",
        "negative": "Neither reviewer chose the second category.",
    }
    notes.update({name: words[name] for name in words if found[name] is None})
    return found
