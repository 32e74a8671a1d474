"""One arm's printed mean with its spread: SD, SE, the interval within the arm, and the check of its printed p.

An SE needs no n; an SD is never computed from a visit whose n is not printed. A p within one group is
compared with nothing but that group's own numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from extraction.pure.dataset import Arm, Result, StudyData
from synthesis.pure import conversions
from synthesis.pure.intervals import Interval, around, t_quantile, two_sided_p, z_quantile
from synthesis.pure.numerals import p_value, printed_p
from synthesis.pure.rows import ArmChange, Estimand, InWords, Line, Step, is_subset


@dataclass(frozen=True, slots=True)
class Spread:
    """SD and SE of one printed mean, how the SD was had, and what to say about it."""

    sd: float | None
    se: float | None
    provenance: str
    notes: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()


def direction_words(row: Result) -> str:
    """A result without a mean, in words; “NS” alone gives no direction and counts neither way."""
    directions = {
        "increase": "Increased",
        "decrease": "Decreased",
        "no_change": "Reported as no change",
        "not_reported": "Direction not reported",
    }
    p = printed_p(row.p_operator, row.p_value)
    return directions[row.direction] + (f" (printed {p} within the group)" if p else "") + "."


def spread_of(row: Result) -> Spread:
    """SD and SE of a printed mean from whatever spread stands beside it."""
    usable = row.n is not None and row.n >= 2
    if row.spread_kind == "sd" and row.spread is not None:
        if row.spread < 0:
            return Spread(None, None, "not known", ("The printed SD is negative.",))
        se = row.spread / math.sqrt(row.n) if usable and row.n else None
        notes = () if usable else ("n at this visit is not printed, so there is no standard error.",)
        return Spread(row.spread, se, "reported", notes)
    if row.spread_kind == "se" and row.spread is not None:
        return _from_se(row, row.spread)
    if row.spread_kind == "ci95" and row.low is not None and row.high is not None:
        return _from_interval(row, row.low, row.high)
    reasons = {
        "iqr": "Quartiles, not an SD, are printed; the mean may be a median. Not converted.",
        "range": "A range, not an SD, is printed; the mean may be a median. Not converted.",
        "unstated": "The printed spread does not say whether it is SD or SE; not used.",
    }
    return Spread(None, None, "not known", (reasons.get(row.spread_kind or "", "No spread is printed."),))


def _from_se(row: Result, se: float) -> Spread:
    if se < 0:
        return Spread(None, None, "not known", ("The printed SE is negative.",))
    if row.n is None:
        note = "n at this visit is not printed, so no SD is computed from the SE."
        return Spread(None, se, "not known", (note,))
    derived = conversions.sd_from_se(se, row.n)
    return Spread(derived.value, se, "computed from SE", (), (step("SD", derived, row.finals),))


def _from_interval(row: Result, low: float, high: float) -> Spread:
    t_based = row.n is not None and row.n < 100
    se = conversions.se_from_ci(low, high, row.n - 1 if t_based and row.n else None)
    steps = [step("SE", se, row.finals)]
    if se.value is None:
        return Spread(None, None, "not known", (se.problem or "",), tuple(steps))
    if row.n is None or row.n < 2:
        note = "n at this visit is not printed, so no SD is computed from the interval."
        return Spread(None, se.value, "not known", (note,), tuple(steps))
    derived = conversions.sd_from_ci(low, high, row.n)
    steps.append(step("SD", derived, row.finals))
    return Spread(derived.value, se.value, "computed from the 95 % interval", (), tuple(steps))


def step(name: str, derived: conversions.Derived, finals: Mapping[str, str]) -> Step:
    """A conversion as a step of a row."""
    return Step(name, derived.formula, derived.value, derived.inputs, finals, derived.assumption)


def estimand_of(row: Result) -> Estimand:
    """What a result measures; a change of a Z-score is a mean change of Z."""
    if row.form == "value":
        return "final value"
    return "mean percent change" if row.form == "percent_change" else "mean change"


def printed_row(study: StudyData, arm: Arm, row: Result) -> ArmChange:
    """The row of a printed mean (a change, or a final value). Raises ValueError if there is no mean."""
    if row.mean is None:
        raise ValueError("a result without a mean has no row of numbers")
    return assemble(study, arm, row, estimand=estimand_of(row), mean=row.mean, n=row.n, spread=spread_of(row))


def assemble(
    study: StudyData,
    arm: Arm,
    row: Result,
    *,
    estimand: Estimand,
    mean: float,
    n: int | None,
    spread: Spread,
    steps: tuple[Step, ...] = (),
    notes: tuple[str, ...] = (),
    finals: Mapping[str, str] | None = None,
) -> ArmChange:
    """One arm's row with its interval within the group and the check of the printed p against it."""
    ci, df = _interval(mean, spread.se, n)
    tested = estimand != "final value" and spread.se is not None and spread.se > 0
    p = two_sided_p(mean / spread.se, df) if tested and spread.se else None
    all_notes = (*notes, *spread.notes)
    if ci is not None and df is None:
        all_notes += (
            "n is not printed: the interval uses the normal quantile and is too narrow for few children.",
        )
    if tested and estimand in ("mean change", "mean percent change"):
        all_notes += _contradiction(row, p)
    return ArmChange(
        study_uid=study.uid,
        study=study.label,
        arm_key=arm.key,
        arm=arm.label,
        line=Line(row.measure, estimand, row.site, row.months, row.phase),
        n=n,
        mean=mean,
        sd=spread.sd,
        sd_provenance=spread.provenance,
        se=spread.se,
        ci=ci,
        test=None if ci is None else ("t" if df is not None else "z"),
        p=p,
        printed_p=None if row.form == "value" else printed_p(row.p_operator, row.p_value),
        printed=finals is None,
        counts_towards_n=not is_subset(arm.relation) and "before" not in (arm.relation or "").casefold(),
        technique=row.technique,
        device=row.device,
        reference_data=row.reference_data,
        notes=all_notes,
        steps=(*steps, *spread.steps),
        finals=row.finals if finals is None else finals,
    )


def _interval(mean: float, se: float | None, n: int | None) -> tuple[Interval | None, int | None]:
    """The 95 % interval of a mean: t(n-1), or the normal if n is not printed."""
    if se is None or se <= 0:
        return None, None
    if n is None:
        return around(mean, se, z_quantile()), None
    return (around(mean, se, t_quantile(n - 1)), n - 1) if n >= 2 else (None, None)


def _contradiction(row: Result, p: float | None) -> tuple[str, ...]:
    """A note if the printed within-group p and the recomputed one fall on different sides of 0.05."""
    operator = (row.p_operator or "").upper()
    if p is None or (not operator and row.p_value is None):
        return ()
    if operator in ("NS", ">", "≥", ">="):
        printed_significant = False
        if row.p_value is not None and row.p_value < 0.05:
            return ()
    elif row.p_value is None or (operator in ("<", "≤", "<=") and row.p_value > 0.05):
        return ()
    else:
        printed_significant = row.p_value <= 0.05
    if printed_significant == (p <= 0.05):
        return ()
    return (f"Printed {printed_p(row.p_operator, row.p_value)}; mean, SD and n give {p_value(p)}.",)


def in_words(study: StudyData, arm: Arm, row: Result, text: str) -> InWords:
    """A result of one arm as text."""
    line = Line(row.measure, estimand_of(row), row.site, row.months, row.phase)
    return InWords(study.uid, study.label, arm.key, arm.label, None, line.words, text, row.finals)
