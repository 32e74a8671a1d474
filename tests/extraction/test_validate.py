import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extraction.pure.validate import EntryCheck, check_entry
from tests.extraction.entries import change, payload, preset, row, study, two_arms

FORM = preset("bone_density_children")


def check(*, complete: bool = True, **groups: Any) -> EntryCheck:
    data = {"study": study(), "arms": two_arms(), **groups}
    return check_entry(FORM, payload(**data), complete=complete)


def messages(result: EntryCheck) -> list[tuple[str, str]]:
    return [(error.field, error.message) for error in result.errors]


def test_a_sound_entry_has_cells_with_value_unit_and_place() -> None:
    result = check(change=[change("c1", "a1", n="6", mean="89", spread_kind="se", spread="21")])
    assert result.ok
    assert result.doubts == ()
    cell = next(cell for cell in result.cells if cell.field == "mean")
    assert (cell.group, cell.row, cell.as_printed, cell.canonical) == ("change", "c1", "89", "89")
    assert (cell.unit, cell.status, cell.page) == ("%", "reported", "p. 3")


def test_the_printed_text_is_kept_beside_the_exact_number() -> None:
    result = check(
        change=[
            change("c1", "a1", mean="−0.82", form="z_change", measure="z", direction="decrease"),
        ]
    )
    cell = next(cell for cell in result.cells if cell.field == "mean")
    assert (cell.as_printed, cell.canonical, cell.unit) == ("−0.82", "-0.82", "Z")


def test_a_draft_may_be_empty_but_an_entry_may_not() -> None:
    assert check_entry(FORM, payload(), complete=False).ok
    finished = check_entry(FORM, payload(), complete=True)
    assert {error.group for error in finished.errors} == {"study", "arms"}


def test_a_draft_is_not_asked_for_required_fields() -> None:
    half = [row("c1", arm="a1", mean="5")]
    assert check(change=half, complete=False).ok
    assert ("site", "“Site” is needed.") in messages(check(change=half))


def test_a_status_without_a_value_answers_a_required_field() -> None:
    rows = study(design_as_reported="")
    rows[0]["cells"]["design_as_reported"] = {"text": "", "status": "document_not_available"}
    result = check(study=rows)
    assert result.ok
    cell = next(cell for cell in result.cells if cell.field == "design_as_reported")
    assert (cell.canonical, cell.status) == (None, "document_not_available")


def test_a_value_with_the_status_not_reported_is_an_error() -> None:
    rows = [change("c1", "a1", n="6")]
    rows[0]["cells"]["mean"] = {"text": "5", "status": "not_reported"}
    assert ("mean", "The status is “not reported”, but there is a value.") in messages(check(change=rows))


def test_the_kind_of_spread_is_needed_as_soon_as_a_spread_is_given() -> None:
    result = check(change=[change("c1", "a1", mean="5", spread="6")])
    assert [error.field for error in result.errors] == ["spread_kind"]
    draft = check(change=[change("c1", "a1", mean="5", low="1", high="9")], complete=False)
    assert [error.field for error in draft.errors] == ["spread_kind"]


def test_a_spread_of_a_kind_needs_its_numbers() -> None:
    bounded = check(change=[change("c1", "a1", mean="5", spread_kind="ci95")])
    assert {error.field for error in bounded.errors} == {"low", "high"}
    single = check(change=[change("c1", "a1", mean="5", spread_kind="sd")])
    assert {error.field for error in single.errors} == {"spread"}


def test_a_row_that_says_nothing_is_not_complete() -> None:
    assert messages(check(change=[change("c1", "a1", n="6")])) == [
        ("", "Give a number, a p-value or a direction, or mark the mean as not reported.")
    ]
    silent = row("c1", without={"mean": "not_reported"})
    silent["cells"] = {**change("c1", "a1")["cells"], **silent["cells"]}
    assert check(change=[silent]).ok


def test_a_refused_number_comes_with_its_proposal_and_no_cell() -> None:
    result = check(change=[change("c1", "a1", mean="12.3 (4.5)", n="12.5")])
    errors = {error.field: error for error in result.errors}
    assert "mean 12.3 and the SD 4.5" in errors["mean"].proposal
    assert errors["n"].message == "This must be a whole number."
    assert not any(cell.field in {"mean", "n"} for cell in result.cells)


@pytest.mark.parametrize(
    ("field", "text"),
    [("n", "0"), ("n", "99999999999999999999"), ("spread", "-1.2"), ("months", "-1"), ("mean", "-101")],
)
def test_impossible_numbers_are_refused(field: str, text: str) -> None:
    result = check(
        change=[change("c1", "a1", **{"mean": "5", "spread_kind": "sd", "spread": "6", field: text})]
    )
    assert field in {error.field for error in result.errors}


def test_an_unusual_number_is_taken_and_asked_about() -> None:
    result = check(study=study(age_mean="21", followup_months="61"))
    assert result.ok
    assert [(doubt.field, doubt.code) for doubt in result.doubts] == [
        ("age_mean", "soft_range"),
        ("followup_months", "soft_range"),
    ]
    assert result.doubts[0].formula == "usual: no limit to 18"


