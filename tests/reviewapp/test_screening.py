"""Deciding: append, undo, note, history."""

from __future__ import annotations

import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from reviewapp.gate import wall_down
from reviewapp.models.decisions import Decision, Standing
from reviewapp.models.events import Event
from reviewapp.selectors import screening as selectors
from reviewapp.services import rounds, screening
from reviewapp.services.refusals import Gone, Refused

pytestmark = pytest.mark.django_db


def rows(model):
    return model.objects.for_system("test")


def test_a_decision_is_appended_with_its_event(team, open_titles, queue):
    one = queue(team.alice, open_titles)[0]
    screening.decide(
        actor=team.alice.viewer, assignment_uid=one.uid, verdict="maybe", note=" harms? ", dwell_ms=9000
    )
    decision = rows(Decision).get()
    assert (decision.verdict, decision.version, decision.note, decision.dwell_ms) == (
        "maybe",
        1,
        "harms?",
        9000,
    )
    assert decision.criteria.number == 1
    event = rows(Event).get(verb="screening.decided")
    assert event.new["verdict"] == "maybe"
    assert event.unit == one.unit
    assert not event.shared


def test_a_change_of_mind_is_a_second_version_and_the_first_stays(team, open_titles, queue):
    one = queue(team.alice, open_titles)[0]
    for verdict in ("include", "exclude"):
        screening.decide(actor=team.alice.viewer, assignment_uid=one.uid, verdict=verdict)
    assert list(rows(Decision).order_by("version").values_list("verdict", flat=True)) == [
        "include",
        "exclude",
    ]
    assert rows(Standing).get().verdict == "exclude"


def test_undo_puts_the_record_back_and_keeps_what_was_said(team, open_titles, queue):
    one = queue(team.alice, open_titles)[0]
    screening.decide(actor=team.alice.viewer, assignment_uid=one.uid, verdict="include")
    screening.undo(actor=team.alice.viewer, assignment_uid=one.uid)
    assert rows(Decision).count() == 2
    assert selectors.next_assignment(team.alice.viewer, open_titles).uid == one.uid
    assert screening.undo(actor=team.alice.viewer, assignment_uid=one.uid) is None


def test_another_reviewers_assignment_does_not_exist_for_me(team, open_titles, queue):
    theirs = queue(team.bob, open_titles)[0]
    with pytest.raises(Gone):
        screening.decide(actor=team.alice.viewer, assignment_uid=theirs.uid, verdict="include")
    with pytest.raises(Gone):
        screening.decide(actor=team.alice.viewer, assignment_uid=uuid.uuid4(), verdict="include")


@pytest.mark.parametrize("verdict", ["", "yes", "INCLUDE", "include "])
def test_an_answer_that_is_none_of_the_three_is_refused(team, open_titles, queue, verdict):
    one = queue(team.alice, open_titles)[0]
    with pytest.raises(Refused):
        screening.decide(actor=team.alice.viewer, assignment_uid=one.uid, verdict=verdict)
    assert not rows(Decision).exists()


def test_an_answer_after_release_is_kept_but_counts_for_nothing(team, open_titles, queue):
    for person in (team.alice, team.bob):
        for one in queue(person, open_titles):
            screening.decide(actor=person.viewer, assignment_uid=one.uid, verdict="exclude")
    rounds.close_round(actor=team.dora.viewer, round_uid=open_titles.uid)
    one = queue(team.alice, open_titles)[0]
    late = screening.decide(actor=team.alice.viewer, assignment_uid=one.uid, verdict="include")
    assert not late.independent
    assert rows(Standing).get(assignment=one).verdict == "exclude"
    with pytest.raises(Refused):
        screening.undo(actor=team.alice.viewer, assignment_uid=one.uid)


def test_the_database_refuses_to_change_or_delete_a_decision(team, open_titles, queue):
    one = queue(team.alice, open_titles)[0]
    screening.decide(actor=team.alice.viewer, assignment_uid=one.uid, verdict="include")
    for statement in (
        "UPDATE reviewapp_decision SET verdict = 'exclude'",
        "DELETE FROM reviewapp_decision",
        "UPDATE reviewapp_event SET why = ''",
        "DELETE FROM reviewapp_event",
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), wall_down("test"):
            connection.cursor().execute(statement)
    assert rows(Decision).get().verdict == "include"


def test_the_queue_skips_and_comes_round(team, open_titles, queue):
    mine = queue(team.alice, open_titles)
    assert selectors.next_assignment(team.alice.viewer, open_titles).uid == mine[0].uid
    assert selectors.next_assignment(team.alice.viewer, open_titles, after=mine[0].order).uid == mine[1].uid
    assert selectors.next_assignment(team.alice.viewer, open_titles, after=mine[-1].order).uid == mine[0].uid


def test_progress_and_pace_are_my_own(team, open_titles, queue):
    for one in queue(team.alice, open_titles)[:5]:
        screening.decide(actor=team.alice.viewer, assignment_uid=one.uid, verdict="exclude", dwell_ms=20000)
    view = selectors.rounds(team.alice.viewer, "title_abstract")[0]
    assert (view.done, view.total, view.left, view.finished) == (5, 6, 1, None)
    assert selectors.pace(team.alice.viewer, view).left_seconds == 20.0
    assert selectors.rounds(team.bob.viewer, "title_abstract")[0].done == 0
    assert selectors.rounds(team.dora.viewer, "title_abstract")[0].finished == 0


def test_two_windows_cannot_store_the_same_version_twice(team, open_titles, queue):
    one = queue(team.alice, open_titles)[0]
    screening.decide(actor=team.alice.viewer, assignment_uid=one.uid, verdict="include")
    first = rows(Decision).get()
    first.pk = None
    first.uid = uuid.uuid4()
    with pytest.raises(DatabaseError), transaction.atomic():
        first.save(force_insert=True)


def test_events_of_a_seat_are_one_unbroken_chain(team, open_titles, queue):
    from reviewapp.audit import event_hash

    for one in queue(team.alice, open_titles):
        screening.decide(actor=team.alice.viewer, assignment_uid=one.uid, verdict="exclude")
    chain = list(rows(Event).filter(chain=str(team.alice.seat.uid)).select_related("round").order_by("seq"))
    assert [event.seq for event in chain] == list(range(1, len(chain) + 1))
    for before, event in zip([None, *chain], chain, strict=False):
        assert event.previous == (before.hash if before else "")
        assert event.hash == event_hash(event, round_uid=event.round.uid if event.round else None)
