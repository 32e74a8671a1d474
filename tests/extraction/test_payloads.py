from __future__ import annotations

import pytest

from extraction.pure import payloads
from extraction.pure.fields import Field, FieldType
from extraction.pure.specs import field_from_spec, field_to_spec
from extraction.pure.validate import check_entry
from tests.extraction.entries import change, payload, preset, row, study, two_arms

FORM = preset("bone_density_children")


def test_stored_cells_give_back_the_payload_they_came_from() -> None:
    typed = payload(study=study(), arms=two_arms(), change=[change("c1", "a1", mean="89", n="6")])
    back = payloads.of_cells(FORM, check_entry(FORM, typed, complete=True).cells)
    for group in ("study", "arms", "change"):
        assert back["groups"][group] == typed["groups"][group]
    assert back["groups"]["harms"] == []


def test_a_field_survives_storage_with_every_digit_of_its_limits() -> None:
    for group in FORM.groups:
        for field in group.fields:
            assert field_from_spec(field.key, field.label, field_to_spec(field)) == field
    assert field_to_spec(Field("a", "A", FieldType.TEXT)) == {"type": "text"}


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("", None),
        ("  ", None),
        ("nr", {"text": "", "status": "not_reported"}),
        ("No document", {"text": "", "status": "document_not_available"}),
        ("!unclear", {"text": "", "status": "unclear"}),
        ("!nonsense", {"text": "!nonsense", "status": "computed"}),
        (" 1.20 ", {"text": "1.20", "status": "computed"}),
    ],
)
def test_one_text_says_value_or_why_there_is_none(text: str, cell: object) -> None:
    assert payloads.cell(text, "computed") == cell


def test_what_is_shown_is_what_is_typed() -> None:
    assert payloads.shown({"text": "", "status": "not_reported"}) == "NR"
    assert payloads.shown({"text": "", "status": "not_reported"}, choice=True) == "!not_reported"
    assert [payloads.shown(junk) for junk in (None, 3, {"text": 4}, {"status": 5})] == ["", "", "", ""]


def test_how_values_were_obtained_is_kept_where_it_differs() -> None:
    mixed = row("c1", n="6", mean="89")
    mixed["cells"]["mean"]["status"] = "digitised"
    assert payloads.obtained(mixed) == payloads.KEEP
    posted = {
        "rows:change": ["c1"],
        "o:change:c1": ["keep"],
        "c:change:c1:mean": ["90"],
        "c:change:c1:n": ["6"],
    }
    kept = payloads.from_post(FORM, posted, payload(change=[mixed]))["groups"]["change"][0]["cells"]
    assert (kept["mean"]["status"], kept["n"]["status"]) == ("digitised", "reported")
    assert payloads.obtained(row("c1", without={"n": "not_reported"})) == "reported"


def test_a_field_that_the_page_did_not_send_keeps_its_answer() -> None:
    before = payload(change=[row("c1", n="6", mean="89")])
    posted = {"rows:change": ["c1", "c1"], "c:change:c1:n": ["7"]}
    (kept,) = payloads.from_post(FORM, posted, before)["groups"]["change"]
    assert (kept["cells"]["n"]["text"], kept["cells"]["mean"]["text"]) == ("7", "89")


def test_rows_come_copy_and_go() -> None:
    one = payloads.with_row(payloads.empty(FORM), "arms")
    two = payloads.with_cell(one, "arms", "arms-1", "label", "placebo")
    three = payloads.with_row(two, "arms", like="arms-1")
    assert [payloads.shown(arm["cells"].get("label")) for arm in three["groups"]["arms"]] == [
        "placebo",
        "placebo",
    ]
    assert payloads.without_row(three, "arms", "arms-1")["groups"]["arms"][0]["row"] == "arms-2"
    assert (
        payloads.with_row(payloads.without_row(three, "arms", "arms-1"), "arms")["groups"]["arms"][1]["row"]
        == "arms-1"
    )
    assert payloads.with_cell(three, "harms", "x", "n", "1") == three
    assert payloads.filled(FORM, three)[0] == 2


@pytest.mark.parametrize(
    ("junk", "words"),
    [
        (3, "object"),
        ({"groups": []}, "object"),
        ({"groups": {"a": float("nan")}}, "plain data"),
        ({"groups": {"a": object()}}, "plain data"),
        ({"groups": {"a": "x" * 2_000_001}}, "too long"),
        ({"groups": {"a": "\x00"}}, "cannot be kept"),
        ({"groups": {"a": "\udc00"}}, "cannot be kept"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(junk: object, words: str) -> None:
    assert words in payloads.refusal(junk)


def test_half_shaped_rows_are_passed_over() -> None:
    assert payloads.rows_of({}, "arms") == []
    assert payloads.rows_of(
        {"groups": {"arms": [3, {"row": 4}, {"row": "a", "cells": 5}, {"row": "b"}]}}, "arms"
    ) == [{"row": "b"}]
