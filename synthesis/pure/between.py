"""Differences between two arms of one study, computed from the arms or as the study printed them.

One interval a study and line: an adjusted printed contrast goes before one computed from the arms, and that
before an unadjusted printed one. Every difference names its formula (Welch t, z, or as printed). The
study's own test stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from extraction.pure.dataset import Arm, Contrast, StudyData
from synthesis.pure import conversions, effects
from synthesis.pure.intervals import around, two_sided_p, z_quantile
from synthesis.pure.numerals import number, printed_p
from synthesis.pure.rows import (
    ArmChange,
    Difference,
    Estimand,
    InWords,
    Line,
    PrintedContrast,
    Step,
    is_matched,
    is_randomised,
    is_subset,
    prefixed,
    same_children,
)

MATCHED = "Matched pairs are treated as independent groups; the pairing is not used."
SUBSET = "A subset of another arm: shown, but its children are not counted again."
SAME = "The same children in both: a difference needs the paired standard error, so no interval is computed."


def study_differences(
    study: StudyData, changes: Sequence[ArmChange], contrasts: Sequence[Contrast]
) -> tuple[list[Difference], list[InWords]]:
    """Every intervention arm against every comparator of the study, line by line, and its printed
    contrasts.
    """
    arms = {arm.key: arm for arm in study.arms}
    computed: list[Difference] = []
    words: list[InWords] = []
    for one in changes:
        for two in changes:
            roles = (arms[one.arm_key].role, arms[two.arm_key].role)
            if roles != ("intervention", "comparator") or one.line != two.line:
                continue
            refused = _why_not(study, one, two)
            if refused:
                text = InWords(study.uid, study.label, one.arm_key, one.arm, two.arm, one.line.words, refused)
                words.append(text)
            else:
                computed.append(_from_arms(study, arms, one, two))
    differences, said = _with_contrasts(study, arms, computed, contrasts)
    return differences, words + said


def _why_not(study: StudyData, one: ArmChange, two: ArmChange) -> str | None:
    pairs = {
        "devices": (one.device, two.device),
        "techniques": (one.technique, two.technique),
        "reference data": (one.reference_data, two.reference_data),
    }
    for name, (first, second) in pairs.items():
        if first and second and first != second:
            return f"Not compared: the arms were measured with different {name} ({first}; {second})."
    if one.line.estimand == "final value" and is_randomised(study) is not True:
        return (
            "Final values are not compared: the groups were not randomised, so they may have differed before."
        )
    return None


def _from_arms(study: StudyData, arms: Mapping[str, Arm], one: ArmChange, two: ArmChange) -> Difference:
    relations = (arms[one.arm_key].relation, arms[two.arm_key].relation)
    paired_children = same_children(study, *relations)
    value = one.mean - two.mean
    got, formula = (
        _tested(one, two) if not paired_children else (effects.undefined("MD", SAME, value=value), "")
    )
    finals = prefixed("arm", one.finals) | prefixed("versus", two.finals)
    inputs = {"mean1": one.mean, "mean2": two.mean}
    text = f"difference = {number(one.mean)} − {number(two.mean)}"
    steps = [*one.steps, *two.steps, Step("Difference", text, value, inputs, finals)]
    if got.se:
        given = {
            name: float(number_in)
            for name, number_in in (
                ("sd1", one.sd),
                ("n1", one.n),
                ("sd2", two.sd),
                ("n2", two.n),
                ("se1", one.se),
                ("se2", two.se),
            )
            if number_in is not None
        }
        steps.append(Step("Standard error of the difference", formula, got.se, given, finals))
    notes = [note for note in (got.note,) if note]
    notes += [MATCHED] if any(map(is_matched, relations)) and got.se else []
    if one.line.estimand == "final value":
        notes.append("Final values: compare the baselines; an imbalance there stays in this difference.")
    if one.line.months is None:
        notes.append("The time of measurement is not reported.")
    return Difference(
        study_uid=study.uid,
        study=study.label,
        arm_key=one.arm_key,
        arm=one.arm,
        versus_key=two.arm_key,
        versus=two.arm,
        line=one.line,
        n1=one.n,
        n2=two.n,
        value=value,
        se=got.se,
        ci=got.ci,
        p=got.p,
        test=got.test if got.ci else None,
        df=got.df,
        source="computed from the arms",
        printed=None,
        randomised=is_randomised(study),
        not_poolable=_not_poolable(got.se, relations, paired_children=paired_children),
        notes=tuple(notes),
        steps=tuple(steps),
        finals=finals,
    )


def _tested(one: ArmChange, two: ArmChange) -> tuple[effects.Effect, str]:
    """Welch's t where both arms have n and SD.

    The normal where an SE stands without its n; else no interval.
    """
    if one.sd is not None and two.sd is not None and min(one.n or 0, two.n or 0) >= 2:
        groups = [conversions.Group(row.n or 0, row.mean, row.sd) for row in (one, two)]
        a, b = number(one.sd), number(two.sd)
        formula = f"√(SD₁²/n₁ + SD₂²/n₂) = √({a}²/{one.n} + {b}²/{two.n}), Welch t"
        return effects.mean_difference(groups[0], groups[1]), formula
    value = one.mean - two.mean
    if one.se is None or two.se is None:
        return effects.undefined("MD", "No interval: an arm has no standard error.", value=value), ""
    formula = f"√(SE₁² + SE₂²) = √({number(one.se)}² + {number(two.se)}²), z"
    got = effects.effect("MD", value, one.se**2 + two.se**2)
    note = "n is not printed for an arm: the interval uses the normal quantile, not t."
    return replace(got, note=got.note or note), formula


def _not_poolable(
    se: float | None, relations: tuple[str | None, ...], *, paired_children: bool
) -> tuple[str, ...]:
    reasons = [SAME] if paired_children else []
    if not se and not paired_children:
        reasons.append("No standard error of the difference.")
    if any(map(is_subset, relations)):
        reasons.append(SUBSET)
    return tuple(reasons)


def _with_contrasts(
    study: StudyData, arms: Mapping[str, Arm], computed: list[Difference], contrasts: Sequence[Contrast]
) -> tuple[list[Difference], list[InWords]]:
    """Set the printed contrasts beside the computed differences, or as rows of their own."""
    words: list[InWords] = []
    rows = list(computed)
    for contrast in contrasts:
        match = next((row for row in rows if _answers(row, contrast)), None)
        if match is not None and match.printed is None:
            rows[rows.index(match)] = match = replace(match, printed=printed(contrast))
        if contrast.estimate is None:
            words.append(_contrast_words(study, arms, contrast))
            continue
        if (
            match is not None
            and match.source == "computed from the arms"
            and match.se
            and not contrast.adjusted
        ):
            continue
        row = _from_contrast(study, arms, contrast)
        if match is not None:
            if match.source == "computed from the arms":
                rows[rows.index(match)] = replace(match, preferred=False)
            else:
                better = bool(contrast.adjusted) and not (match.printed and match.printed.adjusted)
                rows[rows.index(match)] = replace(match, preferred=match.preferred and not better)
                row = replace(row, preferred=better)
        rows.append(row)
    return rows, words


def _estimand(contrast: Contrast) -> Estimand:
    if contrast.form == "value":
        return "final value"
    return "mean percent change" if contrast.form == "percent_change" else "mean change"


def _answers(row: Difference, contrast: Contrast) -> bool:
    line = row.line
    return (
        row.preferred
        and (row.arm_key, row.versus_key) == (contrast.arm_key, contrast.versus_key)
        and (line.measure, line.estimand, line.site, line.months)
        == (contrast.measure, _estimand(contrast), contrast.site, contrast.months)
    )


def printed(contrast: Contrast) -> PrintedContrast:
    """The study's own between-group result."""
    both = contrast.ci_low is not None and contrast.ci_high is not None
    ci = (contrast.ci_low or 0.0, contrast.ci_high or 0.0) if both else None
    p = printed_p(contrast.p_operator, contrast.p_value)
    adjusted, model = contrast.adjusted, contrast.model
    return PrintedContrast(contrast.estimate, contrast.se, ci, p, contrast.test, adjusted, model)


