"""Effects against R metafor 3.8-1 (escalc) and R's own fisher.test."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from synthesis.pure import counts, effects, paired
from synthesis.pure.conversions import Group
from synthesis.pure.effects import Effect
from tests.reference import oracle

pytestmark = pytest.mark.data


def two_groups(given: dict[str, Any]) -> tuple[Group, Group]:
    return (
        Group(given["n1"], given["m1"], given["sd1"]),
        Group(given["n2"], given["m2"], given["sd2"]),
    )


def pair(given: dict[str, Any], r: float | None = None) -> paired.BeforeAfter:
    return paired.BeforeAfter(
        given["n"], given["m_pre"], given["m_post"], given["sd_pre"], given["sd_post"], given.get("r", r)
    )


def arms(given: dict[str, Any]) -> counts.TwoArms:
    return counts.TwoArms(given["events1"], given["n1"], given["events2"], given["n2"])


MADE: dict[str, Callable[[dict[str, Any]], Effect]] = {
    "MD": lambda given: effects.mean_difference(*two_groups(given), test="z"),
    "SMD": lambda given: effects.standardised_mean_difference(*two_groups(given)),
    "ROM": lambda given: effects.ratio_of_means(*two_groups(given)),
    "MC": lambda given: paired.mean_change(pair(given)),
    "SMCC": lambda given: paired.change_by_sd_of_change(pair(given)),
    # these cases were made with escalc's sd1i = the follow-up SD, whatever their note says: hand it in as that
    "SMCR": lambda given: paired.change_by_sd_before(pair({**given, "sd_pre": given["sd_post"]})),
    "ROMC": lambda given: paired.ratio_of_change(pair(given)),
    "RR": lambda given: counts.risk_ratio(arms(given)),
    "OR": lambda given: counts.odds_ratio(arms(given)),
    "RD": lambda given: counts.risk_difference(arms(given)),
    "PETO": lambda given: counts.peto(arms(given)),
    "IRR": lambda given: counts.rate_ratio(
        given["events1"], given["time1"], given["events2"], given["time2"]
    ),
    "percent_change_difference": lambda given: paired.percent_change_difference(
        pair(given["treatment"], given["r"]), pair(given["control"], given["r"])
    ),
}


def numbers(got: Effect) -> dict[str, Any]:
    found: dict[str, Any] = {
        "yi": got.value,
        "vi": got.variance,
        "sei": got.se,
        "z": got.statistic,
        "p": got.p,
    }
    if got.ci is not None:
        found |= {"ci_lb": got.ci[0], "ci_ub": got.ci[1]}
    if got.scale == "log" and got.value is not None:
        ratio, limits = got.exp() or (math.nan, None)
        found["exp_yi"] = ratio
        if limits is not None:
            found |= {"exp_ci_lb": limits[0], "exp_ci_ub": limits[1]}
    return found


@oracle.parametrized("effects", *MADE)
def test_it_agrees_with_escalc(case: dict[str, Any]) -> None:
    got, expected = MADE[case["kind"]](case["input"]), case["expected"]
    if expected.get("estimable_without_both_zero") is False:
        # metafor corrects a table without any event to a ratio about 1; here that table has no ratio
        assert got.value is None
        assert got.note
        return
    found = {name: value for name, value in numbers(got).items() if name in expected}
    assert len(found) >= 2
    assert oracle.differences(found, expected) == []
    if "corrected" in expected:
        assert got.corrected is expected["corrected"]


@oracle.parametrized("effects", "MD")
def test_it_agrees_on_welch_and_pooled_variance(case: dict[str, Any]) -> None:
    one, two = two_groups(case["input"])
    welch, student = effects.mean_difference(one, two), effects.mean_difference(one, two, test="t")
    if "welch_df" not in case["expected"]:
        assert (welch.ci, welch.df, student.ci) == (None, None, None)
        return
    assert oracle.same(welch.df, case["expected"]["welch_df"])
    assert oracle.same(student.variance, case["expected"]["vi_pooled_sd"])


@oracle.parametrized("effects", "SMD")
def test_it_agrees_on_the_factors_and_on_revman(case: dict[str, Any]) -> None:
    one, two = two_groups(case["input"])
    expected, df = case["expected"], one.n + two.n - 2
    revman = effects.standardised_mean_difference(one, two, revman=True)
    got = {
        "sd_pooled": effects.pooled_sd(one, two),
        "j_exact": effects.small_sample_factor(df),
        "j_approx": effects.small_sample_factor(df, exact=False),
        "g_approx": revman.value,
    }
    assert oracle.differences(got, expected) == []
    if df + 2 <= 5:
        assert revman.variance is None
    else:
        assert oracle.same(revman.variance, expected["vi_revman"])


@oracle.parametrized("effects", "RD")
def test_it_agrees_on_the_corrected_risk_difference(case: dict[str, Any]) -> None:
    got = counts.risk_difference(arms(case["input"]), correct=True)
    expected = case["expected"]
    assert oracle.same(got.value, expected["corrected_yi"])
    assert oracle.same(got.variance, expected["corrected_vi"])


@oracle.parametrized("effects", "percent_change_arm")
def test_it_agrees_on_percent_change_of_means(case: dict[str, Any]) -> None:
    got = paired.percent_change(pair(case["input"]))
    assert got.ci is not None
    assert got.fieller is not None
    found = {
        "percent_change": got.value,
        "se_delta": got.se,
        "sd_delta": got.sd,
        "ci_t_lb": got.ci[0],
        "ci_t_ub": got.ci[1],
        "fieller_g": got.fieller_g,
        "fieller_lb": got.fieller[0],
        "fieller_ub": got.fieller[1],
    }
    assert oracle.differences(found, case["expected"]) == []


@oracle.parametrized("effects", "crossover")
def test_it_agrees_on_the_cross_over(case: dict[str, Any]) -> None:
    given = case["input"]
    got = paired.cross_over(
        given["n"],
        mean_one=given["m_e"],
        sd_one=given["sd_e"],
        mean_two=given["m_c"],
        sd_two=given["sd_c"],
        r=given["corr"],
    )
    found = {
        "md": got.difference,
        "sd_diff": got.sd_difference,
        "se_md": got.se_difference,
        "smd": got.smd,
        "se_smd": got.se_smd,
    }
    assert oracle.differences(found, case["expected"]) == []


@oracle.parametrized("effects", "fisher_exact")
def test_it_agrees_with_fisher(case: dict[str, Any]) -> None:
    assert oracle.same(counts.fisher_p(arms(case["input"])), case["expected"]["p"])
