"""More than two raters: published worked examples."""

import pytest

from synthesis.pure.raters import fleiss_kappa, krippendorff_alpha, table_alpha

# Krippendorff 2011, example C: four observers, twelve units, some missing
OBSERVERS = [
    "123321412...",
    "1233224125.3",
    ".3332342251.",
    "12332441251.",
]
UNITS = [[None if answer == "." else answer for answer in unit] for unit in zip(*OBSERVERS, strict=True)]


def test_it_gives_the_nominal_alpha_that_krippendorff_prints() -> None:
    got = krippendorff_alpha(UNITS, "12345")
    assert got.value == pytest.approx(0.743, abs=5e-4)
    assert (got.units, got.values) == (11, 40)


def test_it_gives_the_ordinal_alpha_that_krippendorff_prints() -> None:
    got = krippendorff_alpha(UNITS, "12345", level="ordinal")
    assert got.value == pytest.approx(0.815, abs=5e-4)


def test_alpha_of_a_pair_is_the_same_from_units_and_from_the_table() -> None:
    units = [["a", "a"]] * 20 + [["a", "b"]] * 5 + [["b", "a"]] * 10 + [["b", "b"]] * 15
    assert krippendorff_alpha(units, "ab").value == pytest.approx(table_alpha([[20, 5], [10, 15]]).value)


def test_alpha_says_why_it_is_not_defined() -> None:
    assert "two people" in (krippendorff_alpha([["a", None]], "ab").note or "")
    assert "0/0" in (krippendorff_alpha([["a", "a"]], "ab").note or "")
    with pytest.raises(ValueError, match="not among"):
        krippendorff_alpha([["a", "z"]], "ab")


def test_fleiss_by_hand() -> None:
    """Two records, three raters: P = (1 + 1/3)/2, shares 5/6 and 1/6, so kappa = (2/3 - 26/36)/(10/36)."""
    got = fleiss_kappa([[3, 0], [2, 1]])
    assert got.value == pytest.approx((2 / 3 - 26 / 36) / (10 / 36))
    assert got.se_null == pytest.approx(1 / 6**0.5)  # two categories: sqrt(2 / (N m (m - 1)))
    assert got.raters == 3


def test_fleiss_gives_the_value_printed_for_its_common_example() -> None:
    """Fourteen raters, ten subjects, five categories: the example that textbooks print with kappa 0.210."""
    counts = [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
    assert fleiss_kappa(counts).value == pytest.approx(0.210, abs=5e-4)


def test_fleiss_is_refused_in_words_when_the_raters_differ() -> None:
    assert "Krippendorff" in (fleiss_kappa([[3, 0], [1, 1]]).note or "")
    assert fleiss_kappa([]).value is None
    assert "0/0" in (fleiss_kappa([[3, 0], [3, 0]]).note or "")
