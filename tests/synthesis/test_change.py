"""The change table: what is computed, from what, and what never is."""

from dataclasses import replace
from typing import Any

import pytest

from extraction.pure.dataset import Arm
from synthesis.pure import change
from synthesis.pure.rows import ArmChange, Correlation, Difference
from tests.synthesis.studies import CONTROL, DRUG, contrast, dataset, result, study


def only_group(found: change.ChangeSummary) -> change.ChangeGroup:
    assert len(found.groups) == 1
    return found.groups[0]


def summary(*results: Any, **fields: Any) -> change.ChangeGroup:
    return only_group(change.summarise(dataset(study(results=results, **fields))))


def only_difference(group: change.ChangeGroup) -> Difference:
    assert len(group.differences) == 1
    return group.differences[0]


def row_of(group: change.ChangeGroup, arm: str, estimand: str) -> ArmChange:
    found = [row for row in group.arms if row.arm_key == arm and row.line.estimand == estimand]
    assert len(found) == 1
    return found[0]


def test_an_se_becomes_an_sd_and_two_arms_a_welch_difference() -> None:
    """89 % (SEM 21, n 6) against 9 % (SEM 6, n 6): 80, SE √(441 + 36), interval 26 to 134."""
    group = summary(
        result("t", n=6, mean=89, spread_kind="se", spread=21),
        result("c", n=6, mean=9, spread_kind="se", spread=6),
    )
    arm = row_of(group, "t", "mean percent change")
    assert arm.sd == pytest.approx(21 * 6**0.5)
    assert arm.sd_provenance == "computed from SE"
    assert arm.ci == pytest.approx((89 - 2.570582 * 21, 89 + 2.570582 * 21), rel=1e-6)
    assert arm.test == "t"
    got = only_difference(group)
    assert got.value == 80
    assert got.se == pytest.approx((441 + 36) ** 0.5)
    assert got.test == "Welch t"
    assert got.ci is not None
    assert [round(limit, 1) for limit in got.ci] == [26.1, 133.9]
    assert got.not_poolable == ()


def test_every_number_leads_back_to_its_finals() -> None:
    group = summary(
        result("t", n=6, mean=89, spread_kind="se", spread=21, finals={"mean": "f1", "spread": "f2"}),
        result("c", n=6, mean=9, spread_kind="se", spread=6, finals={"mean": "f3", "spread": "f4"}),
    )
    got = only_difference(group)
    names = [step.name for step in got.steps]
    assert names == ["SD", "SD", "Difference", "Standard error of the difference"]
    assert got.steps[0].formula == "SD = SE × √n = 21 × √6"
    assert got.steps[0].finals == {"mean": "f1", "spread": "f2"}
    assert got.finals == {"arm.mean": "f1", "arm.spread": "f2", "versus.mean": "f3", "versus.spread": "f4"}
    assert "Welch t" in got.steps[-1].formula


def test_baseline_and_final_give_a_change_but_no_sd_without_r() -> None:
    rows = (
        result("t", form="value", months=0, n=18, mean=0.512, spread_kind="sd", spread=0.101),
        result("t", form="value", months=12, n=18, mean=0.548, spread_kind="sd", spread=0.106),
    )
    got = row_of(summary(*rows), "t", "mean change")
    assert got.mean == pytest.approx(0.036)
    assert (got.sd, got.ci) == (None, None)
    assert got.sd_provenance == "not known"
    assert any("no correlation" in note for note in got.notes)
    assert got.printed is False
    assert set(got.finals) == {"baseline.mean", "final.mean"}


def test_r_given_with_its_source_gives_the_sd() -> None:
    rows = (
        result("t", form="value", months=0, n=18, mean=0.512, spread_kind="sd", spread=0.101),
        result("t", form="value", months=12, n=18, mean=0.548, spread_kind="sd", spread=0.106),
    )
    r = Correlation("abmd", 0.95, "three SDs of one included trial")
    group = only_group(change.summarise(dataset(study(results=rows)), correlations=[r]))
    got = row_of(group, "t", "mean change")
    assert got.sd == pytest.approx(0.03309984894225348, rel=1e-9)
    assert got.sd_provenance == "computed with r = 0.95 (three SDs of one included trial)"
    percent = row_of(group, "t", "percent change of means")
    assert percent.mean == pytest.approx(7.03125)
    assert percent.se == pytest.approx(1.5613420238724067, rel=1e-9)
    assert any("not the mean" in note for note in percent.notes)
    with pytest.raises(ValueError, match="more than one correlation"):
        change.summarise(dataset(), correlations=[r, r])


