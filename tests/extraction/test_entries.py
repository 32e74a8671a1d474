from __future__ import annotations

import json
from typing import Any

import pytest

from extraction.models.entries import Draft, Entry, EntryAssignment, Value
from extraction.models.finals import Final
from extraction.selectors import entries, pairs
from extraction.selectors.forms import form_spec, forms
from extraction.services.definitions import add_form, presets
from extraction.services.entries import EntryRefused, save_draft, submit
from extraction.services.handing import assign_extraction
from reviewapp.models.events import Event
from reviewapp.models.rounds import Release
from reviewapp.services.refusals import Clash, Gone, NotAllowed, Refused
from tests.conftest import Team
from tests.extraction.entries import change, payload, preset, row, study, two_arms
from tests.extraction.included import hand_out, include

pytestmark = pytest.mark.django_db


def whole(**texts: str) -> dict[str, Any]:
    numbers = {"n": "6", "mean": "89", "spread_kind": "se", "spread": "21", **texts}
    return payload(study=study(), arms=two_arms(), change=[change("c1", "a1", **numbers)])


@pytest.fixture
def studies(team: Team) -> dict[str, Any]:
    return include(team, {"Henderson 2002": "efficacy", "Grissom 2005": "harms_only", "Bachrach 2000": ""})


@pytest.fixture
def handed(team: Team, studies: dict[str, Any]) -> Any:
    return hand_out(team, {"Henderson 2002": studies["Henderson 2002"]})["Henderson 2002"]


def test_a_form_of_a_review_is_the_preset_it_was_made_from(team: Team) -> None:
    for spec in presets():
        made = add_form(actor=team.dora.viewer, preset=spec.key)
        assert form_spec(made) == preset(spec.key) == spec
    assert [one.kind for one in forms(team.dora.viewer)] == ["extraction", "extraction", "appraisal"]


def test_a_form_of_instruments_can_be_added_by_name(team: Team) -> None:
    made = add_form(actor=team.dora.viewer, instruments=["jadad"])
    assert [group.key for group in form_spec(made).groups] == ["jadad"]
    with pytest.raises(Refused, match="no such instrument"):
        add_form(actor=team.dora.viewer, instruments=["rob9"])


def test_only_a_lead_adds_a_form_and_only_once(team: Team) -> None:
    with pytest.raises(NotAllowed):
        add_form(actor=team.alice.viewer, preset="harms_series")
    add_form(actor=team.dora.viewer, preset="harms_series")
    with pytest.raises(Refused, match="already"):
        add_form(actor=team.dora.viewer, preset="harms_series")
    with pytest.raises(Refused, match="no such form"):
        add_form(actor=team.dora.viewer, preset="../../pyproject")


def test_a_study_that_is_not_included_is_not_handed_out(team: Team, studies: dict[str, Any]) -> None:
    form = add_form(actor=team.dora.viewer, preset="bone_density_children")
    both = [team.alice.seat.uid, team.bob.seat.uid]
    with pytest.raises(Refused, match="included at full text"):
        assign_extraction(
            actor=team.dora.viewer, form_uid=form.uid, seats=both, study_uids=[studies["Bachrach 2000"].uid]
        )
    with pytest.raises(Refused, match="two extractors"):
        assign_extraction(actor=team.dora.viewer, form_uid=form.uid, seats=both[:1])
    with pytest.raises(Gone):
        assign_extraction(
            actor=team.dora.viewer, form_uid=form.uid, seats=[*both, team.carol.seat.uid], study_uids=None
        )
    with pytest.raises(NotAllowed):
        assign_extraction(actor=team.alice.viewer, form_uid=form.uid, seats=both)


def test_a_series_included_for_harms_alone_gets_the_short_form(team: Team, studies: dict[str, Any]) -> None:
    add_form(actor=team.dora.viewer, preset="harms_series")
    form = add_form(actor=team.dora.viewer, preset="bone_density_children")
    both = [team.alice.seat.uid, team.bob.seat.uid]
    made = assign_extraction(actor=team.dora.viewer, form_uid=form.uid, seats=both)
    assert {one.study.label: one.form.key for one in made} == {
        "Henderson 2002": "bone_density_children",
        "Grissom 2005": "harms_series",
    }
    with pytest.raises(Refused, match="No included study waits"):
        assign_extraction(actor=team.dora.viewer, form_uid=form.uid, seats=both)
    with pytest.raises(Refused, match="handed out already"):
        assign_extraction(
            actor=team.dora.viewer, form_uid=form.uid, seats=both, study_uids=[studies["Henderson 2002"].uid]
        )


