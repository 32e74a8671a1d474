"""From final values to a stored summary: numbers worked out by hand, and what makes a summary stale."""

from __future__ import annotations

import math
from typing import Any

import pytest

from extraction.pure.fields import Choice, Field, FieldType, FormSpec, Group
from reviewapp import jobs
from reviewapp.models.jobs import Job
from reviewapp.services.refusals import NotAllowed, Refused
from synthesis.models.snapshots import Snapshot
from synthesis.pure.change import ChangeSummary, summarise
from synthesis.pure.harms import HarmsTable
from synthesis.selectors import inputs
from synthesis.selectors.change_rows import blocks, filtered
from synthesis.selectors.freezing import fingerprint, freeze, thaw
from synthesis.selectors.summaries import availability, summary
from synthesis.selectors.wording import worded
from synthesis.services import summaries
from tests.synthesis.studies import contrast, dataset, harm, result, study

pytestmark = pytest.mark.django_db


def two_arms() -> Any:
    return study(
        results=(
            result("t", n=12, mean=10.0, spread_kind="sd", spread=4.0),
            result("c", n=12, mean=2.0, spread_kind="se", spread=1.0),
        ),
        harms=(harm("t", events=6, n=12), harm("c", events=0, n=12, status="zero_reported")),
    )


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    kept = {"data": dataset(two_arms(), without=("Ferri 2008",))}
    monkeypatch.setattr(inputs, "final_data", lambda viewer: kept["data"])
    return kept


def computed(team: Any) -> Any:
    job = summaries.ask(actor=team.dora.viewer)
    jobs.run(str(job.uid), summaries.compute)
    assert Job.objects.of_author(team.dora.viewer).get(uid=job.uid).state == "done"
    return summary(team.dora.viewer)


def test_a_stored_summary_holds_the_numbers_worked_out_by_hand(team, data):
    found = computed(team)
    (row,) = found.change.differences
    se = math.sqrt(16 / 12 + 12 / 12)
    assert row.value == 8.0
    assert row.se == pytest.approx(se)
    control = next(arm for arm in found.change.groups[0].arms if arm.arm_key == "c")
    assert control.sd == pytest.approx(math.sqrt(12))
    assert control.sd_provenance == "computed from SE"
    # Welch: df = (4/3 + 1)² / ((4/3)²/11 + 1/11)
    assert row.df == pytest.approx((7 / 3) ** 2 / ((16 / 9 + 1) / 11))
    harms = found.harms.categories[0].events[0].rows
    assert [(one.events, one.n) for one in harms] == [(6, 12), (0, 12)]
    assert harms[1].rate.upper_one_sided == pytest.approx(1 - 0.05 ** (1 / 12))


def test_what_is_stored_comes_back_as_it_was(data):
    change = summarise(data["data"], site=None)
    assert thaw(ChangeSummary, freeze(change)) == change
    made = summaries.summary(data["data"], ())
    assert freeze(thaw(HarmsTable, made["harms"])) == made["harms"]


def test_thawing_refuses_what_lacks_a_field():
    with pytest.raises(KeyError, match="groups"):
        thaw(ChangeSummary, {"site": None})


def test_the_same_data_have_the_same_hash_and_other_data_another(data):
    one, two = data["data"], dataset(two_arms(), without=("Ferri 2008",))
    assert fingerprint(one) == fingerprint(two)
    assert inputs.summary_hash(one, ()) != inputs.summary_hash(dataset(two_arms()), ())


def test_a_summary_is_stale_once_the_data_differ_and_fresh_again_when_they_return(team, data):
    assert computed(team).fresh
    first = data["data"]
    data["data"] = dataset(two_arms())
    assert not summary(team.dora.viewer).fresh
    assert computed(team).fresh
    data["data"] = first
    back = summary(team.dora.viewer)
    assert back.fresh
    assert back.without_values == ("Ferri 2008",)
    assert Snapshot.objects.filter(kind="summary").count() == 2


def test_a_job_that_runs_twice_stores_one_result(team, data):
    computed(team)
    computed(team)
    assert Snapshot.objects.filter(kind="summary").count() == 1


def test_a_review_without_final_values_has_an_empty_summary(team):
    found = computed(team)
    assert found.studies == ()
    assert found.change.groups == ()
    assert availability(found).rows == ()