def test_r_of_one_scale_is_not_used_for_another() -> None:
    rows = (
        result("t", measure="z", form="value", months=0, n=18, mean=-2, spread_kind="sd", spread=1),
        result("t", measure="z", form="value", months=12, n=18, mean=-1, spread_kind="sd", spread=1),
    )
    group = only_group(
        change.summarise(dataset(study(results=rows)), correlations=[Correlation("abmd", 0.95, "a trial")])
    )
    assert row_of(group, "t", "mean change").sd is None
    assert [row.line.estimand for row in group.arms] == ["final value", "mean change"]


def test_a_printed_change_is_not_computed_again() -> None:
    rows = (
        result("t", form="value", months=0, n=18, mean=0.5),
        result("t", form="value", months=12, n=18, mean=0.55),
        result("t", form="percent_change", n=18, mean=11, spread_kind="sd", spread=4),
    )
    got = [(row.line.estimand, row.printed) for row in summary(*rows).arms]
    assert sorted(got) == [("final value", True), ("mean change", False), ("mean percent change", True)]


def test_percent_change_of_means_is_never_compared_with_a_mean_of_percent_changes() -> None:
    group = summary(
        result("t", form="value", months=0, n=10, mean=0.5),
        result("t", form="value", months=12, n=10, mean=0.6),
        result("c", form="percent_change", n=10, mean=3, spread_kind="sd", spread=2),
    )
    assert row_of(group, "t", "percent change of means").mean == pytest.approx(20)
    assert group.differences == ()


@pytest.mark.parametrize(
    "changed",
    [{"measure": "vbmd"}, {"site": "total body"}, {"months": 6}, {"form": "absolute_change"}],
)
def test_rows_that_differ_in_what_they_measure_are_never_compared(changed: dict[str, Any]) -> None:
    one = result("t", n=10, mean=5, spread_kind="sd", spread=2)
    two = result("c", **({"n": 10, "mean": 1, "spread_kind": "sd", "spread": 2} | changed))
    found = change.summarise(dataset(study(results=(one, two))), site=None)
    assert only_group(found).differences == ()


def test_different_devices_are_not_compared_and_it_says_so() -> None:
    group = summary(result("t", n=10, mean=5, device="Hologic"), result("c", n=10, mean=1, device="Lunar"))
    assert group.differences == ()
    assert "different devices (Hologic; Lunar)" in group.words[0].text


def test_means_of_different_children_give_no_change() -> None:
    group = summary(
        result("t", form="value", months=0, n=20, mean=0.5), result("t", form="value", n=17, mean=0.6)
    )
    assert [row.line.estimand for row in group.arms] == ["final value"]
    assert "Baseline is of 20 children and this visit of 17" in group.words[0].text


def test_two_baselines_and_medians_give_no_change() -> None:
    twice = summary(
        result("t", form="value", months=0, n=9, mean=0.5),
        result("t", form="value", months=None, phase="baseline", n=9, mean=0.52),
        result("t", form="value", n=9, mean=0.6),
    )
    assert "Several baselines" in twice.words[0].text
    medians = summary(
        result("t", form="value", months=0, n=9, mean=0.5, spread_kind="iqr", low=0.4, high=0.6),
        result("t", form="value", n=9, mean=0.6),
    )
    assert "medians" in medians.words[0].text


