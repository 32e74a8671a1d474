"""All rows of one arm: printed changes, final values, and changes computed from baseline and final values.

A change of means needs the same children at both visits. Its SD needs the correlation r of the two visits,
given by the caller with its source; without it the change stands without SD. The percent change of two
group means is kept apart from the mean of individual percent changes: they are different quantities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extraction.pure.dataset import Arm, MeasureKey, Result, StudyData
from synthesis.pure import conversions, paired
from synthesis.pure.numerals import number
from synthesis.pure.rows import (
    MEASURES,
    RATIO_SCALES,
    ArmChange,
    Correlation,
    InWords,
    Step,
    is_baseline,
    prefixed,
)
from synthesis.pure.within import (
    Spread,
    assemble,
    direction_words,
    estimand_of,
    in_words,
    printed_row,
    spread_of,
    step,
)

Correlations = Mapping[MeasureKey, Correlation]


@dataclass(frozen=True, slots=True)
class Visits:
    """Baseline and a later visit of one arm, with the means of both and n if both agree on it."""

    baseline: Result
    final: Result
    before: float
    after: float
    n: int | None
    correlation: Correlation | None
    notes: tuple[str, ...]

    @property
    def finals(self) -> dict[str, str]:
        """The finals of both visits."""
        return prefixed("baseline", self.baseline.finals) | prefixed("final", self.final.finals)


def arm_rows(
    study: StudyData, arm: Arm, results: Sequence[Result], correlations: Correlations
) -> tuple[list[ArmChange], list[InWords]]:
    """All rows of one arm from its results (already of the wanted sites)."""
    changes: list[ArmChange] = []
    words: list[InWords] = []
    for row in results:
        if row.form == "percent_change" and row.measure not in RATIO_SCALES:
            words.append(in_words(study, arm, row, "A percent change of a Z-score has no meaning; not used."))
        elif is_baseline(row):
            continue
        elif row.mean is None:
            words.append(in_words(study, arm, row, direction_words(row)))
        else:
            changes.append(printed_row(study, arm, row))
            if row.form == "value":
                visits = _visits(row, results, correlations)
                if isinstance(visits, str):
                    words.append(in_words(study, arm, row, visits))
                elif visits is not None:
                    changes.extend(_computed(study, arm, visits, results))
    return changes, words


def same_scale(one: Result, two: Result) -> bool:
    """Whether two values may be subtracted: same measure, site, technique, device and reference data.

    A field that one of the two rows does not state does not separate them.
    """
    if (one.measure, one.site) != (two.measure, two.site):
        return False
    pairs = (
        (one.technique, two.technique),
        (one.device, two.device),
        (one.reference_data, two.reference_data),
    )
    return all(first is None or second is None or first == second for first, second in pairs)


def _visits(final: Result, results: Sequence[Result], correlations: Correlations) -> Visits | str | None:
    """The pair of visits that ends in ``final``; ``None`` without a baseline; words if it may not be used."""
    found = [row for row in results if is_baseline(row) and row.mean is not None and same_scale(row, final)]
    if not found or final.mean is None:
        return None
    if len(found) > 1:
        return "Several baselines match, so no change is computed."
    baseline = found[0]
    if {baseline.spread_kind, final.spread_kind} & {"iqr", "range"}:
        return "The visits may be medians, so no change is computed from them."
    if baseline.n is not None and final.n is not None and baseline.n != final.n:
        return (
            f"Baseline is of {baseline.n} children and this visit of {final.n}: "
            "the two means are not of the same children, so no change is computed."
        )
    both = baseline.n is not None and final.n is not None
    notes = () if both else ("n is not printed at both visits; the same children are assumed.",)
    return Visits(
        baseline=baseline,
        final=final,
        before=float(baseline.mean or 0),
        after=final.mean,
        n=final.n if both else None,
        correlation=correlations.get(final.measure),
        notes=notes,
    )


def _computed(study: StudyData, arm: Arm, visits: Visits, results: Sequence[Result]) -> list[ArmChange]:
    """Change of the means, and percent change of the means, unless the study printed that line itself."""
    final = visits.final
    printed = {
        estimand_of(row)
        for row in results
        if row.form != "value" and row.mean is not None and _same_line(row, final)
    }
    rows = []
    if "mean change" not in printed:
        rows.append(_change_of_means(study, arm, visits))
    if (
        "mean percent change" not in printed
        and final.measure in RATIO_SCALES
        and min(visits.before, visits.after) > 0
    ):
        rows.append(_percent_of_means(study, arm, visits))
    return rows


def _same_line(row: Result, other: Result) -> bool:
    return (row.measure, row.site, row.months) == (other.measure, other.site, other.months)


def _sds(visits: Visits) -> tuple[Spread, Spread]:
    return spread_of(visits.baseline), spread_of(visits.final)


def _why_no_sd(visits: Visits) -> str:
    first, second = _sds(visits)
    if first.sd is None or second.sd is None:
        return "No SD of the change: a visit has no SD."
    if visits.correlation is None:
        scale = MEASURES[visits.final.measure][0]
        return f"No SD of the change: no correlation of the two visits is entered for {scale}."
    return "No SD of the change: n is not printed at both visits."


def _change_of_means(study: StudyData, arm: Arm, visits: Visits) -> ArmChange:
    change = visits.after - visits.before
    formula = f"final − baseline = {number(visits.after)} − {number(visits.before)}"
    inputs = {"final": visits.after, "baseline": visits.before}
    steps = [Step("Change of the means", formula, change, inputs, visits.finals)]
    spread = Spread(None, None, "not known", (_why_no_sd(visits),))
    first, second = _sds(visits)
    known = first.sd is not None and second.sd is not None and visits.n is not None
    if known and visits.correlation is not None and first.sd is not None and second.sd is not None:
        r = visits.correlation
        steps += [*first.steps, *second.steps]
        sd = conversions.sd_of_change(first.sd, second.sd, r.r, source=r.source)
        steps.append(step("SD of the change", sd, visits.finals))
        if sd.value is not None and visits.n is not None and visits.n >= 2:
            se = sd.value / visits.n**0.5
            spread = Spread(sd.value, se, f"computed with r = {number(r.r)} ({r.source})")
    return assemble(
        study,
        arm,
        visits.final,
        estimand="mean change",
        mean=change,
        n=visits.n,
        spread=spread,
        steps=tuple(steps),
        notes=("Computed from baseline and final means.", *visits.notes),
        finals=visits.finals,
    )


def _percent_of_means(study: StudyData, arm: Arm, visits: Visits) -> ArmChange:
    value = 100 * (visits.after / visits.before - 1)
    formula = f"100 × (final / baseline − 1) = 100 × ({number(visits.after)} / {number(visits.before)} − 1)"
    inputs = {"final": visits.after, "baseline": visits.before}
    steps = [Step("Percent change of the means", formula, value, inputs, visits.finals)]
    spread = Spread(None, None, "not known", (_why_no_sd(visits),))
    first, second = _sds(visits)
    r = visits.correlation
    if first.sd is not None and second.sd is not None and r is not None and (visits.n or 0) >= 2:
        pair = paired.BeforeAfter(visits.n or 0, visits.before, visits.after, first.sd, second.sd, r.r)
        got = paired.percent_change(pair)
        words = "SE by the delta method: 100 (m₁/m₀) √[s₁²/(n m₁²) + s₀²/(n m₀²) − 2 r s₀ s₁/(n m₀ m₁)]"
        given = {"s0": first.sd, "s1": second.sd, "r": r.r, "n": float(pair.n)}
        assumption = f"r = {number(r.r)}, from {r.source}."
        steps += [*first.steps, *second.steps]
        steps.append(Step("SE of the percent change", words, got.se, given, visits.finals, assumption))
        spread = Spread(got.sd, got.se, f"computed with r = {number(r.r)} ({r.source})")
    return assemble(
        study,
        arm,
        visits.final,
        estimand="percent change of means",
        mean=value,
        n=visits.n,
        spread=spread,
        steps=tuple(steps),
        notes=(
            "Percent change of the group means; not the mean of the children’s percent changes.",
            *visits.notes,
        ),
        finals=visits.finals,
    )
