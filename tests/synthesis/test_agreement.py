"""Agreement of two reviewers: worked by hand, and every case in which a number does not exist."""

import pytest

from synthesis.pure import agreement
from synthesis.pure.intervals import clopper_pearson, rule_of_three, upper_one_sided, wilson

TWO = ("include", "exclude")


def test_it_finds_the_textbook_kappa() -> None:
    got = agreement.summarise([[20, 5], [10, 15]], TWO)
    assert got.n == 50
    assert got.percent.value == pytest.approx(35 / 50)
    assert got.expected == pytest.approx(0.5 * 0.6 + 0.5 * 0.4)
    assert got.kappa.value == pytest.approx(0.4)
    assert got.pabak.value == pytest.approx(2 * 0.7 - 1)
    # AC1: pi = (.5 + .6)/2 = .55, chance 2 × .55 × .45 = .495
    assert got.ac1.value == pytest.approx((0.7 - 0.495) / (1 - 0.495))
    assert got.positive == pytest.approx(40 / 55)
    assert got.negative == pytest.approx(30 / 45)
    assert (got.prevalence_index, got.bias_index) == (pytest.approx(0.1), pytest.approx(-0.1))


def test_it_has_the_numbers_of_r_for_that_table() -> None:
    """Pinned from R 4.2.2: vcd 1.4-11 (kappa SE), own code checked against irrCAC 1.0 (AC1 SE)."""
    got = agreement.summarise([[20, 5], [10, 15]], TWO)
    assert got.kappa.se == pytest.approx(0.12699606293110033, rel=1e-12)
    assert got.ac1.se == pytest.approx(0.13015171764788608, rel=1e-12)
    assert got.percent.ci == pytest.approx((0.5624964953554661, 0.8089644649911907), rel=1e-12)
    assert got.kappa_p == pytest.approx(0.0038924171227786427, rel=1e-9)


def test_no_records_give_words_and_no_number() -> None:
    got = agreement.summarise([[0, 0], [0, 0]], TWO)
    assert got.n == 0
    assert (got.percent.value, got.percent.ci, got.kappa.value, got.pabak.value, got.ac1.value) == (None,) * 5
    for name in ("kappa", "pabak", "ac1", "positive", "prevalence_index"):
        assert "No record" in got.notes[name]


def test_a_single_category_leaves_kappa_undefined_but_not_the_others() -> None:
    got = agreement.summarise([[0, 0], [0, 20]], TWO)
    assert got.kappa.value is None
    assert "0/0" in got.notes["kappa"]
    assert (got.pabak.value, got.ac1.value) == (1, 1)
    assert got.positive is None
    assert "first category" in got.notes["positive"]


def test_a_constant_reviewer_gets_kappa_zero_without_an_interval() -> None:
    got = agreement.summarise([[0, 1], [0, 999]], TWO)
    assert (got.kappa.value, got.kappa.se, got.kappa.ci, got.kappa_p) == (0.0, 0.0, None, None)
    assert "same answer" in got.notes["kappa"]


def test_rare_includes_show_low_positive_agreement_beside_high_percent() -> None:
    got = agreement.summarise([[2, 10], [8, 980]], TWO)
    assert got.percent.value == pytest.approx(0.982)
    assert got.positive == pytest.approx(4 / 22)
    assert got.kappa.value is not None
    assert got.kappa.value < 0.2
    assert got.ac1.value is not None
    assert got.ac1.value > 0.98


def test_an_unused_category_still_counts_as_offered() -> None:
    three = agreement.summarise([[14, 0, 3], [0, 0, 0], [2, 0, 21]], ("include", "maybe", "exclude"))
    two = agreement.summarise([[14, 3], [2, 21]], TWO)
    assert three.kappa.value == pytest.approx(two.kappa.value)
    assert three.pabak.value == pytest.approx((3 * 0.875 - 1) / 2)
    assert three.specific["maybe"] is None
    assert "“maybe”" in three.notes["specific:maybe"]
    assert three.positive is None
    assert "two categories only" in three.notes["positive"]


def test_weights_are_used_only_for_ordered_categories() -> None:
    table = [[10, 2, 1], [3, 12, 4], [0, 2, 16]]
    names = ("include", "maybe", "exclude")
    assert agreement.summarise(table, names).kappa_linear is None
    ordered = agreement.summarise(table, names, ordered=True)
    assert ordered.kappa_linear is not None
    assert ordered.kappa_linear.value == pytest.approx(0.6985157699443414, rel=1e-12)  # R vcd 1.4-11
    assert agreement.weights(3, "quadratic")[0].tolist() == [1.0, 0.75, 0.0]


def test_categories_of_a_table_merge() -> None:
    names = ("include", "maybe", "exclude")
    table = ((0, 1, 0), (0, 1, 0), (1, 0, 1))
    assert agreement.collapse(table, names, {"maybe": "include"}) == (((2, 0), (1, 1)), TWO)


@pytest.mark.parametrize(
    ("table", "names"),
    [
        ([[1, 2]], TWO),
        ([[1, -2], [0, 3]], TWO),
        ([[1, 0.5], [0, 3]], TWO),
        ([[1]], ("include",)),
        ([[1, 2], [3, 4]], ("include", "include")),
    ],
)
def test_it_refuses_what_is_not_a_table_of_counts(table: list[list[int]], names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"table|categor"):
        agreement.summarise(table, names)


def test_no_events_in_forty_two_children() -> None:
    """The two limits that the review's methods name for 0 of 42: 8.4 % two-sided, 6.9 % one-sided."""
    exact = clopper_pearson(0, 42)
    assert exact is not None
    assert exact[0] == 0
    assert round(100 * exact[1], 1) == 8.4
    assert upper_one_sided(0, 42) == pytest.approx(1 - 0.05 ** (1 / 42))
    assert round(100 * (upper_one_sided(0, 42) or 0), 1) == 6.9
    assert rule_of_three(0, 42) == pytest.approx(3 / 42)
    assert rule_of_three(1, 42) is None


def test_intervals_of_nothing_do_not_exist_and_impossible_counts_are_refused() -> None:
    assert wilson(0, 0) is None
    assert clopper_pearson(0, 0) is None
    with pytest.raises(ValueError, match="5 of 4"):
        wilson(5, 4)
    with pytest.raises(ValueError, match="confidence level"):
        wilson(1, 4, level=95)
