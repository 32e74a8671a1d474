"""Conflicts: visible after release only, settled by a third seat, never overwritten."""

from __future__ import annotations

import uuid

import pytest

from reviewapp.models.decisions import Resolution
from reviewapp.models.studies import Report
from reviewapp.pure.consensus import Vote, outcome
from reviewapp.selectors import conflicts as selectors
from reviewapp.services import conflicts, rounds, screening
from reviewapp.services.refusals import Clash, Gone, NotAllowed, Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def clash(team, open_titles, queue):
    """A released round in which alice includes all and bob excludes the first of hers."""
    first = queue(team.alice, open_titles)[0].unit
    for one in queue(team.alice, open_titles):
        screening.decide(actor=team.alice.viewer, assignment_uid=one.uid, verdict="include", note="children")
    for one in queue(team.bob, open_titles):
        verdict = "exclude" if one.unit == first else "maybe"
        screening.decide(actor=team.bob.viewer, assignment_uid=one.uid, verdict=verdict)
    assert selectors.conflicts(team.carol.viewer) == []
    rounds.close_round(actor=team.dora.viewer, round_uid=open_titles.uid)
    return open_titles, first


def test_conflicts_appear_with_the_release_and_not_before(team, clash):
    _round, unit = clash
    assert [one.unit for one in selectors.conflicts(team.carol.viewer)] == [unit]
    assert len(selectors.open_for_me(team.carol.viewer)) == 1
    assert selectors.open_for_me(team.alice.viewer) == []


def test_the_two_sides_are_the_two_answers_in_a_fixed_order(team, clash):
    round_, unit = clash
    seen = selectors.sides(team.carol.viewer, round_.uid, unit)
    assert {seen.a.verdict, seen.b.verdict} == {"include", "exclude"}
    again = selectors.sides(team.dora.viewer, round_.uid, unit)
    assert (again.a.verdict, again.b.verdict) == (seen.a.verdict, seen.b.verdict)


def test_settling_appends_a_third_row_and_the_record_goes_on(team, clash):
    round_, unit = clash
    before = Report.objects.count()
    conflicts.settle(
        actor=team.carol.viewer, round_uid=round_.uid, unit=unit, verdict="include", why="Eligible."
    )
    row = Resolution.objects.for_system("test").get()
    assert row.author_id == team.carol.seat.pk
    assert len(row.settles) == 2
    assert Report.objects.count() == before + 1
    assert selectors.open_for_me(team.carol.viewer) == []


def test_a_settled_conflict_is_not_settled_again(team, clash):
    round_, unit = clash
    conflicts.settle(actor=team.carol.viewer, round_uid=round_.uid, unit=unit, verdict="exclude")
    with pytest.raises(Clash):
        conflicts.settle(actor=team.carol.viewer, round_uid=round_.uid, unit=unit, verdict="include")


def test_a_reviewer_does_not_settle_and_a_voter_with_that_role_does_not_either(team, clash):
    from reviewapp.selectors.seats import place_of
    from reviewapp.services.reviews import change_roles

    round_, unit = clash
    with pytest.raises(NotAllowed):
        conflicts.settle(actor=team.alice.viewer, round_uid=round_.uid, unit=unit, verdict="include")
    seat = change_roles(
        actor=team.dora.viewer, seat_uid=team.alice.seat.uid, roles=["reviewer", "adjudicator"]
    )
    with pytest.raises(NotAllowed, match="yourself"):
        conflicts.settle(actor=place_of(seat).viewer, round_uid=round_.uid, unit=unit, verdict="include")


def test_an_agreed_record_is_no_conflict(team, clash, queue):
    round_, unit = clash
    agreed = next(one.unit for one in queue(team.alice, round_) if one.unit != unit)
    for other in (agreed, uuid.uuid4()):
        with pytest.raises(Gone):
            conflicts.settle(actor=team.carol.viewer, round_uid=round_.uid, unit=other, verdict="include")


def test_the_adjudicators_first_answer_is_kept_once(team, clash):
    round_, unit = clash
    for verdict in ("maybe", "exclude"):
        conflicts.answer_first(actor=team.carol.viewer, round_uid=round_.uid, unit=unit, verdict=verdict)
    assert selectors.sides(team.carol.viewer, round_.uid, unit).answered_first == "maybe"
    with pytest.raises(Refused):
        conflicts.answer_first(actor=team.carol.viewer, round_uid=round_.uid, unit=unit, verdict="perhaps")


@pytest.mark.parametrize(
    ("one", "two", "state", "verdict"),
    [
        ("include", "include", "agreed", "include"),
        ("include", "maybe", "agreed", "include"),
        ("maybe", "maybe", "agreed", "include"),
        ("include", "exclude", "conflict", ""),
        ("maybe", "exclude", "conflict", ""),
        ("exclude", "exclude", "agreed", "exclude"),
        ("include", "", "waiting", ""),
    ],
)
def test_the_table_of_two_answers(one, two, state, verdict):
    found = outcome([Vote(one), Vote(two)], needed=2)
    assert (found.state, found.verdict) == (state, verdict)


def test_two_reasons_settle_by_the_protocols_order_and_two_purposes_do_not():
    both = outcome([Vote("exclude", 4), Vote("exclude", 2)], needed=2)
    assert (both.state, both.reason, both.by_rule) == ("agreed", 2, True)
    split = outcome([Vote("include", None, "efficacy"), Vote("include", None, "harms_only")], needed=2)
    assert (split.state, split.kind) == ("conflict", "purpose")
    assert outcome([Vote("maybe"), Vote("include")], needed=2, maybe_is_conflict=True).state == "conflict"
    assert outcome([Vote("exclude"), Vote("include")], needed=2, either_advances=True).verdict == "include"