def test_answers_of_a_choice_are_exact_and_a_near_one_is_proposed() -> None:
    result = check(study=study(design_as_classified="RCT", condition_class="Chronic illness"))
    errors = {error.field: error.proposal for error in result.errors}
    assert errors == {
        "design_as_classified": "Did you mean “Randomised controlled trial”?",
        "condition_class": "Did you mean “Chronic illness”?",
    }


def test_an_arm_must_be_one_of_the_entry() -> None:
    result = check(change=[change("c1", "a9", mean="5")])
    assert messages(result) == [("arm", "There is no arm “a9” in this entry.")]


def test_an_odd_but_printed_p_value_is_asked_about() -> None:
    result = check(change=[change("c1", "a1", p_within="0.000")])
    assert result.ok
    assert [doubt.field for doubt in result.doubts] == ["p_within"]


def test_harmless_text_is_stored_as_it_is() -> None:
    for text in ("=1+1", "<img src=x onerror=alert(1)>", "Größe 中文 🦴"):
        result = check(study=study(note=text))
        assert next(cell.canonical for cell in result.cells if cell.field == "note") == text


@pytest.mark.parametrize(
    "text", ["\x00", "a\x07b", "\ud800", "x" * 6000, 5, None, True, ["a"], {"$ne": None}]
)
def test_text_that_cannot_be_stored_is_an_error_in_words(text: object) -> None:
    rows = study()
    rows[0]["cells"]["note"] = {"text": text, "status": "reported"}
    result = check(study=rows)
    assert [error.field for error in result.errors] == ["note"]
    for error in result.errors:
        error.message.encode("utf-8")


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "groups",
        7,
        {},
        {"groups": None},
        {"groups": []},
        {"groups": {"study": {}}},
        {"groups": {"study": [None]}},
        {"groups": {"study": [{}]}},
        {"groups": {"study": [{"row": 5, "cells": {}}]}},
        {"groups": {"study": [{"row": "", "cells": {}}]}},
        {"groups": {"study": [{"row": "a b", "cells": {}}]}},
        {"groups": {"study": [{"row": "a", "cells": []}]}},
        {"groups": {"study": [{"row": "a", "cells": {}}, {"row": "b", "cells": {}}]}},
        {"groups": {"arms": [{"row": "a", "cells": {}}, {"row": "a", "cells": {}}]}},
        {"groups": {"study": [{"row": "a", "cells": {"nothing": {"text": "x"}}}]}},
        {"groups": {"study": [{"row": "a", "cells": {"note": "x"}}]}},
        {"groups": {"study": [{"row": "a", "cells": {"note": {"text": "x", "author": "b"}}}]}},
        {"groups": {"study": [{"row": "a", "cells": {"note": {"text": "x", "status": "sure"}}}]}},
        {"groups": {"study": [{"row": "a", "cells": {"note": {"text": "x", "status": ["reported"]}}}]}},
        {"groups": {"study": [{"row": "a", "cells": {}, "reviewer": "b"}]}},
        {"groups": {"study": [{"row": "a", "cells": {}, "quote": "q" * 301}]}},
        {"groups": {"study": [{"row": "a", "cells": {}, "page": 3}]}},
        {"groups": {"other": []}},
        {"groups": {"x" * 100_000: []}},
        {"groups": {"arms": [{"row": str(i), "cells": {}} for i in range(301)]}},
    ],
)
def test_a_payload_of_another_shape_is_an_error_in_words(data: object) -> None:
    result = check_entry(FORM, data, complete=False)
    assert result.errors
    assert all(error.message and len(error.message) < 300 for error in result.errors)
    assert all(len(error.group) <= 60 for error in result.errors)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=15,
)
CELLS = st.dictionaries(
    st.sampled_from(
        ["arm", "mean", "n", "spread", "spread_kind", "p_within", "form", "measure", "low", "status"]
    ),
    JSON
    | st.fixed_dictionaries({"text": st.text(max_size=12) | st.sampled_from(["a1", "sd", "z", "-1", "0"])}),
    max_size=8,
)


@settings(max_examples=300, deadline=None)
@given(JSON, st.sampled_from([group.key for group in FORM.groups]), CELLS)
def test_no_payload_whatever_crashes_the_check(anything: object, group: str, cells: dict[str, Any]) -> None:
    check_entry(FORM, anything, complete=True)
    check_entry(FORM, {"groups": anything}, complete=True)
    check_entry(FORM, {"groups": {"arms": anything, group: [{"row": "a1", "cells": cells}]}}, complete=True)


def test_the_check_does_not_depend_on_the_order_of_groups() -> None:
    data = payload(study=study(), arms=two_arms(), change=[change("c1", "a1", mean="5")])
    turned = {"groups": dict(reversed(list(json.loads(json.dumps(data["groups"])).items())))}
    assert check_entry(FORM, turned, complete=True) == check_entry(FORM, data, complete=True)


def test_the_largest_entry_is_checked_within_seconds() -> None:
    arms = [row(f"a{i}", label=f"arm {i}", role="intervention", drug="pamidronate") for i in range(300)]
    rows = [change(f"c{i}", f"a{i}", mean="5", n="6", spread_kind="sd", spread="4.1") for i in range(300)]
    data = payload(study=study(), arms=arms, change=rows, endpoint=rows, contrasts=rows, harms=rows)
    started = time.perf_counter()
    result = check_entry(FORM, data, complete=True)
    assert time.perf_counter() - started < 5
    assert len(result.cells) > 5000
