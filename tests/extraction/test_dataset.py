from __future__ import annotations

from typing import Any

import pytest

from extraction.pure.dataset import Harm, Result
from extraction.selectors.dataset import dataset, dataset_of_review, unplaced_rows
from extraction.selectors.pairs import pair
from extraction.services.entries import submit
from extraction.services.reconcile import Choice, choose, complete
from tests.conftest import Team
from tests.extraction.entries import change, payload, row, study, two_arms
from tests.extraction.included import hand_out, include

pytestmark = pytest.mark.django_db


def harm(**texts: str) -> dict[str, Any]:
    base = {"arm": "a1", "category": "hypocalcaemia", "event": "tetany", "unit": "children"}
    return row("h1", **{**base, **texts})


def whole(**texts: str) -> dict[str, Any]:
    numbers = {"n": "6", "mean": "89", "spread_kind": "se", "spread": "21", **texts}
    return payload(
        study=study(),
        arms=two_arms(),
        change=[change("c1", "a1", **numbers)],
        harms=[harm(status="zero_reported", events="0", n="6")],
    )


def reconcile(team: Team, unit: Any, one: dict[str, Any], other: dict[str, Any]) -> None:
    """Two entries, A taken wherever they differ, completed."""
    submit(actor=team.alice.viewer, unit=unit, payload=one)
    submit(actor=team.bob.viewer, unit=unit, payload=other)
    found = pair(team.carol.viewer, unit)
    assert found is not None
    side = [Choice(row.group, row.row_key, field.field, "a") for row, field in found.differences]
    choose(actor=team.carol.viewer, unit=unit, choices=side)
    complete(actor=team.carol.viewer, unit=unit)


@pytest.fixture
def studies(team: Team) -> dict[str, Any]:
    return include(
        team,
        {
            "Henderson 2002": "efficacy",
            "Acott 2005": "efficacy",
            "Grissom 2005": "harms_only",
            "Bachrach 2000": "background",
            "Shaw 2000": "",
        },
    )


def test_the_rows_are_those_that_the_paper_prints(team: Team, studies: dict[str, Any]) -> None:
    handed = hand_out(team, {"Henderson 2002": studies["Henderson 2002"]})
    reconcile(team, handed["Henderson 2002"].uid, whole(), whole())
    data = dataset(team.dora.viewer)
    (one,) = data.studies
    assert (one.uid, one.label, one.purpose) == (
        str(studies["Henderson 2002"].uid),
        "Henderson 2002",
        "efficacy",
    )
    assert (one.design_as_classified, one.condition_class) == ("rct", "neuromuscular")
    (active,) = [arm for arm in one.arms if arm.role == "intervention"]
    assert (active.drug, active.route, active.n_randomised) == ("pamidronate", "iv", 6)
    (result,) = one.results
    assert isinstance(result, Result)
    assert (result.arm_key, result.measure, result.form, result.site) == (
        active.key,
        "abmd",
        "percent_change",
        "lateral_distal_femur_1",
    )
    assert (result.months, result.n, result.mean, result.spread_kind, result.spread) == (
        18.0,
        6,
        89.0,
        "se",
        21.0,
    )
    (event,) = one.harms
    assert isinstance(event, Harm)
    assert (event.event, event.status, event.events, event.n, event.unit) == (
        "tetany",
        "zero_reported",
        0,
        6,
        "children",
    )
    assert data.without_values == ("Acott 2005", "Grissom 2005")


def test_a_study_counts_only_once_it_is_reconciled(team: Team, studies: dict[str, Any]) -> None:
    handed = hand_out(team, {"Henderson 2002": studies["Henderson 2002"]})["Henderson 2002"].uid
    submit(actor=team.alice.viewer, unit=handed, payload=whole())
    submit(actor=team.bob.viewer, unit=handed, payload=whole(n="5"))
    for person in (team.alice, team.carol, team.dora):
        data = dataset(person.viewer)
        assert data.studies == ()
        assert "Henderson 2002" in data.without_values


