"""Checks of single rows on numbers that papers really print (facts only; sources in the docs of the worked review)."""

import math
from typing import Any

import pytest
from scipy import stats

from extraction.pure.cells import Doubt
from extraction.pure.validate import EntryCheck, check_entry
from tests.extraction.entries import change, payload, preset, row, study, two_arms

FORM = preset("bone_density_children")


def check(*, arms: list[dict[str, Any]] | None = None, **groups: Any) -> EntryCheck:
    data = {"study": study(), "arms": arms or two_arms(), **groups}
    return check_entry(FORM, payload(**data), complete=True)


def doubts(result: EntryCheck) -> dict[str, Doubt]:
    assert result.errors == ()
    return {doubt.code: doubt for doubt in result.doubts}


def percent(**texts: str) -> EntryCheck:
    big = two_arms()
    for arm in big:
        arm["cells"]["n_randomised"]["text"] = "60"
    return check(arms=big, change=[change("c1", "a1", **texts)])


def value(**texts: str) -> dict[str, Any]:
    return row("e1", **{"arm": "a1", "measure": "abmd", "site": "lumbar_spine", "months": "12", **texts})


def z_change(**texts: str) -> EntryCheck:
    return percent(measure="z", form="z_change", site="lumbar_spine_l1_l4", **texts)


@pytest.mark.parametrize(
    ("mean", "sd", "n"), [("89", "21", "6"), ("15.4", "0.2", "20"), ("2.6", "0.05", "38")]
)
def test_a_standard_error_entered_as_sd_of_a_change_is_asked_about(mean: str, sd: str, n: str) -> None:
    asked = doubts(percent(n=n, mean=mean, spread_kind="sd", spread=sd))["se_as_sd"]
    assert asked.field == "spread"
    assert asked.formula == f"SD = SE × √n = {sd} × √{n} = {float(sd) * math.sqrt(int(n)):.4g}"


def test_a_standard_error_of_a_z_change_is_asked_about() -> None:
    asked = doubts(z_change(n="17", mean="0.63", spread_kind="sd", spread="0.17"))["se_as_sd"]
    assert asked.message == "This SD is 27 % of the mean: is it a standard error?"


def test_a_z_change_with_a_very_small_sd_is_asked_about_whatever_its_mean() -> None:
    asked = doubts(z_change(n="17", mean="-0.82", spread_kind="sd", spread="0.31"))["se_as_sd"]
    assert asked.message.startswith("This SD is small for a group of this size")
    assert doubts(z_change(n="20", mean="1.88", spread_kind="sd", spread="1.24")) == {}


@pytest.mark.parametrize(
    ("mean", "sd", "n"),
    [("14.9", "9.8", "38"), ("96", "87.8", "20"), ("47.4", "39.0", "18"), ("1", "0.1", "60")],
)
def test_true_standard_deviations_of_change_are_not_asked_about(mean: str, sd: str, n: str) -> None:
    assert doubts(percent(n=n, mean=mean, spread_kind="sd", spread=sd)) == {}


def test_a_stated_standard_error_is_not_asked_about() -> None:
    assert doubts(percent(n="6", mean="89", spread_kind="se", spread="21")) == {}


def test_a_value_in_g_per_cm2_is_asked_about_at_three_percent_only() -> None:
    assert doubts(check(endpoint=[value(n="5", mean="0.654", spread_kind="sd", spread="0.069")])) == {}
    asked = doubts(check(endpoint=[value(n="5", mean="0.654", spread_kind="sd", spread="0.017")]))
    assert "se_as_sd" in asked


def test_the_spread_of_z_scores_is_compared_with_their_scale() -> None:
    small = value(measure="z", n="6", mean="-4.2", spread_kind="sd", spread="0.3")
    assert doubts(check(endpoint=[small]))["se_as_sd"].message.startswith("This SD is small")
    true = value(measure="z", n="6", mean="-2.13", spread_kind="sd", spread="0.79")
    assert doubts(check(endpoint=[true])) == {}


def test_a_spread_of_zero_is_asked_about() -> None:
    assert "spread_zero" in doubts(percent(mean="5", spread_kind="sd", spread="0"))


