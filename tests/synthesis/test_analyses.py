"""Pooling is a person's decision: what is refused in words, what is stored, and a pool worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from reviewapp.models.events import Event
from reviewapp.services.refusals import Gone, NotAllowed, Refused
from synthesis.models.analyses import Analysis
from synthesis.models.snapshots import Snapshot
from synthesis.pure.change import summarise
from synthesis.selectors import analyses as selectors
from synthesis.selectors import inputs, pooled
from synthesis.selectors.comparisons import Comparison, choices, chosen, comparison_of
from synthesis.services import analyses
from synthesis.services.effects import open_effects
from tests.synthesis.studies import dataset, result, study

pytestmark = pytest.mark.django_db
PERCENT = Comparison(measure="abmd", estimand="mean percent change")


def trial(label: str, difference: float, sd: float = 4.0, n: int = 8, **fields: Any) -> Any:
    """A trial with equal arms, so that the variance of its difference is 2 sd²/n."""
    shared = fields.pop("row", {})
    return study(
        label,
        results=(
            result("t", n=n, mean=difference, spread_kind="sd", spread=sd, **shared),
            result("c", n=n, mean=0.0, spread_kind="sd", spread=sd, **shared),
        ),
        **fields,
    )


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    kept = {"data": dataset(trial("A 2001", 10.0), trial("B 2002", 6.0), trial("C 2003", 2.0))}
    monkeypatch.setattr(inputs, "final_data", lambda viewer: kept["data"])
    return kept


def decide(team: Any, comparison: Comparison = PERCENT, **fields: Any) -> Analysis:
    given = {"name": "Spine", "choice": "pool", "why": "The trials are alike."} | fields
    return analyses.decide(actor=team.dora.viewer, comparison=comparison, **given)


def test_a_pool_of_three_equal_trials_is_their_mean_with_hartung_knapp_and_prediction(team, data):
    row = decide(team)
    result = Snapshot.objects.get(kind="pool", about=str(row.uid)).result["pooled"]
    # every variance is 2*16/8 = 4; the sample variance of 10, 6, 2 is 16, so tau² = 16 - 4 = 12 (REML, equal v)
    assert result["method"] == "REML"
    assert result["estimate"] == pytest.approx(6.0)
    assert result["tau2"] == pytest.approx(12.0)
    assert result["i2"] == pytest.approx(75.0)
    # HKSJ: q = 1, se = sqrt(16/3), t(2) = 4.302653
    low, high = 6 - 4.302653 * math.sqrt(16 / 3), 6 + 4.302653 * math.sqrt(16 / 3)
    assert result["mean"]["ci"] == pytest.approx([low, high], abs=1e-4)
    half = 4.302653 * math.sqrt(12 + 16 / 3)
    assert result["prediction"] == pytest.approx([6 - half, 6 + half], abs=1e-4)
    assert result["prediction_rule"] == "t(k-1), HKSJ"


def test_leaving_one_out_names_the_study_that_is_left_out(team, data):
    row = decide(team)
    view = pooled.view(Snapshot.objects.get(about=str(row.uid)).result, row.name)
    assert [name for name, _ in view.without] == ["A 2001", "B 2002", "C 2003"]
    assert view.without[0][1].startswith("4.0 [")
    assert view.headline.startswith("6.0 % [")
    assert dict(view.facts)["Interval"].startswith("HKSJ modified, df 2")
    weights = [one.weight for one in view.forest.panels[0].rows]
    assert weights == pytest.approx([100 / 3] * 3)
    assert view.forest.panels[0].rows[0].one == ("10.0", "4.0", "8")


@pytest.mark.parametrize(
    ("more", "comparison", "words"),
    [
        (trial("Z 2004", 0.5, row={"measure": "z", "form": "z_change"}), Comparison(), "Different measures"),
        (trial("S 2004", 5.0, row={"site": "total body"}), PERCENT, "Different sites"),
        (
            trial("P 2004", 5.0, row={"form": "absolute_change"}),
            Comparison(measure="abmd"),
            "kinds of result",
        ),
        (
            trial("N 2004", 5.0, design_as_classified="prospective cohort", design_as_reported="cohort"),
            PERCENT,
            "Randomised and non-randomised",
        ),
        (
            study("Q 2004", results=(result("t", n=5, mean=3.0), result("c", n=5, mean=1.0))),
            PERCENT,
            "No standard error",
        ),
    ],
    ids=["percent with Z", "sites", "kinds", "designs", "no spread"],
)
def test_what_may_not_be_mixed_is_refused_in_words_and_nothing_is_stored(team, data, more, comparison, words):
    data["data"] = dataset(*data["data"].studies, more)
    with pytest.raises(Refused, match=words):
        decide(team, comparison)
    assert not Analysis.objects.exists()
    assert not Snapshot.objects.exists()


def test_designs_are_one_pool_only_when_asked_for_by_name(team, data):
    cohort = trial("N 2004", 5.0, design_as_classified="prospective cohort")
    data["data"] = dataset(*data["data"].studies, cohort)
    row = decide(team, replace(PERCENT, mix_designs=True))
    result = Snapshot.objects.get(about=str(row.uid)).result
    assert result["pooled"]["k"] == 4
    assert any("Not every study is randomised" in text for text in result["differ"])
    only = decide(team, replace(PERCENT, design="randomised"), name="Randomised")
    assert Snapshot.objects.get(about=str(only.uid)).result["pooled"]["k"] == 3


def test_one_study_is_no_pool(team, data):
    data["data"] = dataset(trial("A 2001", 10.0))
    with pytest.raises(Refused, match="two studies"):
        decide(team)


def test_a_refusal_is_stored_as_a_finding_with_its_reasons(team, data):
    decide(team, choice="refuse", reasons=["drug", "time"], why="")
    (one,) = selectors.analyses(team.alice.viewer)
    assert one.is_refused
    assert one.reasons == ("Different drugs", "Different times")
    assert one.row.by == team.dora.seat
    assert one.pooled is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": " "}, "name"),
        ({"choice": "perhaps"}, "Choose"),
        ({"why": " "}, "Say why"),
        ({"choice": "refuse", "why": ""}, "Say why"),
        ({"choice": "refuse", "reasons": ["mood"]}, "no such reason"),
        ({"name": "Correlation of two visits"}, "name"),
    ],
)
def test_a_decision_without_name_choice_or_reason_is_refused(team, data, fields, words):
    with pytest.raises(Refused, match=words):
        decide(team, **fields)


def test_only_a_lead_or_statistician_decides(team, data):
    with pytest.raises(NotAllowed):
        analyses.decide(
            actor=team.alice.viewer, name="x", comparison=PERCENT, choice="refuse", reasons=["drug"]
        )


def test_a_change_of_mind_is_a_further_version_and_the_first_stays(team, data):
    first = decide(team, choice="refuse", reasons=["drug"])
    second = decide(team)
    assert (first.version, second.version) == (1, 2)
    assert [one.row.version for one in selectors.analyses(team.dora.viewer)] == [2]
    assert [row.choice for row in selectors.versions(team.dora.viewer, "Spine")] == ["pool", "refuse"]


def test_the_decision_says_whether_effects_had_been_opened_by_anyone(team, data):
    assert not decide(team, name="before").effects_seen_first
    open_effects(actor=team.bob.viewer)
    open_effects(actor=team.bob.viewer)
    assert decide(team, name="after").effects_seen_first
    told = Event.objects.for_system("counting").filter(verb="synthesis.effects_opened")
    assert told.count() == 1


def test_a_pool_is_stale_when_its_studies_change_and_only_then(team, data):
    row = decide(team)
    data["data"] = dataset(*data["data"].studies, trial("S 2004", 5.0, row={"measure": "bmc"}))
    assert not one_of(team, row).is_stale
    data["data"] = dataset(trial("A 2001", 12.0), *data["data"].studies[1:])
    assert one_of(team, row).is_stale
    analyses.compute_again(actor=team.dora.viewer, uid=row.uid)
    assert not one_of(team, row).is_stale
    assert Snapshot.objects.filter(kind="pool", about=str(row.uid)).count() == 2


def one_of(team: Any, row: Analysis) -> Any:
    summary = summarise(inputs.final_data(team.dora.viewer), site=None)
    return selectors.analysis(team.dora.viewer, row.uid, summary)


def test_withdrawing_needs_a_reason_and_erases_nothing(team, data):
    row = decide(team)
    with pytest.raises(Refused, match="Say why"):
        analyses.withdraw(actor=team.dora.viewer, uid=row.uid, why="")
    analyses.withdraw(actor=team.dora.viewer, uid=row.uid, why="Wrong window.")
    assert selectors.analyses(team.dora.viewer) == []
    assert selectors.analysis(team.dora.viewer, row.uid).row.withdrawn_why == "Wrong window."
    with pytest.raises(Gone):
        analyses.compute_again(actor=team.dora.viewer, uid=row.uid)


def test_a_refused_comparison_has_nothing_to_compute_again(team, data):
    row = decide(team, choice="refuse", reasons=["site"])
    with pytest.raises(Refused, match="nothing to compute"):
        analyses.compute_again(actor=team.dora.viewer, uid=row.uid)


def test_a_comparison_takes_what_its_window_classes_and_drugs_say(data):
    late = trial("L 2005", 4.0, row={"months": 24})
    mixed = trial("M 2006", 4.0, condition_class="chronic illness")
    summary = summarise(dataset(*data["data"].studies, late, mixed), site=None)

    def labels(**fields: Any) -> list[str]:
        return sorted(one.difference.study for one in chosen(summary, replace(PERCENT, **fields)))

    assert labels(months_from=18.0) == ["L 2005"]
    assert labels(months_to=12.0) == ["A 2001", "B 2002", "C 2003", "M 2006"]
    assert labels(classes=("chronic illness",)) == ["M 2006"]
    assert labels(drugs=("zoledronate",)) == []
    assert labels(design="non_randomised") == []
    assert labels(site="Lumbar Spine", months_from=12.0, months_to=12.0) == labels(months_to=12.0)
    assert choices(summary).classes == ("chronic illness", "neuromuscular")
    kept = replace(PERCENT, classes=("chronic illness",), months_to=12.0)
    assert comparison_of(kept.json) == kept