def test_a_correlation_needs_its_source_a_role_and_a_known_measure(team, data):
    lead = team.dora.viewer
    for items, words in (
        ([("abmd", 0.9, " ")], "never assumed"),
        ([("abmd", 1.2, "Rossi 2001")], "between"),
        ([("none", 0.5, "Rossi 2001")], "no such measure"),
        ([("z", 0.5, "a"), ("z", 0.6, "b")], "one correlation"),
    ):
        with pytest.raises(Refused, match=words):
            summaries.set_correlations(actor=lead, items=items)
    with pytest.raises(NotAllowed):
        summaries.set_correlations(actor=team.alice.viewer, items=[("z", 0.5, "a")])
    assert inputs.correlations(lead) == ()


def test_a_correlation_enters_the_sd_of_change_and_is_named(team, data):
    visits = study(
        results=(
            result("t", form="value", months=0, n=10, mean=0.500, spread_kind="sd", spread=0.05),
            result("t", form="value", months=12, n=10, mean=0.550, spread_kind="sd", spread=0.06),
        )
    )
    data["data"] = dataset(visits)
    (change,) = (arm for arm in computed(team).change.groups[0].arms if arm.line.estimand == "mean change")
    assert change.sd is None
    row = summaries.set_correlations(actor=team.dora.viewer, items=[("abmd", 0.9, "Rossi 2001")])
    again = summaries.set_correlations(actor=team.dora.viewer, items=[("abmd", 0.9, "Rossi 2001")])
    assert row.version == again.version == 1
    (change,) = (arm for arm in computed(team).change.groups[0].arms if arm.line.estimand == "mean change")
    assert change.sd == pytest.approx(math.sqrt(0.05**2 + 0.06**2 - 2 * 0.9 * 0.05 * 0.06))
    assert "Rossi 2001" in change.sd_provenance


def test_rows_of_the_table_carry_both_arms_the_difference_and_its_steps(data):
    change = summarise(data["data"], site=None)
    (block,) = blocks(change, data["data"].studies)
    (row,) = block.rows
    assert (row.one.mean, row.one.sd, row.one.n, row.one.derived) == ("10.0", "4.0", "12", False)
    assert (row.two.mean, row.two.sd, row.two.n, row.two.derived) == ("2.0", "3.5", "12", True)
    assert row.difference == "8.0"
    assert row.interval.startswith("[4.8")
    assert any("√" in step.formula for step in row.steps)
    assert [arm.arm for arm in row.arms] == ["Pamidronate", "Placebo"]


def test_an_arm_without_a_partner_is_said_to_be_within_one_group():
    alone = dataset(study(results=(result("t", n=9, mean=5.0, spread_kind="sd", spread=2.0),)))
    (block,) = blocks(summarise(alone, site=None), alone.studies)
    assert block.rows[0].gap == "within one group only"
    assert block.rows[0].two is None
    assert block.rows[0].difference == ""


def test_a_direction_without_numbers_is_a_row_of_words():
    words = dataset(study(contrasts=(contrast(p_operator="<", p_value=0.05, direction="intervention"),)))
    change = summarise(words, site=None)
    (block,) = blocks(change, words.studies)
    assert "Favours the intervention" in block.rows[0].words
    assert blocks(filtered(change, show="words"), words.studies)
    assert blocks(filtered(change, site="total body"), words.studies) == ()


def test_stored_choices_become_the_words_of_the_form():
    fields = (
        Field("site", "Site", FieldType.CHOICE, choices=(Choice("ls", "Lumbar spine"),)),
        Field("design_as_classified", "Design", FieldType.CHOICE, choices=(Choice("rct", "Randomised"),)),
    )
    form = FormSpec("f", "Form", "extraction", 1, (Group("study", "Study", False, fields),))
    raw = dataset(
        study(
            design_as_classified="rct",
            results=(result("t", site="ls", mean=1.0), result("c", site="elsewhere", mean=1.0)),
            characteristics={"site": "ls", "age_mean": "9"},
        )
    )
    (one,) = worded(raw, [form]).studies
    assert [row.site for row in one.results] == ["Lumbar spine", "elsewhere"]
    assert one.design_as_classified == "Randomised"
    assert one.characteristics == {"Site": "Lumbar spine", "Age mean": "9"}