def test_everyone_and_the_worker_read_the_same_dataset(team: Team, studies: dict[str, Any]) -> None:
    handed = hand_out(team, {label: studies[label] for label in ("Henderson 2002", "Acott 2005")})
    reconcile(team, handed["Henderson 2002"].uid, whole(), whole(n="5"))
    submit(actor=team.alice.viewer, unit=handed["Acott 2005"].uid, payload=whole())
    read = [dataset(person.viewer) for person in (team.alice, team.bob, team.carol, team.dora)]
    worker = dataset_of_review(team.review.pk)
    assert all(one == worker for one in read)
    assert len(worker.studies) == 1


def test_a_study_for_harms_alone_brings_no_bone_outcome(team: Team, studies: dict[str, Any]) -> None:
    handed = hand_out(team, {"Grissom 2005": studies["Grissom 2005"]})["Grissom 2005"].uid
    reconcile(team, handed, whole(), whole())
    (one,) = dataset(team.dora.viewer).studies
    assert one.purpose == "harms_only"
    assert one.results == ()
    assert [event.event for event in one.harms] == ["tetany"]


def test_the_appraisal_of_a_study_stands_beside_its_outcomes(team: Team, studies: dict[str, Any]) -> None:
    one = {"Henderson 2002": studies["Henderson 2002"]}
    reconcile(team, hand_out(team, one)["Henderson 2002"].uid, whole(), whole())
    judged = payload(
        jadad=[
            row(
                "jadad",
                randomised="yes",
                randomisation_method="not_described",
                blinded="yes",
                blinding_method="appropriate",
                withdrawals="yes",
            )
        ],
        allocation=[row("allocation", judgement="B")],
    )
    unit = hand_out(team, one, "appraisal_2007")["Henderson 2002"].uid
    reconcile(team, unit, judged, judged)
    (found,) = dataset(team.dora.viewer).studies
    assert found.appraisal["jadad.total"] == "4"
    assert found.appraisal["allocation.judgement"] == "B"


def test_a_cell_left_out_is_not_in_the_dataset(team: Team, studies: dict[str, Any]) -> None:
    handed = hand_out(team, {"Henderson 2002": studies["Henderson 2002"]})["Henderson 2002"].uid
    more = whole()
    more["groups"]["change"].append(change("c2", "a1", months="6", mean="30"))
    submit(actor=team.alice.viewer, unit=handed, payload=whole())
    submit(actor=team.bob.viewer, unit=handed, payload=more)
    found = pair(team.carol.viewer, handed)
    assert found is not None
    without = "a" if found.differences[0][1].a is None else "b"
    side = [Choice(row.group, row.row_key, field.field, without) for row, field in found.differences]
    assert len(side) == 6
    choose(actor=team.carol.viewer, unit=handed, choices=side)
    complete(actor=team.carol.viewer, unit=handed)
    (one,) = dataset(team.dora.viewer).studies
    assert [result.months for result in one.results] == [18.0]
    assert unplaced_rows(team.dora.viewer) == {}


def test_every_number_can_be_traced_to_its_final(team: Team, studies: dict[str, Any]) -> None:
    from extraction.models.finals import Final

    handed = hand_out(team, {"Henderson 2002": studies["Henderson 2002"]})["Henderson 2002"].uid
    reconcile(team, handed, whole(), whole())
    (one,) = dataset(team.dora.viewer).studies
    uid = one.results[0].finals["mean"]
    assert Final.objects.visible_to(team.dora.viewer).get(uid=uid).canonical == "89"


def test_another_review_gives_nothing(team: Team, studies: dict[str, Any]) -> None:
    from tests.conftest import make_team

    handed = hand_out(team, {"Henderson 2002": studies["Henderson 2002"]})["Henderson 2002"].uid
    reconcile(team, handed, whole(), whole())
    other = make_team("Another review", prefix="x")
    assert dataset(other.dora.viewer).studies == ()