def test_a_second_window_is_told_and_nothing_is_lost(team: Team, handed: Any) -> None:
    alice = team.alice.viewer
    first = save_draft(actor=alice, unit=handed.uid, payload=whole(), version=0)
    assert first.version == 1
    second = save_draft(actor=alice, unit=handed.uid, payload=whole(n="5"), version=1)
    for stale in (0, 1, 7):
        with pytest.raises(Clash, match="another window"):
            save_draft(actor=alice, unit=handed.uid, payload=whole(n="4"), version=stale)
    stored = Draft.objects.of_author(alice).get()
    assert (stored.version, stored.payload) == (second.version, whole(n="5")) == (2, whole(n="5"))
    assert save_draft(actor=alice, unit=handed.uid, payload=whole(n="4"), version=2).version == 3


def test_a_draft_keeps_what_is_wrong_but_nothing_that_is_not_an_entry(team: Team, handed: Any) -> None:
    alice = team.alice.viewer
    save_draft(actor=alice, unit=handed.uid, payload=whole(mean="1.86?"), version=0)
    seen = entries.work(alice, handed.uid)
    assert seen is not None
    assert seen.payload == whole(mean="1.86?")
    for junk in (None, [], {"groups": 3}, {"groups": {}, "x": "\x00"}, {"groups": {"a": "\ud800"}}):
        with pytest.raises(Refused):
            save_draft(actor=alice, unit=handed.uid, payload=junk, version=1)


def test_bad_numbers_are_refused_with_a_proposal_and_nothing_is_stored(team: Team, handed: Any) -> None:
    with pytest.raises(EntryRefused) as refused:
        submit(actor=team.alice.viewer, unit=handed.uid, payload=whole(mean="12,5", spread="-3"))
    told = {error.field: error for error in refused.value.check.errors}
    assert {"mean", "spread"} <= set(told)
    assert told["mean"].proposal
    for model in (Entry, Value, Draft):
        assert not model.objects.of_author(team.alice.viewer).exists()
    assert not Event.objects.of_author(team.alice.viewer).filter(verb="entry.submitted").exists()


def test_an_incomplete_entry_is_refused_field_by_field(team: Team, handed: Any) -> None:
    with pytest.raises(EntryRefused) as refused:
        submit(actor=team.alice.viewer, unit=handed.uid)
    assert "design_as_reported" in {error.field for error in refused.value.check.errors}
    assert any("needed" in error.message for error in refused.value.check.errors)


def test_an_entry_keeps_the_printed_text_the_exact_number_and_its_place(team: Team, handed: Any) -> None:
    entry = submit(actor=team.alice.viewer, unit=handed.uid, payload=whole(mean="89.0"))
    mean = Value.objects.of_author(team.alice.viewer).get(entry=entry, field="mean")
    assert (mean.as_printed, mean.canonical, str(mean.number)) == ("89.0", "89.0", "89.000000")
    assert (mean.unit_text, mean.status, mean.page, mean.unit) == ("%", "reported", "p. 3", handed.uid)
    assert mean.report is not None
    assert mean.report.title == "Henderson 2002: a report"
    assert mean.question.key == "mean"
    drug = Value.objects.of_author(team.alice.viewer).get(entry=entry, row="a1", field="drug")
    assert (drug.canonical, drug.number) == ("pamidronate", None)


def test_a_report_of_another_study_is_refused(team: Team, handed: Any) -> None:
    typed = whole()
    typed["groups"]["study"][0]["report"] = str(handed.uid)
    with pytest.raises(Refused, match="not a report of this study"):
        submit(actor=team.alice.viewer, unit=handed.uid, payload=typed)


def test_submitting_twice_is_one_entry_and_another_entry_is_refused(team: Team, handed: Any) -> None:
    alice = team.alice.viewer
    first = submit(actor=alice, unit=handed.uid, payload=whole())
    assert submit(actor=alice, unit=handed.uid, payload=whole()) == first
    with pytest.raises(Refused, match="stays as it was"):
        submit(actor=alice, unit=handed.uid, payload=whole(mean="88"))
    with pytest.raises(Refused, match="stays as it was"):
        save_draft(actor=alice, unit=handed.uid, payload=whole(), version=0)
    assert Entry.objects.of_author(alice).count() == 1
    assert Event.objects.of_author(alice).filter(verb="entry.submitted").count() == 1