def test_an_se_without_n_gives_no_sd_and_a_named_normal_interval() -> None:
    """0.63 (SE 0.17) against −0.46 (SE 0.27), n at that visit not printed."""
    group = summary(
        result("t", measure="z", form="z_change", mean=0.63, spread_kind="se", spread=0.17),
        result("c", measure="z", form="z_change", mean=-0.46, spread_kind="se", spread=0.27),
    )
    arm = row_of(group, "t", "mean change")
    assert (arm.sd, arm.test) == (None, "z")
    assert any("too narrow" in note for note in arm.notes)
    got = only_difference(group)
    assert got.test == "z"
    assert got.ci == pytest.approx((1.09 - 1.959964 * 0.1018**0.5, 1.09 + 1.959964 * 0.1018**0.5), rel=1e-5)
    assert (group.children, group.arms_without_n) == (0, 2)


def test_an_interval_gives_the_sd_and_an_sd_without_n_no_se() -> None:
    group = summary(
        result("t", n=16, mean=10, spread_kind="ci95", low=8, high=12),
        result("c", mean=1, spread_kind="sd", spread=2),
    )
    arm = row_of(group, "t", "mean percent change")
    assert arm.sd == pytest.approx(4 * 4 / (2 * 2.131450), rel=1e-6)
    assert arm.sd_provenance == "computed from the 95 % interval"
    assert row_of(group, "c", "mean percent change").se is None
    got = only_difference(group)
    assert got.value == 9
    assert got.ci is None
    assert "No standard error of the difference." in got.not_poolable


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"spread_kind": "unstated", "spread": 3}, "whether it is SD or SE"),
        ({"spread_kind": "range", "low": 1, "high": 3}, "may be a median"),
        ({"spread_kind": "sd", "spread": -1}, "negative"),
        ({"spread_kind": "se", "spread": -1}, "negative"),
        ({"spread_kind": "ci95", "low": 3, "high": 1}, "below the lower"),
        ({}, "No spread is printed"),
    ],
)
def test_an_unusable_spread_is_said_in_words(fields: dict[str, Any], words: str) -> None:
    got = row_of(summary(result("t", n=9, mean=2, **fields)), "t", "mean percent change")
    assert (got.sd, got.se, got.ci) == (None, None, None)
    assert any(words in note for note in got.notes)


def test_a_printed_ns_that_recomputes_to_significant_is_asked_about() -> None:
    """Mean change 2.6, SD 5.0, n 38: t = 3.2, p = .003, printed as not significant."""
    got = row_of(
        summary(result("t", n=38, mean=2.6, spread_kind="sd", spread=5.0, p_operator="NS")),
        "t",
        "mean percent change",
    )
    assert got.printed_p == "p NS"
    assert got.p == pytest.approx(0.003, abs=5e-4)
    assert got.notes == ("Printed p NS; mean, SD and n give p = 0.003.",)
    agreeing = result("t", n=38, mean=2.6, spread_kind="sd", spread=5.0, p_operator="<", p_value=0.01)
    assert row_of(summary(agreeing), "t", "mean percent change").notes == ()
    opposite = result("t", n=38, mean=0.1, spread_kind="sd", spread=5.0, p_operator="<", p_value=0.01)
    assert "p = 0.90" in row_of(summary(opposite), "t", "mean percent change").notes[0]


def test_direction_and_p_are_separate_and_ns_counts_neither_way() -> None:
    group = summary(
        result("t", direction="increase", p_operator="<", p_value=0.05),
        result("c", p_operator="NS"),
        contrasts=(contrast(direction="intervention", p_operator="<", p_value=0.005),),
    )
    texts = [row.text for row in group.words]
    assert texts == [
        "Increased (printed p < 0.05 within the group).",
        "Direction not reported (printed p NS within the group).",
        "Favours the intervention (printed p < 0.005 between the groups).",
    ]
    assert group.arms == ()
    assert group.words[0].about == "aBMD, mean percent change, lumbar spine, 12 months"


def test_a_contrast_without_arm_values_is_a_row_of_its_own() -> None:
    group = summary(contrasts=(contrast(estimate=4.0, ci_low=1.0, ci_high=7.0, adjusted=True, n=30),))
    got = only_difference(group)
    assert got.source == "printed contrast"
    assert got.ci == (1.0, 7.0)
    assert got.test == "as printed"
    assert got.se == pytest.approx(6 / (2 * 1.959964), rel=1e-6)
    assert got.not_poolable == ()
    assert got.finals == {"estimate": "final-k1"}


