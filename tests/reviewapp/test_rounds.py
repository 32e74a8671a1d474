"""Rounds: assignment, release, and what goes on."""

from __future__ import annotations

from collections import Counter

import pytest

from reviewapp.models.rounds import Assignment, Release, Round
from reviewapp.models.studies import Report, Study
from reviewapp.pure.assigning import assign
from reviewapp.services import reviews, rounds, screening
from reviewapp.services.refusals import Gone, NotAllowed, Refused
from tests.conftest import add_records, make_team

pytestmark = pytest.mark.django_db


def answer(person, assignments, verdict="include"):
    for one in assignments:
        screening.decide(actor=person.viewer, assignment_uid=one.uid, verdict=verdict)


def test_each_record_goes_to_two_of_the_reviewers_evenly():
    handed = assign([f"u{n}" for n in range(30)], ["a", "b", "c"], seed="s")
    assert all(count == 2 for count in Counter(one.unit for one in handed).values())
    loads = Counter(one.seat for one in handed)
    assert set(loads.values()) == {20}


def test_the_same_seed_draws_the_same_assignment_and_another_draws_another():
    units, seats = [f"u{n}" for n in range(20)], ["a", "b", "c"]
    assert assign(units, seats, seed="s") == assign(units[::-1], seats[::-1], seed="s") or sorted(
        map(repr, assign(units, seats, seed="s"))
    ) == sorted(map(repr, assign(units[::-1], seats[::-1], seed="s")))
    assert sorted(map(repr, assign(units, seats, seed="s"))) != sorted(
        map(repr, assign(units, seats, seed="t"))
    )


def test_two_reviewers_meet_the_records_in_their_own_orders(team, records, open_titles, queue):
    alice = [one.unit for one in queue(team.alice, open_titles)]
    bob = [one.unit for one in queue(team.bob, open_titles)]
    assert set(alice) == set(bob) == {record.uid for record in records}
    assert alice != bob


def test_a_round_needs_the_disagreement_process_first(db):
    from reviewapp.models.reviews import Review

    team = make_team()
    add_records(team, 2)
    Review.objects.filter(pk=team.review.pk).update(disagreement_process="")
    with pytest.raises(Refused, match="disagreements"):
        rounds.open_round(
            actor=team.dora.viewer, stage="title_abstract", seats=[team.alice.seat.uid, team.bob.seat.uid]
        )


def test_only_a_lead_opens_a_round(team, records):
    with pytest.raises(NotAllowed):
        rounds.open_round(
            actor=team.alice.viewer, stage="title_abstract", seats=[team.alice.seat.uid, team.bob.seat.uid]
        )


def test_a_seat_that_does_not_review_is_refused(team, records):
    with pytest.raises(Gone):
        rounds.open_round(
            actor=team.dora.viewer, stage="title_abstract", seats=[team.alice.seat.uid, team.carol.seat.uid]
        )


def test_a_pilot_takes_its_size_and_the_next_round_the_rest(team, records):
    seats = [team.alice.seat.uid, team.bob.seat.uid]
    pilot = rounds.open_round(
        actor=team.dora.viewer, stage="title_abstract", seats=seats, size=2, kind="pilot"
    )
    rest = rounds.open_round(actor=team.dora.viewer, stage="title_abstract", seats=seats)
    assert (pilot.size, rest.size, rest.number) == (2, 4, 2)
    handed = Assignment.objects.for_system("test").values_list("unit", flat=True)
    assert len(set(handed)) == 6
    with pytest.raises(Refused, match="Nothing waits"):
        rounds.open_round(actor=team.dora.viewer, stage="title_abstract", seats=seats)


def test_records_of_other_methods_are_not_screened_on_titles(team):
    add_records(team, 2, other=3)
    round_ = rounds.open_round(
        actor=team.dora.viewer, stage="title_abstract", seats=[team.alice.seat.uid, team.bob.seat.uid]
    )
    assert round_.size == 2


def test_an_incomplete_round_is_not_released_and_the_refusal_is_constant(team, open_titles, queue):
    words = []
    for person in (team.alice, team.bob):
        with pytest.raises(Refused) as refused:
            rounds.close_round(actor=team.dora.viewer, round_uid=open_titles.uid)
        words.append(refused.value.message)
        answer(person, queue(person, open_titles)[:3])
    assert len(set(words)) == 1
    assert not Release.objects.exists()


def test_closing_releases_and_lets_agreed_records_go_on(team, open_titles, queue):
    answer(team.alice, queue(team.alice, open_titles))
    mine = queue(team.bob, open_titles)
    answer(team.bob, mine[:4])
    answer(team.bob, mine[4:], "exclude")
    rounds.close_round(actor=team.dora.viewer, round_uid=open_titles.uid)
    assert Release.objects.get().kind == "round"
    assert Report.objects.count() == Study.objects.count() == 4
    assert {report.record.uid for report in Report.objects.all()} == {one.unit for one in mine[:4]}


def test_records_of_other_methods_enter_at_full_text_when_a_round_closes(team, queue):
    add_records(team, 2, other=1)
    round_ = rounds.open_round(
        actor=team.dora.viewer, stage="title_abstract", seats=[team.alice.seat.uid, team.bob.seat.uid]
    )
    for person in (team.alice, team.bob):
        answer(person, queue(person, round_), "exclude")
    rounds.close_round(actor=team.dora.viewer, round_uid=round_.uid)
    assert [report.record.via for report in Report.objects.all()] == ["other"]


def test_the_protocol_rules_are_fixed_once_a_round_is_open(team, open_titles):
    with pytest.raises(Refused, match="fixed"):
        reviews.set_protocol(actor=team.dora.viewer, changes={"advance_rule": "either"})


def test_a_round_of_another_review_does_not_exist(team, open_titles):
    other = make_team("Another", prefix="x")
    with pytest.raises(Gone):
        rounds.close_round(actor=other.dora.viewer, round_uid=open_titles.uid)
    assert Round.objects.get().closed_at is None


def test_a_rule_that_nothing_carries_out_is_not_offered(team):
    for name in ("release_setting", "settles"):
        with pytest.raises(Refused, match="not offered yet") as refused:
            reviews.set_protocol(actor=team.dora.viewer, changes={name: "pair"})
        assert refused.value.field == name


def test_signing_out_clears_what_the_browser_kept(team, sign_in):
    browser = sign_in(team.alice)
    assert "Clear-Site-Data" in browser.post("/account/logout/").headers
    assert "Clear-Site-Data" not in browser.get("/account/login/").headers