def seen_by(person: Any, unit: Any) -> Any:
    """Everything of a study form that its selectors and the gate give a person."""
    viewer = person.viewer
    return (
        entries.mine(viewer),
        entries.work(viewer, unit),
        pairs.pair(viewer, unit),
        pairs.pairs(viewer),
        [
            list(model.objects.visible_to(viewer).order_by("pk").values_list("uid"))
            for model in (EntryAssignment, Draft, Entry, Value, Final, Event)
        ],
    )


def test_nothing_of_the_other_entry_is_seen_before_both_are_in(team: Team, handed: Any) -> None:
    alice, bob, carol = team.alice, team.bob, team.carol
    save_draft(actor=alice.viewer, unit=handed.uid, payload=whole(), version=0)
    everyone = (alice, carol, team.dora)
    before = [seen_by(person, handed.uid) for person in everyone]
    save_draft(actor=bob.viewer, unit=handed.uid, payload=whole(n="5"), version=0)
    submit(actor=bob.viewer, unit=handed.uid, payload=whole(n="5"))
    assert [seen_by(person, handed.uid) for person in everyone] == before
    assert not Release.objects.filter(unit=handed.uid).exists()


def test_both_entries_open_to_the_pair_and_the_adjudicator_when_both_are_in(team: Team, handed: Any) -> None:
    submit(actor=team.bob.viewer, unit=handed.uid, payload=whole(n="5"))
    submit(actor=team.alice.viewer, unit=handed.uid, payload=whole())
    opened_to = Release.objects.filter(unit=handed.uid, kind=Release.Kind.ENTRIES).values_list(
        "to_seat", flat=True
    )
    assert set(opened_to) == {team.alice.seat.pk, team.bob.seat.pk, team.carol.seat.pk}
    for person in (team.alice, team.bob, team.carol):
        found = pairs.pair(person.viewer, handed.uid)
        assert found is not None
        assert found.may_settle
        assert pairs.to_reconcile(person.viewer) == {handed.uid}
    assert pairs.pair(team.dora.viewer, handed.uid) is None
    assert not Draft.objects.visible_to(team.bob.viewer).exclude(author=team.bob.seat).exists()


def test_the_two_are_a_and_b_in_the_same_order_for_everyone(team: Team, handed: Any) -> None:
    submit(actor=team.alice.viewer, unit=handed.uid, payload=whole())
    submit(actor=team.bob.viewer, unit=handed.uid, payload=whole(n="5"))
    told = []
    for person in (team.alice, team.bob, team.carol):
        found = pairs.pair(person.viewer, handed.uid)
        assert found is not None
        ((_row, field),) = found.differences
        told.append((field.canonical_a, field.canonical_b))
    assert len(set(told)) == 1
    assert set(told[0]) == {"5", "6"}


def test_a_stranger_finds_no_study_form(team: Team, handed: Any) -> None:
    for person in (team.carol, team.dora):
        with pytest.raises(Gone):
            submit(actor=person.viewer, unit=handed.uid, payload=whole())
        with pytest.raises(Gone):
            save_draft(actor=person.viewer, unit=handed.uid, payload=whole(), version=0)
        assert entries.work(person.viewer, handed.uid) is None


def test_pairs_take_turns_when_there_are_three_extractors(team: Team) -> None:
    from reviewapp.models.seats import Seat

    third = Seat.objects.create(review=team.review, name="Third", roles=["extractor"])
    studies = include(team, {f"Study {n}": "efficacy" for n in range(6)})
    form = add_form(actor=team.dora.viewer, preset="bone_density_children")
    seats = [team.alice.seat.uid, team.bob.seat.uid, third.uid]
    made = assign_extraction(actor=team.dora.viewer, form_uid=form.uid, seats=seats, seed="three")
    assert len(made) == len(studies) == 6
    loads = [len(entries.mine(one.viewer)) for one in (team.alice, team.bob)]
    assert loads == [4, 4]


def test_an_appraisal_is_an_entry_like_any_other(team: Team, studies: dict[str, Any]) -> None:
    handed = hand_out(team, {"Henderson 2002": studies["Henderson 2002"]}, "appraisal_2007")["Henderson 2002"]
    judged = payload(
        jadad=[
            row(
                "jadad",
                randomised="yes",
                randomisation_method="not_described",
                blinded="no",
                withdrawals="yes",
            )
        ],
        allocation=[row("allocation", judgement="B")],
    )
    entry = submit(actor=team.alice.viewer, unit=handed.uid, payload=json.loads(json.dumps(judged)))
    assert Value.objects.of_author(team.alice.viewer).filter(entry=entry).count() == 5