def test_a_lost_minus_sign_is_asked_about() -> None:
    assert doubts(z_change(mean="5.77"))["z_sign_slip"].field == "mean"
    assert doubts(z_change(mean="1.9")) == {}


def test_a_sign_against_the_direction_is_asked_about() -> None:
    assert "sign_direction" in doubts(percent(mean="-5", direction="increase"))
    assert "sign_direction" in doubts(percent(mean="5", direction="decrease"))
    assert doubts(percent(mean="5", direction="increase")) == {}
    assert doubts(percent(mean="0", direction="increase")) == {}


def test_bmd_in_mg_is_refused_with_the_question_of_its_unit() -> None:
    result = check(endpoint=[value(mean="543")])
    assert [error.proposal for error in result.errors] == ["Is it in mg/cm²? Then it is 0.543 g/cm²."]
    other = check(endpoint=[value(measure="vbmd", mean="0.21")])
    assert [error.proposal for error in other.errors] == ["Is it in g/cm³? Then it is 210.00 mg/cm³."]
    hopeless = check(endpoint=[value(measure="z", mean="-15")])
    assert [error.proposal for error in hopeless.errors] == [""]


def test_rare_values_are_asked_about_and_true_large_changes_are_not() -> None:
    assert doubts(check(endpoint=[value(mean="1.7")]))["soft_range"].field == "mean"
    assert doubts(percent(mean="89")) == {}
    assert "soft_range" in doubts(percent(mean="151"))


def test_an_absolute_change_in_g_has_no_range_of_its_own() -> None:
    assert doubts(percent(form="absolute_change", mean="0.05")) == {}


def test_a_z_change_of_another_measure_is_asked_about() -> None:
    assert "form_of_measure" in doubts(percent(form="z_change", mean="0.5"))


def test_bounds_are_in_order_and_hold_the_mean() -> None:
    wrong = percent(mean="5", spread_kind="ci95", low="5.1", high="2.2")
    assert [error.field for error in wrong.errors] == ["low"]
    assert "outside_bounds" in doubts(percent(mean="5", spread_kind="ci95", low="6", high="9"))


def test_a_printed_ns_that_recomputes_to_significance_is_asked_about() -> None:
    asked = doubts(percent(n="38", mean="2.6", spread_kind="sd", spread="5", p_within="NS"))["p_recomputed"]
    exact = 2 * stats.t.sf(2.6 / (5 / math.sqrt(38)), 37)
    assert exact == pytest.approx(0.003, abs=0.0005)
    low, high = (float(part) for part in asked.formula.split("between ")[1].split(" and "))
    assert low < exact < high


def test_a_printed_significance_that_recomputes_to_nothing_is_asked_about() -> None:
    assert "p_recomputed" in doubts(
        percent(n="10", mean="2.0", spread_kind="sd", spread="9.0", p_within="<0.01")
    )
    assert "p_recomputed" in doubts(
        percent(n="10", mean="2.0", spread_kind="se", spread="2.0", p_within="0.03")
    )


@pytest.mark.parametrize("p", ["<0.002", "<0.05", ">0.001", "0.04", "<0.2"])
def test_a_p_value_that_agrees_or_leaves_it_open_is_not_asked_about(p: str) -> None:
    assert doubts(percent(n="38", mean="14.9", spread_kind="sd", spread="9.8", p_within=p)) == {}


def test_no_p_value_is_recomputed_without_spread_and_n() -> None:
    for texts in ({"mean": "9"}, {"mean": "9", "n": "1", "spread_kind": "se", "spread": "9"}):
        assert doubts(percent(p_within="NS", **texts)) == {}
    rounded = {"mean": "9", "n": "9", "spread_kind": "se", "spread": "0.1"}
    assert "p_recomputed" in doubts(percent(p_within="NS", **rounded))


def test_more_analysed_than_randomised_is_asked_about_not_refused() -> None:
    result = doubts(check(change=[change("c1", "a1", n="7", mean="50")]))
    assert result["analysed_over_randomised"].formula == "7 > 6"


def test_an_oral_pamidronate_and_an_infused_alendronate_are_asked_about() -> None:
    arms = two_arms()
    arms[0]["cells"]["route"]["text"] = "oral"
    assert doubts(check(arms=arms))["drug_and_route"].field == "route"
    arms[0]["cells"]["drug"]["text"] = "alendronate"
    assert doubts(check(arms=arms)) == {}
    arms[0]["cells"]["route"]["text"] = "iv"
    assert "drug_and_route" in doubts(check(arms=arms))


