"""Conversions against R 4.2.2 (own code; medians checked there against metafor 5.0-1 conv.fivenum)."""

from collections.abc import Callable
from typing import Any

import pytest

from synthesis.pure import conversions, medians, scales
from tests.reference import oracle

pytestmark = pytest.mark.data

Given = dict[str, Any]


def from_ci(g: Given) -> Given:
    low, high, n, level = g["lower"], g["upper"], g["n"], g["level"]
    return {
        "sd_t": conversions.sd_from_ci(low, high, n, level=level, quantile="t").value,
        "sd_z": conversions.sd_from_ci(low, high, n, level=level, quantile="z").value,
        "mean_if_symmetric": (low + high) / 2,
    }


def from_md_ci(g: Given) -> Given:
    n1, n2 = g["n1"], g["n2"]
    t = conversions.se_of_difference_from_ci(g["lower"], g["upper"], n1, n2, level=g["level"]).value
    z = conversions.se_of_difference_from_ci(
        g["lower"], g["upper"], n1, n2, level=g["level"], quantile="z"
    ).value
    assert t is not None
    assert z is not None
    return {
        "se_t": t,
        "sd_t": conversions.sd_from_se_of_difference(t, n1, n2).value,
        "se_z": z,
        "sd_z": conversions.sd_from_se_of_difference(z, n1, n2).value,
    }


def from_se(se: float | None, g: Given) -> Given:
    assert se is not None
    return {"se": se, "sd": conversions.sd_from_se_of_difference(se, g["n1"], g["n2"]).value}


def correlation(g: Given) -> Given:
    got = conversions.correlation(g["sd_baseline"], g["sd_final"], g["sd_change"])
    assert (got.value is None) == (got.problem is not None)
    # R prints the impossible r beside "possible: false"; here it is refused
    return {"possible": got.value is not None} | ({"r": got.value} if got.value is not None else {})


def combined(g: Given) -> Given:
    rows = zip(g["ns"], g["means"], g["sds"], strict=True)
    got = conversions.combine([conversions.Group(n, mean, sd) for n, mean, sd in rows])
    return {"n": got.n, "mean": got.mean, "sd": got.sd}


def from_median(g: Given) -> Given:
    spread = {new: g[old] for old, new in RENAMED.items() if old in g}
    got = medians.from_median(g["n"], g["median"], **spread, although_skewed=True)
    if got.skewed:
        assert medians.from_median(g["n"], g["median"], **spread).mean is None
    return {
        "mean_luo2018": got.mean,
        "sd_wan2014_or_shi2020": got.sd,
        "skew_T": got.skew,
        "skew_critical": got.skew_limit,
        "skewed": got.skewed,
    }


RENAMED = {"min": "minimum", "q1": "q1", "q3": "q3", "max": "maximum"}


def yearly(g: Given) -> Given:
    return {
        "change_per_year": scales.per_year(g["change"], g["months"]).value,
        "sd_per_year": scales.per_year(g["sd"], g["months"]).value,
        "compound_percent_per_year": scales.compound_percent_per_year(g["change"], g["months"]).value,
    }


def log_ratio(g: Given) -> Given:
    got = scales.log_ratio(g["estimate"], g["lower"], g["upper"], g["level"])
    assert got.se is not None
    return {"yi": got.log, "se": got.se, "vi": got.se**2, "asymmetry": got.asymmetry}


MADE: dict[str, Callable[[Given], Given]] = {
    "sd_from_se": lambda g: {"sd": conversions.sd_from_se(g["se"], g["n"]).value},
    "sd_from_ci_one_group": from_ci,
    "sd_from_md_ci": from_md_ci,
    "sd_from_t": lambda g: from_se(conversions.se_from_t(g["md"], g["t"]).value, g),
    "sd_from_p": lambda g: from_se(
        conversions.se_from_p(g["md"], g["p_two_sided"], g["n1"] + g["n2"] - 2).value, g
    ),
    "sd_change_from_paired_p": lambda g: {
        "se": conversions.se_from_p(g["mean_change"], g["p_two_sided"], g["n"] - 1).value,
        "sd": conversions.sd_of_change_from_p(g["mean_change"], g["p_two_sided"], g["n"]).value,
    },
    "sd_change_from_r": lambda g: {
        "sd_change": conversions.sd_of_change(g["sd_baseline"], g["sd_final"], g["r"], source="test").value
    },
    "r_from_sds": correlation,
    "combine_arms": combined,
    "mean_sd_from_median": from_median,
    "z_score": lambda g: {"z": scales.z_score(g["value"], g["ref_mean"], g["ref_sd"]).value},
    "annualise_linear": yearly,
    "standardised_bmd_spine_hui1997": lambda g: {
        maker: scales.standardised_spine_bmd(g["value_g_cm2"], maker).value
        for maker in ("hologic", "lunar", "norland")
    },
    "log_se_from_ratio_ci": log_ratio,
}


@oracle.parametrized("conversions")
def test_it_agrees_with_r(case: dict[str, Any]) -> None:
    got = MADE[case["kind"]](case["input"])
    assert oracle.differences(got, case["expected"]) == []
