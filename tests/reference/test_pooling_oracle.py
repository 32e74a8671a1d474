"""Pooling against R metafor 3.8-1 with its score solved to 1e-14."""

from statistics import median
from typing import Any

import numpy as np
import pytest

from synthesis.pure import pooling, sensitivity
from synthesis.pure.heterogeneity import Method, q_profile
from synthesis.pure.pooling import StudyEffect
from tests.reference import oracle

pytestmark = pytest.mark.data

METHODS: tuple[Method, ...] = ("EE", "DL", "PM", "REML", "ML", "HE", "SJ", "EB")
RULES: dict[str, pooling.PredictionRule] = {
    "normal_wald": "z, Wald",
    "t_k1_wald": "t(k-1), Wald",
    "t_k2_wald": "t(k-2), Wald",
    "t_k1_hksj": "t(k-1), HKSJ",
    "t_k2_hksj": "t(k-2), HKSJ",
}


def studies(given: dict[str, Any]) -> list[StudyEffect]:
    pairs = zip(given["yi"], given["vi"], strict=True)
    return [StudyEffect(str(index), y, v) for index, (y, v) in enumerate(pairs)]


def near(got: float | None, expected: float, scale: float = 1.0) -> bool:
    """Within 1e-7: what depends on tau² carries its rounding."""
    return got is not None and abs(got - expected) <= 1e-7 * max(scale, abs(expected))


def wald(got: pooling.Pooled, expected: dict[str, Any]) -> None:
    mean = got.interval("Wald z")
    assert mean is not None
    pairs = {"estimate": got.estimate, "se": mean.se, "z": mean.statistic, "p": mean.p}
    pairs |= {"ci_lb": mean.ci[0], "ci_ub": mean.ci[1]}
    for name, value in pairs.items():
        assert near(value, expected[name]), (name, value, expected[name])
    assert np.allclose(got.weights_percent, expected["weights_percent"], rtol=1e-7, atol=1e-9)


@oracle.parametrized("pooling", "dataset", "edge")
@pytest.mark.parametrize("method", METHODS)
def test_it_agrees_on_every_estimator(case: dict[str, Any], method: Method) -> None:
    expected = case["expected"].get(method)
    if expected is None:
        assert len(case["input"]["yi"]) == 1
        return
    got = pooling.pool(studies(case["input"]), method=method)
    wald(got, expected)
    if got.k == 1:
        assert (got.tau2, got.i2, got.prediction) == (None, None, None)
        return
    scale = max(expected["tau2"], median(case["input"]["vi"]))
    assert got.tau2 is not None
    assert abs(got.tau2 - expected["tau2"]) <= 1e-7 * scale
    assert near(got.i2, expected["I2"], 100)
    assert near(got.h2, expected["H2"])


@oracle.parametrized("pooling", "dataset", "edge")
@pytest.mark.parametrize("method", METHODS[1:])
def test_it_agrees_on_hartung_knapp_and_prediction(case: dict[str, Any], method: Method) -> None:
    expected = case["expected"].get(method)
    if expected is None:
        return
    got = pooling.pool(studies(case["input"]), method=method)
    plain, modified = got.interval("HKSJ"), got.interval("HKSJ modified")
    assert plain is not None
    assert modified is not None
    assert near(got.q, expected["hksj"]["q"])
    for mean, name in ((plain, "hksj"), (modified, "hksj_modified")):
        wanted = expected[name]
        pairs = (mean.se, wanted["se"]), (mean.ci[0], wanted["ci_lb"]), (mean.ci[1], wanted["ci_ub"])
        assert all(near(value, other) for value, other in (*pairs, (mean.p, wanted["p"])))
    found = dict(got.predictions)
    assert bool(found) is (got.k >= 3)
    for name, rule in RULES.items():
        if rule in found:
            limits = expected["prediction"][name]
            assert near(found[rule][0], limits[0])
            assert near(found[rule][1], limits[1])


@oracle.parametrized("pooling", "dataset", "edge")
def test_it_agrees_on_q_and_its_profile(case: dict[str, Any]) -> None:
    expected = case["expected"]
    got = pooling.pool(studies(case["input"]))
    assert near(got.cochran_q, expected["Q"])
    assert got.cochran_df == expected["Q_df"]
    if got.k == 1:
        assert got.i2_from_q is None
        return
    assert near(got.cochran_p, expected["Q_p"])
    assert near(got.i2_from_q, expected["I2_from_Q"], 100)
    profile = q_profile(np.array(case["input"]["yi"]), np.array(case["input"]["vi"]))
    assert (profile.ci is None) is expected["tau2_qprofile_upper_is_null_set"]
    if profile.ci is not None and got.i2_ci is not None:
        scale = median(case["input"]["vi"])
        for value, other in zip(profile.ci, expected["tau2_qprofile_ci"], strict=True):
            assert abs(value - other) <= 1e-7 * max(scale, other)
        assert all(near(a, b, 100) for a, b in zip(got.i2_ci, expected["I2_qprofile_ci"], strict=True))


@oracle.parametrized("pooling", "dataset", "edge")
def test_it_agrees_on_leave_one_out_and_egger(case: dict[str, Any]) -> None:
    expected, effects = case["expected"], studies(case["input"])
    if "leave_one_out_REML" in expected:
        wanted = expected["leave_one_out_REML"]
        for index, (_, got) in enumerate(sensitivity.leave_one_out(effects)):
            wald_mean = got.interval("Wald z")
            assert wald_mean is not None
            assert near(got.estimate, wanted["estimate"][index])
            assert near(wald_mean.se, wanted["se"][index])
    if expected.get("egger"):
        found = sensitivity.egger(effects, minimum=3)
        got_egger = {"intercept": found.intercept, "se": found.se, "t": found.t, "df": found.df, "p": found.p}
        for name, value in got_egger.items():
            assert near(value, expected["egger"][name]), name


@oracle.parametrized("pooling", "subgroup")
def test_it_agrees_on_subgroups(case: dict[str, Any]) -> None:
    expected = case["expected"]
    got = sensitivity.subgroups(studies(case["input"]), case["input"]["group"])
    assert near(got.q_between, expected["Q_between"])
    assert near(got.p, expected["p"])
    assert got.df == expected["df"]
    for (name, pooled), wanted in zip(got.groups, expected["groups"], strict=True):
        assert (name, pooled.k) == (wanted["group"], wanted["k"])
        assert near(pooled.estimate, wanted["estimate"])
        assert near(pooled.tau2, wanted["tau2"])