def test_an_arm_with_more_analysed_or_an_inactive_drug_is_asked_about() -> None:
    arms = two_arms()
    arms[0]["cells"]["n_analysed"] = {"text": "7"}
    arms[0]["cells"]["drug"]["text"] = "placebo"
    assert set(doubts(check(arms=arms))) == {"analysed_over_randomised", "role_and_drug"}


def contrast(**texts: str) -> EntryCheck:
    base = {
        "arm": "a1",
        "versus": "a2",
        "measure": "z",
        "form": "value",
        "site": "lumbar_spine",
        "months": "12",
    }
    return check(contrasts=[row("k1", **{**base, **texts})])


def test_a_contrast_stands_without_values_of_the_arms() -> None:
    sound = contrast(
        estimate="0.41", ci_low="0.02", ci_high="0.81", p_between=".04", direction="intervention"
    )
    assert doubts(sound) == {}
    assert next(cell.unit for cell in sound.cells if cell.field == "estimate") == "Z"
    assert doubts(contrast(test_result="not_significant")) == {}
    assert [error.message for error in contrast().errors] == [
        "Give a difference, a p-value, a test result or a direction."
    ]


def test_a_contrast_compares_two_arms_and_has_both_bounds() -> None:
    assert [error.field for error in contrast(versus="a1", estimate="1").errors] == ["versus"]
    assert [error.field for error in contrast(ci_low="1", estimate="1").errors] == ["ci_high"]
    assert [error.field for error in contrast(ci_high="1", estimate="1").errors] == ["ci_low"]
    assert [error.field for error in contrast(ci_low="2", ci_high="1", estimate="1").errors] == ["ci_low"]


def test_an_adjusted_contrast_names_its_model() -> None:
    assert [error.field for error in contrast(estimate="1", adjusted="yes").errors] == ["model"]


def test_the_parts_of_a_contrast_are_held_against_each_other() -> None:
    assert "outside_bounds" in doubts(contrast(estimate="1.41", ci_low="0.02", ci_high="0.81"))
    assert "se_and_interval" in doubts(contrast(estimate="0.4", se="0.8", ci_low="0.02", ci_high="0.81"))
    assert doubts(contrast(estimate="0.41", se="0.2", ci_low="0.02", ci_high="0.81")) == {}
    assert "p_and_interval" in doubts(contrast(ci_low="-0.2", ci_high="0.81", p_between="0.01"))
    assert "p_and_interval" in doubts(contrast(ci_low="0.2", ci_high="0.81", p_between="NS"))
    assert "p_and_test" in doubts(contrast(p_between="<0.005", test_result="not_significant"))
    assert doubts(contrast(p_between="<0.005", test_result="significant")) == {}
    assert "analysed_over_randomised" in doubts(contrast(n="13", estimate="1"))
    assert doubts(contrast(n="12", estimate="1")) == {}


def harm(**texts: str) -> EntryCheck:
    base = {"arm": "a1", "category": "acute_phase", "event": "fever", "unit": "children", "status": "counted"}
    return check(harms=[row("h1", **{**base, **texts})])


def test_a_printed_zero_and_a_mention_without_a_number_stay_apart() -> None:
    assert doubts(harm(events="3", n="6")) == {}
    assert doubts(harm(status="zero_reported", events="0", n="6")) == {}
    assert doubts(harm(status="mentioned_without_number")) == {}
    assert [error.field for error in harm(status="zero_reported").errors] == ["events"]
    assert [error.field for error in harm(status="zero_reported", events="2").errors] == ["status"]
    assert [error.field for error in harm(status="mentioned_without_number", events="2").errors] == ["status"]
    assert "status_number" in doubts(harm(events="0", n="6"))


def test_more_events_than_children_is_an_error_unless_events_are_the_unit() -> None:
    assert [error.field for error in harm(events="7", n="6").errors] == ["events"]
    assert doubts(harm(events="39", n="204", unit="infusions")) == {}
    assert doubts(harm(events="9", n="6", unit="events")) == {}
    assert "analysed_over_randomised" in doubts(harm(events="3", n="7"))