def test_the_se_of_a_contrast_comes_from_se_interval_or_exact_p() -> None:
    from_se = only_difference(summary(contrasts=(contrast(estimate=4.0, se=2.0),)))
    assert (from_se.se, from_se.test) == (2.0, "z")
    from_t = only_difference(summary(contrasts=(contrast(estimate=4.0, ci_low=1.0, ci_high=7.0, n=12),)))
    assert from_t.se == pytest.approx(6 / (2 * 2.228139), rel=1e-6)
    exact = contrast(estimate=4.0, n=12, p_operator="=", p_value=0.05)
    assert only_difference(summary(contrasts=(exact,))).se == pytest.approx(4 / 2.228139, rel=1e-6)
    bound = only_difference(summary(contrasts=(replace(exact, p_operator="<"),)))
    assert (bound.se, bound.ci) == (None, None)
    assert bound.not_poolable == ("No standard error of the difference.",)


ARMS = (
    result("t", n=10, mean=5, spread_kind="sd", spread=2),
    result("c", n=10, mean=1, spread_kind="sd", spread=2),
)


def test_an_unadjusted_contrast_stands_beside_the_computed_difference() -> None:
    printed = contrast(estimate=4.1, ci_low=2, ci_high=6, p_operator="=", p_value=0.001, test="t test")
    got = only_difference(summary(*ARMS, contrasts=(printed,)))
    assert got.source == "computed from the arms"
    assert got.printed is not None
    assert (got.printed.estimate, got.printed.p, got.printed.test) == (4.1, "p = 0.001", "t test")


def test_an_adjusted_contrast_is_preferred_and_each_study_has_one_interval() -> None:
    printed = contrast(estimate=3.5, se=0.8, adjusted=True, model="ANCOVA")
    found = change.summarise(dataset(study(results=ARMS, contrasts=(printed,))))
    group = only_group(found)
    assert [(row.source, row.preferred) for row in group.differences] == [
        ("computed from the arms", False),
        ("printed contrast", True),
    ]
    assert [row.value for row in found.differences] == [3.5]
    both = contrast(estimate=4, se=1, adjusted=False)
    pair = summary(contrasts=(both, printed))
    assert [(row.value, row.preferred) for row in pair.differences] == [(4, False), (3.5, True)]


def test_final_values_are_compared_only_after_randomisation() -> None:
    rows = (
        result("t", form="value", n=10, mean=0.6, spread_kind="sd", spread=0.1),
        result("c", form="value", n=10, mean=0.5, spread_kind="sd", spread=0.1),
    )
    got = only_difference(summary(*rows))
    assert got.line.estimand == "final value"
    assert any("imbalance" in note for note in got.notes)
    for design in ("cohort", "non-randomised controlled trial", "quasi-randomised trial", None):
        group = summary(*rows, design_as_classified=design, design_as_reported=None)
        assert group.differences == ()
        assert "not randomised" in group.words[0].text


def test_a_subset_never_adds_to_n_and_is_not_pooled() -> None:
    part = Arm("s", "Osteoporotic subgroup", "intervention", "pamidronate", "IV", relation="subset of arm t")
    rows = (*ARMS, result("s", n=4, mean=9, spread_kind="sd", spread=2))
    group = summary(*rows, arms=(DRUG, part, CONTROL))
    assert group.children == 20
    subset = next(row for row in group.differences if row.arm_key == "s")
    assert "not counted again" in subset.not_poolable[0]


def test_matched_pairs_are_flagged_as_treated_independent() -> None:
    pairs = replace(CONTROL, relation="matched pairs")
    got = only_difference(summary(*ARMS, arms=(DRUG, pairs)))
    assert any("treated as independent" in note for note in got.notes)
    assert got.ci is not None


