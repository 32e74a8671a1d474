"""Published statements beside counts of the final values: shown in the demo alone, and never passed off as computed."""

from __future__ import annotations

from typing import Any

import pytest

from extraction.pure.dataset import Arm, Contrast, Dataset, Harm, Result, StudyData
from synthesis.pure.counterparts import children, counterparts


def study(**more: Any) -> StudyData:
    facts: dict[str, Any] = {
        "uid": "s",
        "label": "Adams 2001",
        "purpose": "efficacy",
        "design_as_reported": "randomised",
        "design_as_classified": "rct",
        "condition_class": "chronic_illness",
        "condition": "asthma",
        "arms": (
            Arm("a", "Treated", "intervention", drug="alendronate", n_analysed=10),
            Arm("b", "Control", "comparator", drug="placebo", n_analysed=9),
            Arm("c", "Part", "intervention", drug="alendronate", n_analysed=4, relation="subset of a"),
        ),
        "results": (Result("r", "a", "abmd", "percent_change", "not_stated", 12.0, 10, 5.0),),
        "contrasts": (),
        "harms": (),
        "characteristics": {},
        "appraisal": {},
    }
    return StudyData(**(facts | more))


def test_a_subset_is_not_counted_twice() -> None:
    assert children(study()) == 19


def test_the_number_randomised_stands_before_the_sum_of_the_arms() -> None:
    assert children(study(characteristics={"n_randomised": "22"})) == 22


def test_children_are_not_known_where_nothing_is_told() -> None:
    found = counterparts(Dataset(studies=(study(arms=()),), without_values=()))
    assert children(study(arms=())) is None
    assert found["included_children"] == (("Adams 2001", "not known"), ("together", "0"))


def test_an_empty_dataset_says_nothing() -> None:
    assert set(counterparts(Dataset(studies=(), without_values=())).values()) == {()}


def test_studies_stand_by_what_they_share() -> None:
    two = (study(), study(uid="t", label="Brown 2002", condition_class="neuromuscular"))
    found = counterparts(Dataset(studies=two, without_values=()))
    assert found["included_designs"] == (("rct", "Adams 2001; Brown 2002"),)
    assert found["groups"] == (("chronic illness", "Adams 2001"), ("neuromuscular", "Brown 2002"))
    assert found["drugs"] == (("alendronate", "Adams 2001; Brown 2002"),)
    assert found["bmd_reporting"] == (("percent change, not stated", "Adams 2001; Brown 2002"),)


def test_a_baseline_value_is_no_reported_change() -> None:
    baseline = Result("r", "a", "abmd", "value", "not_stated", 0.0, 10, 0.5)
    found = counterparts(Dataset(studies=(study(results=(baseline,)),), without_values=()))
    assert found["bmd_reporting"] == ()


@pytest.mark.parametrize(
    ("events", "n", "words"), [(0, 38, "0 of 38"), (3, None, "3"), (None, None, "mentioned without a number")]
)
def test_harms_are_told_as_they_were_counted(events: int | None, n: int | None, words: str) -> None:
    status: Any = "counted" if events else "zero_reported" if events == 0 else "mentioned_without_number"
    harm = Harm("h", "a", "acute_phase", "fever", status, events, n, "children")
    found = counterparts(Dataset(studies=(study(harms=(harm,)),), without_values=()))
    assert found["harms_order"] == (("acute phase, Adams 2001", words),)


def test_a_test_between_groups_is_told_with_its_p() -> None:
    rows = tuple(
        Contrast(
            f"c{p}", "a", "b", "abmd", "value", "not_stated", 12.0, None, None, p_operator=sign, p_value=p
        )
        for sign, p in (("=", 0.0057), ("ns", None), (None, None))
    )
    found = counterparts(Dataset(studies=(study(contrasts=rows),), without_values=()))
    assert [words for words, _label in found["between_group_analyses"]] == ["no test", "p = 0.0057", "p ns"]


@pytest.mark.django_db
def test_the_page_is_there_in_a_demo_review_alone(team: Any, sign_in: Any) -> None:
    from reviewapp.services.reviews import mark_as_demo

    url = f"/r/{team.review.uid}/synthesis/published/"
    assert sign_in(team.dora).get(url).status_code == 404
    mark_as_demo(actor=team.dora.viewer)
    page = sign_in(team.dora).get(url)
    assert page.status_code == 200
    text = page.content.decode()
    assert "281 children" in text and "None of them is computed here" in text


@pytest.mark.django_db
def test_every_statement_has_its_source_and_says_why_it_differs(team: Any) -> None:
    from reviewapp.services.reviews import mark_as_demo
    from synthesis.selectors.published import published

    assert published(team.dora.viewer) is None
    mark_as_demo(actor=team.dora.viewer)
    found = published(team.dora.viewer)
    assert found and len(found.statements) == 14
    assert all(one.sources and one.why and one.facts for one in found.statements)
    assert {number for one in found.statements for number in one.sources} == set(
        range(1, len(found.sources) + 1)
    )
    assert all(not one.finals for one in found.statements)
