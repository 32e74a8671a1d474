"""Pooling: by hand, at its edges, and what may not be pooled."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from extraction.pure.dataset import StudyData
from synthesis.pure import change, poolability, pooling, sensitivity, swim
from synthesis.pure.heterogeneity import q_profile, tau2
from synthesis.pure.pooling import StudyEffect
from tests.synthesis.studies import CONTROL, DRUG, contrast, dataset, result, study


def effects(*pairs: tuple[float, float]) -> list[StudyEffect]:
    return [StudyEffect(f"s{index}", y, v) for index, (y, v) in enumerate(pairs)]


HOMOGENEOUS = effects((1.1, 0.4), (1.0, 0.3), (1.2, 0.5))


def test_equal_effects_by_hand() -> None:
    """Weights 1 and 3: mean (0 + 3 × 4)/4 = 3, SE ½, Q = 9 + 3 = 12."""
    got = pooling.pool(effects((0, 1), (4, 1 / 3)), method="EE")
    assert got.estimate == pytest.approx(3)
    assert got.mean is not None
    assert got.mean.se == pytest.approx(0.5)
    assert got.cochran_q == pytest.approx(12)
    assert got.i2_from_q == pytest.approx(100 * 11 / 12)
    assert got.weights_percent == pytest.approx((25, 75))
    assert "Wald" in got.notes[0]


def test_dersimonian_laird_by_hand() -> None:
    """Q = 12, df 1, C = 4 - 10/4 = 1.5: tau² = 11/1.5."""
    got = pooling.pool(effects((0, 1), (4, 1 / 3)), method="DL")
    assert got.tau2 == pytest.approx(11 / 1.5)


def test_it_has_the_numbers_of_metafor_for_a_homogeneous_set() -> None:
    """R metafor 3.8-1, REML: estimate and HKSJ; the interval is widened to Wald's t."""
    got = pooling.pool(HOMOGENEOUS)
    assert got.tau2 == 0
    assert got.estimate == pytest.approx(1.0829787234042554, rel=1e-12)
    plain = got.interval("HKSJ")
    assert plain is not None
    assert plain.ci == pytest.approx((0.837335557771196, 1.328621889037315), rel=1e-9)
    assert got.mean is not None
    assert got.mean.ci == pytest.approx((-0.4543367253149402, 2.620294172123451), rel=1e-9)
    assert any("wider one" in note for note in got.notes)
    assert got.tau2_ci == pytest.approx((0, 0.003245171723902362), rel=1e-7)


def test_a_tiny_scale_loses_nothing() -> None:
    """The same effects in units a thousand times smaller: tau² shrinks a million times, to the last digit."""
    pairs = [(0.04, 4e-4), (0.01, 1e-4), (0.09, 9e-4), (-0.02, 2e-4)]
    plain = tau2(np.array([y for y, _ in pairs]), np.array([v for _, v in pairs])).value
    small = tau2(np.array([y / 1e3 for y, _ in pairs]), np.array([v / 1e6 for _, v in pairs])).value
    assert plain > 0
    assert small * 1e6 == pytest.approx(plain, rel=1e-10)


def log_likelihood(y: np.ndarray, v: np.ndarray, t: float) -> float:
    w = 1 / (v + t)
    mu = (w * y).sum() / w.sum()
    return float(0.5 * (np.log(w).sum() - np.log(w.sum()) - (w * (y - mu) ** 2).sum()))


@pytest.mark.parametrize(
    ("y", "v", "falling"),
    [
        ([0.36, -0.09, -1.19, 4.25], [1.032, 0.247, 0.898, 3.542], True),
        ([-1.13, -2.05, 18.01, -8.72], [0.632, 0.891, 40.718, 75.187], True),
        ([7.26, -2.62, -3.57, -3.29], [11.918, 0.277, 0.504, 3.795], False),
    ],
)
def test_reml_takes_the_global_maximum_of_several(y: list[float], v: list[float], falling: bool) -> None:
    got = tau2(np.array(y), np.array(v))
    assert len(got.maxima) == 2
    assert (0.0 in got.maxima) is falling
    best = log_likelihood(np.array(y), np.array(v), got.value)
    every = [
        log_likelihood(np.array(y), np.array(v), t)
        for t in np.concatenate([[0], np.geomspace(1e-4, 1e3, 4000)])
    ]
    assert best >= max(every) - 1e-12
    notes = pooling.pool([StudyEffect(str(a), a, b) for a, b in zip(y, v, strict=True)]).notes
    assert any("several maxima" in note for note in notes)


