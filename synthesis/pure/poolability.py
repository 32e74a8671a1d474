"""What speaks against pooling a set of differences: rules that are never bent, and matters for the reviewer.

``forbidden`` holds what no decision may override: different measures, sites or kinds of change, percent
beside Z change, missing standard errors, a study twice. ``differ`` lists what the reviewers weigh: drug,
route, condition, time. Randomised and non-randomised studies are one pool only if the reviewers ask for it
by name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from synthesis.pure.change import ChangeSummary, GroupKey
from synthesis.pure.heterogeneity import Method
from synthesis.pure.numerals import number
from synthesis.pure.pooling import IntervalRule, Pooled, StudyEffect, pool
from synthesis.pure.rows import Difference

_MIXED_DESIGNS = "Randomised and non-randomised studies are not one pool."


@dataclass(frozen=True, slots=True)
class Candidate:
    """A difference with the group it stands in."""

    key: GroupKey
    difference: Difference


@dataclass(frozen=True, slots=True)
class Checks:
    """Words only. ``forbidden`` empty means that the set may be pooled if the reviewers decide so."""

    forbidden: tuple[str, ...]
    differ: tuple[str, ...]


def candidates(summary: ChangeSummary) -> tuple[Candidate, ...]:
    """The preferred differences of a summary with their groups."""
    return tuple(
        Candidate(group.key, row) for group in summary.groups for row in group.differences if row.preferred
    )


def checks(chosen: Sequence[Candidate], *, mix_designs: bool = False) -> Checks:
    """Everything that speaks against pooling these differences."""
    rows = [candidate.difference for candidate in chosen]
    forbidden = [
        words
        for words in (
            _several("measures", rows, lambda row: row.line.measure),
            _several("sites", rows, lambda row: row.line.site.casefold()),
            _estimands(rows),
        )
        if words
    ]
    forbidden += _rows_that_cannot(rows)
    if len({row.randomised is True for row in rows}) > 1 and not mix_designs:
        forbidden.append(_MIXED_DESIGNS)
    if len(rows) < 2:
        forbidden.append("A pool needs two studies.")
    return Checks(tuple(forbidden), tuple(_matters(chosen, rows)))


def pool_differences(
    chosen: Sequence[Candidate],
    *,
    mix_designs: bool = False,
    method: Method = "REML",
    rule: IntervalRule = "HKSJ modified",
) -> Pooled:
    """Generic inverse variance over the differences.

    Raises ValueError with the reasons if that is forbidden.
    """
    found = checks(chosen, mix_designs=mix_designs)
    if found.forbidden:
        raise ValueError(" ".join(found.forbidden))
    effects = [
        StudyEffect(row.study, row.value, row.se**2)
        for row in (candidate.difference for candidate in chosen)
        if row.se is not None
    ]
    return pool(effects, method=method, rule=rule)


def _several(name: str, rows: Sequence[Difference], of: Callable[[Difference], str]) -> str | None:
    found = sorted({of(row) for row in rows})
    return f"Different {name}: {', '.join(found)}." if len(found) > 1 else None


def _estimands(rows: Sequence[Difference]) -> str | None:
    """Changes and final values may meet, as mean differences of randomised groups; no other kinds may."""
    found = {row.line.estimand for row in rows}
    mean_difference = found == {"mean change", "final value"}
    if len(found) < 2 or (mean_difference and all(row.randomised for row in rows)):
        return None
    return f"Different kinds of result: {', '.join(sorted(found))}."


def _rows_that_cannot(rows: Sequence[Difference]) -> list[str]:
    found = [f"{row.study}: {reason}" for row in rows for reason in row.not_poolable]
    seen: set[tuple[str, str]] = set()
    for row in rows:
        for arm in (row.arm_key, row.versus_key):
            if (row.study_uid, arm) in seen:
                found.append(f"{row.study}: an arm would enter twice, so its children would count twice.")
            seen.add((row.study_uid, arm))
    return list(dict.fromkeys(found))


def _matters(chosen: Sequence[Candidate], rows: Sequence[Difference]) -> list[str]:
    found = []
    for name, values in (
        ("condition classes", {candidate.key.condition_class for candidate in chosen}),
        ("drugs", {candidate.key.drug for candidate in chosen}),
        ("routes", {candidate.key.route for candidate in chosen}),
    ):
        if len(values) > 1:
            found.append(f"Different {name}: {', '.join(sorted(values))}.")
    months = {row.line.months for row in rows}
    if len(months) > 1:
        texts = sorted(number(month) if month is not None else "not reported" for month in months)
        found.append(f"Different times in months: {', '.join(texts)}.")
    if len({row.line.estimand for row in rows}) > 1:
        found.append("Changes and final values together: an imbalance at baseline may turn the sign.")
    if any("Matched pairs" in note for row in rows for note in row.notes):
        found.append("Matched pairs are treated as independent; try other correlations.")
    if any(row.randomised is not True for row in rows):
        found.append("Not every study is randomised.")
    return found
