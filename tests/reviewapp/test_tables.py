"""Tables as CSV: what goes out comes back, and no text becomes a formula."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewapp.pure.publishing import pseudonyms, published
from reviewapp.pure.tables import Column, Table, TableError, cell, guard, to_csv, to_objects, unguard


def table(*rows: list[object], kind: str = "text") -> Table:
    width = len(rows[0]) if rows else 1
    return Table("t", "T", [Column(f"c{n}", f"C{n}", kind) for n in range(width)], rows)


def parsed(given: Table, **options: bool) -> list[list[str]]:
    text = b"".join(to_csv(given, **options)).decode()
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-2.3",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "\x00=1",
        " =1",
        "\n=1",
        "\ufeff=1",
        "\u202e=1",
        "\u00a0 @x",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        '=cmd|"/c calc"!A1',
        "'=1",
        "''=1",
        " \t=1",
    ],
)
def test_a_text_that_could_be_a_formula_is_guarded_and_can_be_taken_back(text: str) -> None:
    guarded = guard(text)
    assert guarded == "'" + text
    assert unguard(guarded) == text


@pytest.mark.parametrize("text", ["", "Trial", "1-2", "a=b", "'quoted' title", "’=", "−2.3", "(-)", "…"])
def test_other_text_is_left_alone(text: str) -> None:
    assert guard(text) == text
    assert unguard(text) == text


@given(st.text(max_size=40))
def test_every_text_comes_back_from_csv(text: str) -> None:
    clean = text.encode("utf-8", "replace").decode()
    rows = parsed(table([clean, "x"]))
    assert [unguard(one) for one in rows[1]] == [clean, "x"]


@given(st.text(max_size=40))
def test_guarding_and_taking_back_are_inverse(text: str) -> None:
    assert unguard(guard(text)) == text


def test_true_negatives_stay_numbers() -> None:
    rows = parsed(table([Decimal("-2.30")], [-0.5], [Decimal("1E+3")], [1e-7], [-4], kind="decimal"))
    assert [row[0] for row in rows[1:]] == ["-2.30", "-0.5", "1000", "0.0000001", "-4"]


@pytest.mark.parametrize("value", ["3", "=1+1", True, object()])
def test_what_is_no_number_is_refused_in_a_column_of_numbers(value: object) -> None:
    for kind in ("integer", "decimal"):
        with pytest.raises(TableError, match="t, row 1, c0"):
            b"".join(to_csv(table([value], kind=kind)))


def test_a_broken_number_is_no_whole_number() -> None:
    with pytest.raises(TableError):
        cell(2.5, "integer")


@pytest.mark.parametrize("value", [float("inf"), Decimal("-Infinity"), Decimal("1E+9999")])
def test_an_infinite_number_is_refused(value: object) -> None:
    with pytest.raises(TableError):
        cell(value, "decimal")


@pytest.mark.parametrize("value", [None, float("nan"), Decimal("NaN")])
def test_what_is_undefined_is_empty_and_never_nan(value: object) -> None:
    assert cell(value, "decimal") == ""


def test_dates_are_iso_and_moments_are_utc() -> None:
    there = timezone(timedelta(hours=2))
    assert cell(date(2026, 11, 22), "date") == "2026-11-22"
    assert cell(datetime(2026, 1, 1, 1, tzinfo=there), "date") == "2025-12-31T23:00:00Z"
    assert cell(datetime(2026, 1, 1, tzinfo=UTC), "date") == "2026-01-01T00:00:00Z"
    with pytest.raises(TableError):
        cell(datetime(2026, 1, 1), "date")


def test_booleans_and_uids_are_written_plainly() -> None:
    assert (cell(True, "boolean"), cell(False, "boolean"), cell(None, "boolean")) == ("true", "false", "")
    assert cell(UUID(int=7), "uid") == "00000000-0000-0000-0000-000000000007"
    assert cell("=1", "uid") == "'=1"
    with pytest.raises(TableError):
        cell(1, "boolean")


def test_lines_end_as_rfc_4180_says_and_the_head_is_the_keys() -> None:
    assert b"".join(to_csv(table(['a "b", c\nd', ""]))) == b'c0,c1\r\n"a ""b"", c\nd",\r\n'


def test_a_bom_is_written_when_asked_for_and_only_then() -> None:
    assert b"".join(to_csv(table(["x"]), bom=True)).startswith(b"\xef\xbb\xbfc0")
    assert b"".join(to_csv(table(["x"]))).startswith(b"c0")


def test_raw_leaves_the_guard_out() -> None:
    assert parsed(table(["=1"]), raw=True)[1] == ["=1"]


def test_a_long_table_streams_in_chunks() -> None:
    made = 0

    def rows():
        nonlocal made
        for number in range(20_000):
            made += 1
            yield [f"row {number} " + "x" * 20]

    chunks = to_csv(Table("t", "T", [Column("a", "A", "text")], rows()))
    first = next(chunks)
    assert 0 < len(first) < 100_000
    assert made < 20_000
    assert first.count(b"\r\n") + sum(chunk.count(b"\r\n") for chunk in chunks) == 20_001


def test_a_row_of_the_wrong_width_is_refused() -> None:
    with pytest.raises(TableError, match="row 2: 1 cells for 2 columns"):
        b"".join(to_csv(Table("t", "T", table(["a", "b"]).columns, [["a", "b"], ["a"]])))


def test_objects_keep_decimals_as_text_and_nothing_as_null() -> None:
    columns = [Column("n", "N", "decimal"), Column("i", "I", "integer"), Column("b", "B", "boolean")]
    rows = [[Decimal("-2.30"), 3, True], [None, None, None], [float("nan"), 0, False]]
    assert list(to_objects(Table("t", "T", columns, rows))) == [
        {"n": "-2.30", "i": 3, "b": True},
        {"n": None, "i": None, "b": None},
        {"n": None, "i": 0, "b": False},
    ]


def test_publication_replaces_names_and_leaves_abstracts_out() -> None:
    columns = [Column(key, key, "text") for key in ("seat", "authors", "note", "abstract")]
    given_rows = [["Ann Lee", "Ann Lee", "Ann Lee said so", "Long."], ["Bo", "Bo", "as Bob", None]]
    names = pseudonyms({"1": "Ann Lee", "2": "Bo"}, "seed")
    assert sorted(names.values()) == ["Person 1", "Person 2"]
    rows = [list(row) for row in published(Table("t", "T", columns, given_rows), names).rows]
    ann = names["Ann Lee"]
    assert rows[0] == [ann, "Ann Lee", f"{ann} said so", None]
    assert rows[1][:2] == [names["Bo"], "Bo"]
