"""Effects by hand and in their undefined cases; a few figures pinned from R metafor 3.8-1."""

import math

import pytest

from synthesis.pure import counts, effects, paired
from synthesis.pure.conversions import Group


def test_the_welch_difference_of_an_included_cohort() -> None:
    """Percent change 14.9 (9.8) in 38 against 2.6 (5.0) in 38: 12.3, interval 8.7 to 15.9."""
    got = effects.mean_difference(Group(38, 14.9, 9.8), Group(38, 2.6, 5.0))
    assert got.value == pytest.approx(12.3)
    assert got.se == pytest.approx(math.sqrt(9.8**2 / 38 + 25 / 38))
    assert got.test == "Welch t"
    assert got.ci is not None
    assert [round(limit, 1) for limit in got.ci] == [8.7, 15.9]


def test_z_welch_and_pooled_t_are_told_apart() -> None:
    one, two = Group(20, 5.2, 4.1), Group(18, 1.3, 3.9)
    z, t = effects.mean_difference(one, two, test="z"), effects.mean_difference(one, two, test="t")
    welch = effects.mean_difference(one, two)
    assert z.ci == pytest.approx((1.3554413266187115, 6.444558673381289), rel=1e-12)  # R metafor 3.8-1
    assert welch.df == pytest.approx(35.87799002103899, rel=1e-12)
    assert t.df == 36
    assert z.df is None


def test_a_difference_without_spread_stands_without_interval() -> None:
    got = effects.mean_difference(Group(10, 15.4, None), Group(8, 8.2, 3))
    assert got.value == pytest.approx(7.2)
    assert (got.ci, got.variance, got.se) == (None, None, None)
    assert "standard deviation" in (got.note or "")
    assert effects.mean_difference(Group(1, 2, 1), Group(8, 1, 1)).note is not None
    flat = effects.mean_difference(Group(5, 2, 0), Group(5, 1, 0))
    assert (flat.variance, flat.ci) == (0, None)
    assert "cannot be weighted" in (flat.note or "")


def test_the_exact_and_the_approximate_small_sample_factor() -> None:
    assert effects.small_sample_factor(2) == pytest.approx(1 / math.sqrt(math.pi))
    assert effects.small_sample_factor(36, exact=False) == pytest.approx(1 - 3 / 143)
    with pytest.raises(ValueError, match="degree"):
        effects.small_sample_factor(1)


def test_a_standardised_difference_and_its_limits() -> None:
    got = effects.standardised_mean_difference(Group(20, 5.2, 4.1), Group(18, 1.3, 3.9))
    assert got.value == pytest.approx(0.9529016000828143, rel=1e-12)  # R metafor 3.8-1
    assert got.variance == pytest.approx(0.11750320633766592, rel=1e-12)
    tiny = effects.standardised_mean_difference(Group(2, 3, 1), Group(2, 1, 1.5), revman=True)
    assert tiny.variance is None
    assert effects.standardised_mean_difference(Group(5, 2, 0), Group(5, 1, 0)).value is None
    assert effects.standardised_mean_difference(Group(5, 2, None), Group(5, 1, 0)).value is None
    with pytest.raises(ValueError, match="pooled SD"):
        effects.pooled_sd(Group(5, 2, None), Group(5, 1, 0))


def test_a_ratio_of_means_needs_one_sign() -> None:
    assert effects.ratio_of_means(Group(10, 3.1, 1), Group(10, -0.4, 1)).value is None
    assert effects.ratio_of_means(Group(10, 3.1, None), Group(10, 0.4, 1)).value is None
    got = effects.ratio_of_means(Group(10, 0.6, 0.06), Group(10, 0.5, 0.05))
    ratio = got.exp()
    assert ratio is not None
    assert ratio[0] == pytest.approx(1.2)
    with pytest.raises(ValueError, match="log scale"):
        effects.mean_difference(Group(5, 1, 1), Group(5, 1, 1)).exp()


PAIR = paired.BeforeAfter(18, 0.512, 0.548, 0.101, 0.106, 0.95)


def test_a_percent_change_of_means_has_delta_and_fieller_limits() -> None:
    got = paired.percent_change(PAIR)
    assert got.value == pytest.approx(7.03125)
    assert got.se == pytest.approx(1.5613420238724067, rel=1e-12)  # R, own code
    assert got.fieller == pytest.approx((3.7915817571841703, 10.413331651726644), rel=1e-9)
    noisy = paired.percent_change(paired.BeforeAfter(3, 0.5, 0.6, 0.6, 0.6, 0.5))
    assert noisy.fieller is None
    assert "g ≥ 1" in (noisy.note or "")
    exact = paired.percent_change(paired.BeforeAfter(9, 0.5, 0.6, 0.0, 0.3, 0.0))
    assert exact.fieller == pytest.approx(exact.ci)
    assert paired.percent_change(paired.BeforeAfter(9, -2, -1, 1, 1, 0.5)).value is None


def test_pairs_refuse_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="r within"):
        paired.BeforeAfter(10, 1, 2, 1, 1, 1.1)
    flat = paired.BeforeAfter(10, 1, 2, 0, 0, 1)
    assert paired.change_by_sd_of_change(flat).value is None
    assert paired.change_by_sd_before(flat).value is None
    assert paired.ratio_of_change(paired.BeforeAfter(10, -1, 2, 1, 1, 0.5)).value is None
    lost = paired.percent_change_difference(PAIR, paired.BeforeAfter(9, -2, -1, 1, 1, 0.5))
    assert lost.value is None
    assert paired.cross_over(9, mean_one=1, sd_one=0, mean_two=1, sd_two=0, r=1).smd is None


def test_counts_with_a_zero_are_corrected_and_without_events_have_no_ratio() -> None:
    none = counts.TwoArms(0, 10, 0, 12)
    for made in (counts.risk_ratio, counts.odds_ratio, counts.peto):
        got = made(none)
        assert got.value is None
        assert "does not exist" in (got.note or "")
    assert counts.risk_difference(none).value == 0
    assert counts.risk_difference(none).ci is None
    one = counts.risk_ratio(counts.TwoArms(1, 1000, 0, 1000))
    assert one.corrected
    assert one.value == pytest.approx(math.log(3))
    plain = counts.risk_ratio(counts.TwoArms(4, 20, 9, 19))
    assert plain.value == pytest.approx(math.log((4 / 20) / (9 / 19)))
    assert plain.corrected is False
    assert none.informative is False


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and n"):
        counts.TwoArms(11, 10, 0, 12)
    with pytest.raises(ValueError, match="rate"):
        counts.rate_ratio(1, 0, 1, 1)