def _contrast_se(contrast: Contrast) -> conversions.Derived | None:
    """SE of a printed contrast.

    Its own, from its interval, or from an exact p; ``None`` if it has none of them.
    """
    estimate = contrast.estimate or 0.0
    if contrast.se is not None and contrast.se >= 0:
        return conversions.Derived(contrast.se, f"SE as printed = {number(contrast.se)}", {"se": contrast.se})
    # an adjusted model has fewer degrees of freedom than n - 2, and they are not printed: the normal is used
    df = contrast.n - 2 if contrast.n and 2 < contrast.n < 100 and not contrast.adjusted else None
    if contrast.ci_low is not None and contrast.ci_high is not None:
        return conversions.se_from_ci(contrast.ci_low, contrast.ci_high, df)
    if contrast.p_value is not None and contrast.p_operator in (None, "=") and contrast.n and contrast.n > 2:
        return conversions.se_from_p(estimate, contrast.p_value, contrast.n - 2)
    return None


def _from_contrast(study: StudyData, arms: Mapping[str, Arm], contrast: Contrast) -> Difference:
    estimate = contrast.estimate or 0.0
    derived = _contrast_se(contrast)
    se = derived.value if derived else None
    shown = printed(contrast)
    ci, test = shown.ci, "as printed"
    if ci is None and se:
        ci, test = around(estimate, se, z_quantile()), "z"
    steps = (
        (Step("SE", derived.formula, se, derived.inputs, contrast.finals, derived.assumption),)
        if derived
        else ()
    )
    arm, versus = arms.get(contrast.arm_key), arms.get(contrast.versus_key)
    relations = (arm.relation if arm else None, versus.relation if versus else None)
    # a printed contrast already reflects how its study treated the pairing, so only the subset rule applies
    notes = ["Contrast only: the study’s own difference, arms not needed."]
    notes += [derived.problem] if derived and derived.problem else []
    return Difference(
        study_uid=study.uid,
        study=study.label,
        arm_key=contrast.arm_key,
        arm=arm.label if arm else contrast.arm_key,
        versus_key=contrast.versus_key,
        versus=versus.label if versus else contrast.versus_key,
        line=Line(contrast.measure, _estimand(contrast), contrast.site, contrast.months, None),
        n1=None,
        n2=None,
        value=estimate,
        se=se,
        ci=ci,
        p=two_sided_p(estimate / se) if se and contrast.p_value is None else None,
        test=test if ci else None,
        df=None,
        source="printed contrast",
        printed=shown,
        randomised=is_randomised(study),
        not_poolable=_not_poolable(se, relations, paired_children=False),
        notes=tuple(notes),
        steps=steps,
        finals=contrast.finals,
    )


def _contrast_words(study: StudyData, arms: Mapping[str, Arm], contrast: Contrast) -> InWords:
    texts = {
        "intervention": "Favours the intervention",
        "comparator": "Favours the comparator",
        "neither": "Favours neither",
        "not_reported": "Direction not reported",
    }
    p = printed_p(contrast.p_operator, contrast.p_value)
    parts = [f"printed {p} between the groups"] if p else []
    parts += [contrast.test] if contrast.test else []
    text = texts[contrast.direction] + (f" ({'; '.join(parts)})" if parts else "") + "."
    arm, versus = arms.get(contrast.arm_key), arms.get(contrast.versus_key)
    line = Line(contrast.measure, _estimand(contrast), contrast.site, contrast.months, None)
    return InWords(
        study_uid=study.uid,
        study=study.label,
        arm_key=contrast.arm_key,
        arm=arm.label if arm else contrast.arm_key,
        versus=versus.label if versus else contrast.versus_key,
        about=line.words,
        text=text,
        finals=contrast.finals,
        line=line,
        favours=contrast.direction,
    )
