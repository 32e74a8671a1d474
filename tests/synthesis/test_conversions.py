"""Recovering SDs: the Handbook's cases by hand, and everything that is refused."""

import pytest

from synthesis.pure import conversions as c
from synthesis.pure import medians, numerals, scales


def test_an_se_becomes_an_sd_with_its_formula_filled_in() -> None:
    got = c.sd_from_se(21, 6)
    assert got.value == pytest.approx(51.439, abs=1e-3)
    assert got.formula == "SD = SE × √n = 21 × √6"
    assert got.inputs == {"se": 21, "n": 6}
    assert c.sd_from_se(1, 1).problem is not None


def test_an_interval_uses_t_for_few_children_and_z_for_many() -> None:
    few, many = c.sd_from_ci(0.02, 0.05, 20), c.sd_from_ci(3.1, 7.4, 120)
    assert few.value == pytest.approx(20**0.5 * 0.03 / (2 * 2.093024))
    assert many.value == pytest.approx(120**0.5 * 4.3 / (2 * 1.959964), rel=1e-6)
    assert "t on n − 1" in (few.assumption or "")
    assert "normal" in (many.assumption or "")
    assert "below" in (c.sd_from_ci(5, 3, 20).problem or "")


def test_a_bound_of_p_is_conservative_and_ns_is_never_converted() -> None:
    exact = c.se_from_p(3.8, 0.04, 45)
    bound = c.se_from_p(3.8, 0.05, 45, operator="<")
    assert exact.value is not None
    assert bound.value is not None
    assert bound.value > exact.value
    assert "conservative" in (bound.assumption or "")
    assert c.se_from_p(3.8, 0.05, 45, operator="NS").value is None
    assert c.se_from_p(3.8, 0.05, 45, operator=">").value is None
    assert c.se_from_p(0, 0.5, 45).value is None
    assert c.se_from_p(1, 0, 45).value is None
    assert c.sd_of_change_from_p(1, 0.05, 12, operator="NS").problem is not None


def test_the_sd_of_change_carries_r_and_where_it_comes_from() -> None:
    got = c.sd_of_change(4, 4.4, 0.8, source="two included trials")
    assert got.value == pytest.approx((16 + 19.36 - 2 * 0.8 * 17.6) ** 0.5)
    assert got.assumption == "r = 0.8, from two included trials."
    assert c.sd_of_change(1, 1, 1.2, source="nowhere").value is None
    assert c.sd_of_change(2, 2, 1, source="equal").value == 0


def test_three_sds_give_r_or_are_refused() -> None:
    assert c.correlation(4, 4.4, 2.8).value == pytest.approx((16 + 19.36 - 7.84) / 35.2)
    assert "cannot belong" in (c.correlation(1, 1, 2.5).problem or "")
    assert c.correlation(0, 1, 1).value is None


def test_arms_combine_as_if_they_were_one() -> None:
    """Two children with 1 and 3, two with 5 and 7: together 1, 3, 5, 7 with mean 4 and SD √(20/3)."""
    got = c.combine([c.Group(2, 2, 2**0.5), c.Group(2, 6, 2**0.5)])
    assert (got.n, got.mean) == (4, 4)
    assert got.sd == pytest.approx((20 / 3) ** 0.5)
    assert c.combine([c.Group(1, 2, None), c.Group(1, 4, None)]).sd == pytest.approx(2**0.5)
    assert c.combine([c.Group(5, 2, None), c.Group(5, 4, 1)]).problem == "A group has no SD."
    assert c.combine([]).problem is not None
    assert c.combine([c.Group(1, 2, None)]).problem == "One child has no SD."


def test_t_and_differences() -> None:
    assert c.se_from_t(3.8, 2.78).value == pytest.approx(3.8 / 2.78)
    assert c.se_from_t(3.8, 0).value is None
    assert c.sd_from_se_of_difference(2, 8, 8).value == pytest.approx(4)
    assert c.sd_from_se_of_difference(2, 0, 8).value is None
    assert c.se_of_difference_from_ci(1, 2, 1, 1).problem == "Too few children for a t interval."


def test_a_median_is_refused_for_four_children_and_when_skewed() -> None:
    assert "five children" in (medians.from_median(4, 2, q1=1, q3=3).problem or "")
    skewed = medians.from_median(12, 3, q1=3, q3=6)
    assert (skewed.mean, skewed.sd, skewed.skewed) == (None, None, True)
    assert medians.from_median(12, 3, q1=3, q3=6, although_skewed=True).mean == pytest.approx(4.09875)
    assert "in order" in (medians.from_median(12, 3, q1=4, q3=6).problem or "")
    assert "alone" in (medians.from_median(12, 3).problem or "")
    even = medians.from_median(20, 2, minimum=0, maximum=4)
    assert even.mean == pytest.approx(2)


def test_scales_name_what_they_assume() -> None:
    assert scales.z_score(0.512, 0.61, 0.085).value == pytest.approx(-1.152941, abs=1e-6)
    assert scales.z_score(0.5, 0.6, 0).value is None
    assert scales.per_year(3, 18).value == pytest.approx(2)
    assert scales.per_year(3, 0).value is None
    assert scales.compound_percent_per_year(21, 24).value == pytest.approx(10)
    assert scales.compound_percent_per_year(-100, 24).value is None
    assert "children" in (scales.standardised_spine_bmd(0.5, "hologic").assumption or "")
    assert scales.log_ratio(2, 1, 4).asymmetry == pytest.approx(0)
    assert scales.log_ratio(0.5, 0.6, 4).problem is not None


def test_numbers_are_printed_with_a_true_minus_and_honest_digits() -> None:
    assert numerals.number(-0.46) == "−0.46"
    assert numerals.number(0.00000001) == "0.00000001"
    assert numerals.number(123456789) == "123456789"
    assert numerals.number(None) == "not known"
    assert numerals.number(-0.0) == "0"
    assert numerals.fixed(-0.004, 2) == "0.00"
    assert numerals.percent(0.0841) == "8.4 %"
    assert numerals.p_value(0.0004) == "p < 0.001"
    assert numerals.p_value(0.04996) == "p = 0.0500"
    assert numerals.p_value(0.4) == "p = 0.40"
    assert numerals.p_value(0.999) == "p > 0.99"
    assert numerals.printed_p("<", 0.05) == "p < 0.05"
    assert numerals.printed_p("NS", None) == "p NS"
    assert numerals.printed_p(None, None) is None