def test_no_one_and_two_studies_are_handled_in_words() -> None:
    none = pooling.pool([])
    assert (none.k, none.estimate, none.mean) == (0, None, None)
    assert "nothing to pool" in none.notes[0]
    one = pooling.pool(effects((3.2, 1.44)))
    assert one.mean is not None
    assert one.mean.ci == pytest.approx((0.8480432185519358, 5.551956781448064), rel=1e-9)  # R metafor 3.8-1
    assert (one.tau2, one.i2, one.prediction) == (None, None, None)
    assert "One study" in one.notes[0]
    two = pooling.pool(effects((1, 1), (2, 1)))
    assert two.prediction is None
    assert any("one degree of freedom" in note for note in two.notes)
    assert any("three studies" in note for note in two.notes)


def test_equal_effects_in_all_studies_do_not_divide_by_zero() -> None:
    got = pooling.pool(effects((2, 1), (2, 1), (2, 1)))
    plain = got.interval("HKSJ")
    assert plain is not None
    assert (plain.se, plain.ci, plain.p) == (0, (2, 2), None)
    assert any("standard error is 0" in note for note in got.notes)
    assert any("empty" in note for note in got.notes)
    assert got.tau2_ci is None
    assert (got.i2_from_q, got.i2_ci) == (0, None)
    assert pooling.pool(effects((2, 1), (2, 1)), method="SJ").tau2 == 0


def test_a_variance_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be weighted"):
        pooling.pool(effects((1, 0), (2, 1)))
    with pytest.raises(ValueError, match="at least two"):
        tau2(np.array([1.0]), np.array([1.0]))
    with pytest.raises(ValueError, match="above 0"):
        tau2(np.array([1.0, 2.0]), np.array([1.0, 0.0]))


def test_the_prediction_interval_names_its_rule() -> None:
    spread = effects((0, 0.1), (1, 0.1), (3, 0.1), (-1, 0.1))
    got = pooling.pool(spread, prediction_rule="t(k-2), Wald")
    assert got.prediction_rule == "t(k-2), Wald"
    assert got.prediction == dict(got.predictions)["t(k-2), Wald"]
    assert len(got.predictions) == 5
    assert got.interval("Wald t") is not None


def test_a_tau2_outside_its_profile_is_noted() -> None:
    outlying = effects((-2.77, 0.05), (-2.34, 0.08), (-2.98, 0.62), (10.52, 20.58))
    got = pooling.pool(outlying)
    assert got.tau2_ci is not None
    assert got.tau2 is not None
    assert got.tau2 < got.tau2_ci[0]
    assert any("outside its Q-profile" in note for note in got.notes)
    assert not any("outside" in note for note in pooling.pool(effects((0, 0.1), (1, 0.1), (3, 0.1))).notes)


def test_the_profile_is_where_q_meets_chi_square() -> None:
    y, v = np.array([0.0, 1.0, 3.0, -1.0]), np.array([0.1, 0.1, 0.1, 0.1])
    ci = q_profile(y, v).ci
    assert ci is not None
    # equal variances: Q(t) = S/(0.1 + t), S = 8.75, so the limits are S/chi² - 0.1
    assert ci == pytest.approx((8.75 / 9.348403604496148 - 0.1, 8.75 / 0.2157952826238981 - 0.1), rel=1e-9)


def test_leaving_one_out_and_subgroups() -> None:
    left = sensitivity.leave_one_out(HOMOGENEOUS)
    assert [label for label, _ in left] == ["s0", "s1", "s2"]
    assert left[0][1].estimate == pytest.approx((1 / 0.3 + 1.2 / 0.5) / (1 / 0.3 + 1 / 0.5))
    assert sensitivity.leave_one_out(HOMOGENEOUS[:1]) == ()
    groups = sensitivity.subgroups(effects((0, 1), (4, 1)), ["a", "b"])
    assert groups.q_between == pytest.approx(8)
    assert sensitivity.subgroups(HOMOGENEOUS, ["a"] * 3).q_between is None
    with pytest.raises(ValueError, match="subgroup"):
        sensitivity.subgroups(HOMOGENEOUS, ["a"])


def test_egger_needs_ten_studies_and_different_errors() -> None:
    assert "needs 10 studies" in (sensitivity.egger(HOMOGENEOUS).note or "")
    same = effects(*[(float(i), 1.0) for i in range(10)])
    assert "same standard error" in (sensitivity.egger(same).note or "")
    slanted = effects(*[(2 + 3 * s + 0.01 * (-1) ** i, s * s) for i, s in enumerate(np.linspace(0.1, 1, 10))])
    assert sensitivity.egger(slanted).intercept == pytest.approx(3, abs=0.05)


