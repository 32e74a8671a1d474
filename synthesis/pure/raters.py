"""Agreement of more than two raters, or of pairs that rotate: Krippendorff's alpha and Fleiss' kappa.

Cohen's kappa belongs to one pair of people. Where pairs rotate, a summed table depends on who is called
first; alpha does not. Sources: Krippendorff 2011, "Computing Krippendorff's alpha-reliability"; Fleiss
1971; Fleiss, Nee & Landis 1979 (the standard error under no agreement beyond chance).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from synthesis.pure.intervals import two_sided_p

Level = Literal["nominal", "ordinal"]


@dataclass(frozen=True, slots=True)
class Alpha:
    """Krippendorff's alpha over ``units`` records that at least two people judged, ``values`` judgements in
    all.
    """

    value: float | None
    units: int
    values: int
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Fleiss:
    """Fleiss' kappa; ``se_null`` and ``p`` test it against no agreement beyond chance."""

    value: float | None
    n: int
    raters: int | None
    se_null: float | None = None
    p: float | None = None
    note: str | None = None


def krippendorff_alpha(
    units: Sequence[Sequence[str | None]], categories: Sequence[str], *, level: Level = "nominal"
) -> Alpha:
    """alpha = 1 - D_observed / D_expected over the coincidences within units.

    ``units`` holds one sequence of answers a record (``None`` = this person did not judge it); records with
    fewer than two answers carry no pairs and are left out. Ordinal distances follow the order of
    ``categories``.
    """
    place = {name: index for index, name in enumerate(categories)}
    q = len(categories)
    together = np.zeros((q, q))
    used = 0
    for unit in units:
        answers = [answer for answer in unit if answer is not None]
        if unknown := sorted(set(answers) - set(place)):
            raise ValueError(f"an answer is not among the categories: {unknown[0]!r}")
        if len(answers) < 2:
            continue
        used += 1
        counts = np.bincount([place[answer] for answer in answers], minlength=q).astype(float)
        together += (np.outer(counts, counts) - np.diag(counts)) / (len(answers) - 1)
    return _alpha(together, used, level)


def table_alpha(table: Sequence[Sequence[int]]) -> Alpha:
    """Nominal alpha of one pair of reviewers, straight from their q × q table."""
    counts = np.asarray(table, dtype=np.float64)
    return _alpha(counts + counts.T, int(counts.sum()), "nominal")


def _alpha(together: NDArray[np.float64], used: int, level: Level) -> Alpha:
    total = float(together.sum())
    if total == 0:
        return Alpha(None, used, 0, "No record was judged by two people, so alpha is not defined.")
    margins = together.sum(1)
    distance = _distances(margins, level)
    expected = float((np.outer(margins, margins) * distance).sum()) / (total * (total - 1))
    if expected == 0:
        return Alpha(None, used, round(total), "Every judgement is the same category, so alpha is 0/0.")
    observed = float((together * distance).sum()) / total
    return Alpha(1 - observed / expected, used, round(total))


def _distances(margins: NDArray[np.float64], level: Level) -> NDArray[np.float64]:
    """Squared distances: 0/1 nominal; ordinal (sum of n_g from c to k, less half of both ends) squared."""
    q = len(margins)
    if level == "nominal":
        return np.asarray(1 - np.eye(q), dtype=np.float64)
    middle = np.cumsum(margins) - margins / 2
    return np.asarray(np.subtract.outer(middle, middle) ** 2, dtype=np.float64)


def fleiss_kappa(counts: Sequence[Sequence[int]]) -> Fleiss:
    """Fleiss' kappa; ``counts[i][j]`` is how many raters put record i in category j.

    Defined only if every record has the same number of raters, two or more; otherwise the note says so.
    """
    n = len(counts)
    if n == 0:
        return Fleiss(None, 0, None, note="No record was judged, so kappa is not defined.")
    table = np.asarray(counts, dtype=np.float64)
    sizes = {int(size) for size in table.sum(1)}
    if len(sizes) != 1 or min(sizes) < 2:
        return Fleiss(
            None, n, None, note="The number of raters differs or is below two: use Krippendorff’s alpha."
        )
    m = sizes.pop()
    share = table.sum(0) / (n * m)
    chance = float((share**2).sum())
    if math.isclose(chance, 1.0, abs_tol=1e-13):
        return Fleiss(None, n, m, note="Every rater used a single category, so kappa is 0/0.")
    observed = float(((table**2).sum(1) - m).mean()) / (m * (m - 1))
    value = (observed - chance) / (1 - chance)
    spread = share * (1 - share)
    inner = float(spread.sum()) ** 2 - float((spread * (1 - 2 * share)).sum())
    se = math.sqrt(2 * inner) / (float(spread.sum()) * math.sqrt(n * m * (m - 1)))
    return Fleiss(value, n, m, se, two_sided_p(value / se) if se > 0 else None)
