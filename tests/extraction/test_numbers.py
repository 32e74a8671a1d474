import json
import os
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extraction.pure import numbers
from extraction.pure.numbers import parse_decimal, parse_integer, parse_p_value

DATA = Path(os.environ.get("DYAD_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))


@pytest.mark.parametrize(
    ("printed", "canonical"),
    [
        ("-3.91", "-3.91"),
        ("−3.91", "-3.91"),
        ("− 3.91", "-3.91"),
        ("0.70", "0.70"),
        (".5", "0.5"),
        ("+1.9", "1.9"),
        ("007", "7"),
        ("-0", "0"),
        (" 12 ", "12"),
        ("123456789.123456", "123456789.123456"),
    ],
)
def test_it_keeps_the_printed_number_exactly(printed: str, canonical: str) -> None:
    assert parse_decimal(printed).canonical == canonical


@pytest.mark.parametrize(
    ("printed", "proposal"),
    [
        ("2,3", "Did you mean 2.3?"),
        ("1,234", "Did you mean 1234 or 1.234?"),
        ("0,123", "Did you mean 0.123?"),
        ("1,234.5", "Did you mean 1234.5?"),
        ("12.3 (4.5)", "Did you mean the mean 12.3 and the SD 4.5, each in its own field?"),
        ("12.3 ± 4.5", "Did you mean the mean 12.3 and the SD or SE 4.5, each in its own field?"),
        ("−12.3 (4.5)", "Did you mean the mean -12.3 and the SD 4.5, each in its own field?"),
        ("1.2 to 3.4", "Did you mean a lower bound of 1.2 and an upper bound of 3.4?"),
        ("[5.1, 2.2]", "Did you mean a lower bound of 5.1 and an upper bound of 2.2?"),
        ("1.2–3.4", "Did you mean a lower bound of 1.2 and an upper bound of 3.4?"),
        ("1e5", "Did you mean 100000?"),
        ("2.5E-3", "Did you mean 0.0025?"),
        ("–2.3", "Did you mean -2.3?"),
        ("1_000", "Did you mean 1000?"),
        ("1 000", "Did you mean 1000?"),
        ("２.３", "Did you mean 2.3?"),
        ("5.", "Did you mean 5?"),
        ("15.4 %", "Did you mean 15.4?"),
        ("0.654 g/cm2", "Did you mean 0.654?"),
        ("<0.05", "Does it belong in a p-value field?"),
        ("NR", "If the paper gives none, choose the status “not reported”."),
    ],
)
def test_it_refuses_what_is_not_one_plain_number_and_proposes_a_reading(printed: str, proposal: str) -> None:
    parsed = parse_decimal(printed)
    assert parsed.canonical is None
    assert parsed.error
    assert parsed.proposal == proposal


@pytest.mark.parametrize(
    "printed",
    ["NaN", "inf", "-Infinity", "1e400", "", "  ", "abc", "--3", "1.2.3", "٣", "1" * 61, "12345678901"],
)
def test_it_refuses_what_is_no_usable_number(printed: str) -> None:
    parsed = parse_decimal(printed)
    assert parsed.canonical is None
    assert parsed.error


def test_it_takes_fifteen_significant_digits_and_no_more() -> None:
    assert parse_decimal("0.000123456789012345").canonical == "0.000123456789012345"
    assert parse_decimal("1.123456789012345").canonical is None


def test_whole_numbers_have_no_decimals() -> None:
    assert parse_integer("12").canonical == "12"
    assert parse_integer("12.5").canonical is None
    assert parse_integer("12.5").proposal == ""
    assert parse_integer("12.0").proposal == "Did you mean 12?"
    assert parse_integer("true").canonical is None


@pytest.mark.parametrize(
    ("printed", "canonical"),
    [
        ("<0.05", "<0.05"),
        ("=.003", "=0.003"),
        ("0.03", "=0.03"),
        ("p = 0.008", "=0.008"),
        ("P<.002", "<0.002"),
        ("≤ 0.01", "<=0.01"),
        (">0.05", ">0.05"),
        ("NS", "ns"),
        ("n.s.", "ns"),
        ("Not  significant", "ns"),
        ("1", "=1"),
    ],
)
def test_p_values_keep_their_operator(printed: str, canonical: str) -> None:
    parsed = parse_p_value(printed)
    assert parsed.canonical == canonical
    assert numbers.split_p_value(canonical).canonical == canonical


@pytest.mark.parametrize(
    "printed", ["1.2", "<-0.1", "0,05", "<0,05", "small", "", "<", "0.01-0.05", "p" * 99]
)
def test_it_refuses_what_is_not_a_p_value(printed: str) -> None:
    parsed = parse_p_value(printed)
    assert parsed.canonical is None
    assert parsed.error


def test_a_decimal_comma_in_a_p_value_is_asked_about() -> None:
    assert parse_p_value("<0,05").proposal == "Did you mean 0.05?"


def test_a_p_value_of_zero_is_taken_as_printed_and_asked_about() -> None:
    parsed = parse_p_value("p = 0.000")
    assert parsed.canonical == "=0.000"
    assert parsed.question == "No p-value is exactly zero. Does the paper mean p < 0.001?"


def test_canonical_p_text_of_another_shape_is_not_taken_apart() -> None:
    with pytest.raises(ValueError, match="not a canonical p-value"):
        numbers.split_p_value("about 0.05")


def test_half_a_unit_of_the_last_place() -> None:
    assert numbers.half_unit("14.70") == Decimal("0.005")
    assert numbers.half_unit("6") == Decimal("0.5")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80))
def test_no_text_whatever_breaks_a_parser(text: str) -> None:
    for parse in (parse_decimal, parse_integer, parse_p_value):
        parsed = parse(text)
        assert (parsed.canonical is None) == bool(parsed.error)
        if parsed.canonical is not None:
            assert parsed.canonical.isascii()


@settings(max_examples=300, deadline=None)
@given(st.decimals(min_value=-999999, max_value=999999, places=4))
def test_every_plain_decimal_survives(value: Decimal) -> None:
    text = format(value, "f")
    assert Decimal(parse_decimal(text).canonical or "nan") == value
    assert parse_decimal(parse_decimal(text).canonical or "").canonical == parse_decimal(text).canonical


@pytest.mark.data
def test_the_hostile_numbers_end_as_listed() -> None:
    path = DATA / "hostile" / "form_values.json"
    if not path.exists():
        pytest.skip(f"no folder {DATA}")
    parsers = {"mean": parse_decimal, "n": parse_integer, "p_value": parse_p_value}
    cases = [c for c in json.loads(path.read_text("utf-8")) if c["field"] in parsers and c["value"] != ""]
    wrong = []
    for case in cases:
        parsed = parsers[case["field"]](case["value"])
        accepted = parsed.canonical is not None
        # the lower limit of n belongs to the field, not to the number
        expected = case["outcome"] == "accepted" or (case["field"] == "n" and case["value"] == "0")
        if accepted != expected or (accepted and case.get("stored", parsed.canonical) != parsed.canonical):
            wrong.append((case, parsed))
    assert len(cases) >= 12
    assert not wrong