def test_votes_count_directions_and_never_significance() -> None:
    got = swim.votes(6, 1, without_direction=3)
    assert (got.with_direction, got.without_direction) == (7, 3)
    assert got.p == pytest.approx(2 * 8 / 128)
    assert "nothing to count" in (swim.votes(0, 0, 2).note or "")
    with pytest.raises(ValueError, match="0 or more"):
        swim.votes(-1, 2)


def test_p_values_combine_only_in_one_direction() -> None:
    assert swim.one_sided(0.04, favours=True) == 0.02
    assert swim.one_sided(0.04, favours=False) == 0.98
    got = swim.combine_p([0.5, 0.5])
    assert got is not None
    assert (got.stouffer_z, got.stouffer_p) == (pytest.approx(0), pytest.approx(0.5))
    assert swim.combine_p([]) is None
    for wrong in ([0.0], [1.0]):
        with pytest.raises(ValueError, match="between 0 and 1"):
            swim.combine_p(wrong)
    with pytest.raises(ValueError, match="weight"):
        swim.combine_p([0.1], [0])
    with pytest.raises(ValueError, match="p must"):
        swim.one_sided(0, favours=True)


def test_the_middle_of_effects() -> None:
    assert swim.middle([4, 1, 2, 3]) == swim.Middle(4, 2.5, 1.75, 3.25, 1, 4)
    assert swim.middle([]).median is None


def arms(mean: float, **fields: Any) -> tuple[Any, ...]:
    common = {"n": 10, "spread_kind": "sd", "spread": 2} | fields
    return result("t", mean=mean, **common), result("c", mean=1, **common)


def chosen(*studies: StudyData, site: str | None = "lumbar spine") -> tuple[poolability.Candidate, ...]:
    return poolability.candidates(change.summarise(dataset(*studies), site=site))


def test_like_with_like_may_be_pooled_and_is() -> None:
    two = chosen(study("A", results=arms(5)), study("B", results=arms(3)))
    assert poolability.checks(two).forbidden == ()
    got = poolability.pool_differences(two, method="EE")
    assert got.estimate == pytest.approx(3)
    only_printed = chosen(study("A", contrasts=(contrast(estimate=4, se=1),)), study("B", results=arms(3)))
    assert poolability.pool_differences(only_printed, method="EE").k == 2


def test_what_is_never_pooled() -> None:
    one = study("A", results=arms(5))
    cases = {
        "Different measures": study("B", results=arms(3, measure="vbmd")),
        "Different sites": study("B", results=arms(3, site="total body")),
        "Different kinds of result": study("B", results=arms(3, form="absolute_change")),
        "not one pool": study("B", results=arms(3), design_as_classified="cohort"),
        "No standard error": study("B", results=arms(3, spread_kind=None)),
    }
    for words, other in cases.items():
        both = chosen(one, other, site=None)
        assert any(words in reason for reason in poolability.checks(both).forbidden), words
        with pytest.raises(ValueError, match=words):
            poolability.pool_differences(both)
    assert poolability.checks(chosen(one)).forbidden == ("A pool needs two studies.",)


def test_a_shared_comparator_is_not_counted_twice() -> None:
    other = replace(DRUG, key="u", label="High dose")
    rows = (*arms(5), result("u", n=10, mean=6, spread_kind="sd", spread=2))
    found = poolability.checks(chosen(study("A", arms=(DRUG, other, CONTROL), results=rows)))
    assert any("count twice" in reason for reason in found.forbidden)


def test_designs_mix_only_by_name_and_what_differs_is_listed() -> None:
    cohort = study(
        "B",
        results=arms(3, months=6),
        design_as_classified="cohort",
        condition_class="chronic illness",
        arms=(replace(DRUG, drug="alendronate", route="oral"), replace(CONTROL, relation="matched pairs")),
    )
    found = poolability.checks(chosen(study("A", results=arms(5)), cohort), mix_designs=True)
    assert found.forbidden == ()
    assert [words.split(":")[0].split(".")[0] for words in found.differ] == [
        "Different condition classes",
        "Different drugs",
        "Different routes",
        "Different times in months",
        "Matched pairs are treated as independent; try other correlations",
        "Not every study is randomised",
    ]


def test_changes_and_final_values_meet_only_as_differences_of_randomised_groups() -> None:
    change_row = study("A", results=arms(5, form="absolute_change"))
    final = study("B", results=arms(3, form="value"))
    found = poolability.checks(chosen(change_row, final))
    assert found.forbidden == ()
    assert any("imbalance at baseline" in words for words in found.differ)