def test_the_same_children_before_treatment_get_no_unpaired_interval() -> None:
    before = replace(CONTROL, label="Year before", relation="period before treatment")
    group = summary(*ARMS, arms=(DRUG, before))
    got = only_difference(group)
    assert (got.value, got.ci) == (4, None)
    assert any("paired standard error" in reason for reason in got.not_poolable)
    assert group.children == 10
    crossed = only_difference(summary(*ARMS, design_as_classified="randomised cross-over trial"))
    assert crossed.ci is None


def test_harms_only_studies_never_enter_and_every_absence_is_told() -> None:
    elsewhere = study("Verdi 2003", results=(result("t", site="total body", n=9, mean=3),))
    found = change.summarise(
        dataset(
            study("Series", purpose="harms_only", results=ARMS),
            study("Old", purpose="background", results=ARMS),
            study("Empty"),
            elsewhere,
            without=("Lost 1991",),
        )
    )
    assert found.groups == ()
    assert {item.study: item.why for item in found.left_out} == {
        "Lost 1991": "No final values yet.",
        "Series": "Included for harms only; its bone results do not count as efficacy.",
        "Old": "Background, not an included comparison.",
        "Empty": "No bone result is reported.",
        "Verdi 2003": "Results only for: total body.",
    }


def test_groups_are_condition_class_drug_and_route() -> None:
    oral = replace(DRUG, key="o", drug="alendronate", route="oral")
    both = study("Bianchi 1999", arms=(DRUG, oral, CONTROL), results=(*ARMS, result("o", n=8, mean=6)))
    other = study("Neri 2004", condition_class="chronic illness", results=ARMS)
    found = change.summarise(dataset(both, study(results=ARMS), other))
    got = [
        (group.key.condition_class, group.key.drug, group.key.route, group.studies, group.children)
        for group in found.groups
    ]
    assert got == [
        ("chronic illness", "pamidronate", "IV", ("Neri 2004",), 20),
        ("neuromuscular", "alendronate", "oral", ("Bianchi 1999",), 18),
        ("neuromuscular", "pamidronate", "IV", ("Bianchi 1999", "Rossi 2001"), 40),
    ]
    comparators = study(arms=(CONTROL,), results=(ARMS[1],))
    assert only_group(change.summarise(dataset(comparators))).key.drug == "not stated"


def test_a_site_includes_its_parts_but_not_its_namesakes() -> None:
    assert change.at_site("Lumbar spine L1–L4", "lumbar spine")
    assert not change.at_site("lumbar spinelike", "lumbar spine")
    assert not change.at_site("total body less head", "lumbar spine")
    assert change.at_site("anything", None)


def test_measures_can_be_restricted() -> None:
    rows = (*ARMS, result("t", measure="bmc", form="absolute_change", n=9, mean=2))
    found = change.summarise(dataset(study(results=rows)), measures=("bmc",))
    assert {row.line.measure for row in only_group(found).arms} == {"bmc"}
    assert only_group(found).arms[0].line.unit == "g"


def test_a_percent_change_of_a_z_score_is_refused() -> None:
    group = summary(result("t", measure="z", n=9, mean=40))
    assert group.arms == ()
    assert "no meaning" in group.words[0].text


def test_r_is_derived_from_three_printed_sds() -> None:
    rows = (
        result("t", form="value", months=0, n=18, mean=4, spread_kind="sd", spread=4),
        result("t", form="value", months=12, n=18, mean=5, spread_kind="sd", spread=4.4),
        result("t", form="absolute_change", n=18, mean=1, spread_kind="sd", spread=2.8),
    )
    found = change.correlations_found(
        dataset(study(results=rows), study("Series", purpose="harms_only", results=rows))
    )
    assert len(found) == 1
    assert found[0].r.value == pytest.approx(0.7818181818, rel=1e-9)
    assert (found[0].measure, found[0].n) == ("abmd", 18)


def test_a_correlation_needs_a_source_and_a_possible_value() -> None:
    with pytest.raises(ValueError, match="source"):
        Correlation("abmd", 0.9, " ")
    with pytest.raises(ValueError, match="between -1 and 1"):
        Correlation("abmd", 1.9, "x")
