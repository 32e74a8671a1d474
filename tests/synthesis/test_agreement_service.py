"""Agreement end to end: answers in, a release, and numbers worked out by hand."""

from __future__ import annotations

import pytest

from reviewapp import jobs
from reviewapp.models.decisions import Decision
from reviewapp.models.jobs import Job
from reviewapp.models.rounds import Assignment
from reviewapp.services import reviews, rounds, screening
from reviewapp.services.refusals import Gone, Refused
from synthesis.models.snapshots import Snapshot
from synthesis.selectors import agreement as selectors
from synthesis.services import agreement
from tests.conftest import add_records, make_team
from tests.synthesis.rounds import answer, known, open_titles, released

pytestmark = pytest.mark.django_db


def computed(team, round_=None):
    """Ask as dora, run the worker's part, and return the snapshot of the round."""
    job = agreement.ask(actor=team.dora.viewer, round_uid=round_.uid if round_ else None)
    jobs.run(str(job.uid), agreement.compute)
    found = Job.objects.of_author(team.dora.viewer).get(uid=job.uid)
    return found, Snapshot.objects.filter(
        kind="agreement", about=str(round_.uid) if round_ else "title_abstract"
    )


def numbers(team, pairs):
    round_ = released(team, pairs)
    return computed(team, round_)[1].get().result


def test_a_known_table_gives_the_known_numbers(team):
    pair = numbers(team, known())["pairs"][0]["advancing"]
    # 4 1 / 2 13 of 20, or turned round: po = 17/20, pe = (5*6 + 15*14)/400 = 0.6
    assert sorted(map(sorted, pair["table"])) == [[1, 4], [2, 13]] or pair["table"] == [[4, 2], [1, 13]]
    assert pair["n"] == 20
    assert pair["percent"]["value"] == pytest.approx(0.85)
    assert pair["expected"] == pytest.approx(0.6)
    assert pair["kappa"]["value"] == pytest.approx(0.625)
    assert pair["pabak"]["value"] == pytest.approx(0.7)
    assert pair["ac1"]["value"] == pytest.approx((0.85 - 0.39875) / 0.60125)
    assert pair["positive"] == pytest.approx(8 / 11)
    assert pair["negative"] == pytest.approx(26 / 29)
    # Wilson, 17 of 20, z = 1.959964: (0.85 + z²/40 ± z sqrt(0.1275/20 + z²/1600)) / (1 + z²/20)
    assert pair["percent"]["ci"] == pytest.approx([0.63958, 0.94763], abs=1e-5)


def test_over_all_pairs_there_is_alpha_and_no_kappa(team):
    together = numbers(team, known())["together"]
    assert together["percent"]["value"] == pytest.approx(0.85)
    # N = 40, used 11 and 29: De = 1 - (11*10 + 29*28)/(40*39), Do = 6/40
    assert together["alpha"]["value"] == pytest.approx(1 - 0.15 / (1 - 922 / 1560))
    assert "kappa" not in together


def test_maybe_is_kept_in_three_categories_and_counts_as_include_in_two(team):
    pair = numbers(
        team, [("maybe", "include"), ("maybe", "maybe"), ("exclude", "maybe"), ("exclude", "exclude")]
    )
    three = pair["pairs"][0]["answers"]
    assert three["categories"] == ["include", "maybe", "exclude"]
    assert three["percent"]["value"] == pytest.approx(0.5)
    assert pair["pairs"][0]["advancing"]["percent"]["value"] == pytest.approx(0.75)


def test_one_category_only_is_said_in_words_and_never_as_a_number(team):
    pair = numbers(team, [("exclude", "exclude")] * 4)["pairs"][0]["advancing"]
    assert pair["kappa"]["value"] is None
    assert "0/0" in pair["notes"]["kappa"]
    assert pair["pabak"]["value"] == 1
    assert pair["positive"] is None


def test_an_open_round_is_refused_before_and_inside_the_job(team):
    round_ = open_titles(team, 3)
    with pytest.raises(Refused, match="still open"):
        agreement.ask(actor=team.dora.viewer, round_uid=round_.uid)
    with pytest.raises(Refused, match="No round is released"):
        agreement.ask(actor=team.dora.viewer)
    job = jobs.start(agreement.TASK, actor=team.dora.viewer, about={"round": str(round_.uid)})
    jobs.run(str(job.uid), agreement.compute)
    job = Job.objects.of_author(team.dora.viewer).get(uid=job.uid)
    assert job.state == "failed"
    assert "still open" in job.message
    assert not Snapshot.objects.exists()


def test_answers_of_an_open_round_are_not_even_counted(team):
    released(team, [("include", "include"), ("exclude", "include")])
    before = selectors.tables(team.dora.viewer)
    round_ = open_titles(team, 3)
    answer(team.alice, round_, ["include", "exclude", "maybe"])
    answer(team.bob, round_, ["include", "exclude", "maybe"])
    assert selectors.tables(team.dora.viewer) == before
    assert [one.pairs[0].n for one in before] == [2]


def test_another_reviews_round_is_no_round(team):
    other = make_team("Another review", prefix="x")
    round_ = released(other, [("include", "include")])
    with pytest.raises(Gone):
        agreement.ask(actor=team.dora.viewer, round_uid=round_.uid)


def test_a_vote_after_release_does_not_change_the_table(team):
    round_ = released(team, [("include", "include"), ("exclude", "exclude")])
    before = selectors.tables(team.dora.viewer)
    mine = Assignment.objects.of_author(team.alice.viewer).filter(round=round_).first()
    screening.decide(actor=team.alice.viewer, assignment_uid=mine.uid, verdict="maybe")
    assert Decision.objects.of_author(team.alice.viewer).filter(independent=False).count() == 1
    assert selectors.tables(team.dora.viewer) == before


def test_the_last_vote_before_release_counts_not_the_first(team):
    round_ = open_titles(team, 2)
    answer(team.alice, round_, ["include", "include"])
    answer(team.alice, round_, ["exclude", "exclude"])
    answer(team.bob, round_, ["exclude", "exclude"])
    rounds.close_round(actor=team.dora.viewer, round_uid=round_.uid)
    assert selectors.tables(team.dora.viewer)[0].pairs[0].table == ((0, 0, 0), (0, 0, 0), (0, 0, 2))


def test_a_record_presented_twice_counts_once(team):
    round_ = open_titles(team, 2)
    first = Assignment.objects.of_author(team.alice.viewer).filter(round=round_).first()
    Assignment(
        review=team.review,
        round=round_,
        author=team.alice.seat,
        unit=first.unit,
        record_id=first.record_id,
        slot=1,
        presentation=2,
        order=99,
    ).save(force_insert=True)
    for person in (team.alice, team.bob):
        for one in Assignment.objects.of_author(person.viewer).filter(round=round_):
            screening.decide(actor=person.viewer, assignment_uid=one.uid, verdict="exclude")
    rounds.close_round(actor=team.dora.viewer, round_uid=round_.uid)
    assert selectors.tables(team.dora.viewer)[0].pairs[0].n == 2


def test_rotating_pairs_each_have_their_kappa_and_share_none(team):
    third = reviews.seat_person(actor=team.dora.viewer, user=team.eve, roles=["reviewer"], name="Eve")
    add_records(team, 9)
    round_ = rounds.open_round(
        actor=team.dora.viewer,
        stage="title_abstract",
        seats=[team.alice.seat.uid, team.bob.seat.uid, third.uid],
        seed="s",
    )
    from reviewapp.selectors.seats import place_of

    for place, viewer in enumerate((team.alice.viewer, team.bob.viewer, place_of(third).viewer)):
        for number, one in enumerate(Assignment.objects.of_author(viewer).order_by("unit")):
            verdict = "include" if (number + place) % 3 == 0 else "exclude"
            screening.decide(actor=viewer, assignment_uid=one.uid, verdict=verdict)
    rounds.close_round(actor=team.dora.viewer, round_uid=round_.uid)
    result = agreement.result(selectors.tables(team.dora.viewer)[0])
    assert len(result["pairs"]) == 3
    assert sum(pair["n"] for pair in result["pairs"]) == 9 == result["together"]["n"]
    agreed = sum(pair["advancing"]["table"][k][k] for pair in result["pairs"] for k in (0, 1))
    assert result["together"]["percent"]["value"] == pytest.approx(agreed / 9)
    assert "kappa" not in result["together"]


def test_two_rounds_of_one_pair_add_up_to_the_stage(team):
    released(team, [("include", "include"), ("exclude", "include")])
    released(team, [("include", "include"), ("exclude", "exclude")])
    job, stage = computed(team)
    assert job.state == "done"
    result = stage.get().result
    assert result["numbers"] == [1, 2]
    assert [pair["n"] for pair in result["pairs"]] == [4]
    assert result["pairs"][0]["advancing"]["percent"]["value"] == pytest.approx(0.75)
    assert Snapshot.objects.count() == 3


def test_computing_again_stores_nothing_new(team):
    round_ = released(team, known())
    computed(team, round_)
    first = list(Snapshot.objects.values_list("uid", flat=True))
    computed(team, round_)
    assert list(Snapshot.objects.values_list("uid", flat=True)) == first


def test_reasons_are_compared_over_what_both_excluded():
    from uuid import UUID

    pair = selectors.PairTable(
        UUID(int=1),
        UUID(int=2),
        ((2, 1), (0, 5)),
        {("x", "x"): 3, ("x", "y"): 1, ("y", "y"): 1},
    )
    found = agreement.result(selectors.RoundTables("r", "full_text", (1,), 8, (pair,)))["pairs"][0]
    assert found["answers"] is None
    # po = 4/5; margins x: 4 and 3, y: 1 and 2: pe = (12 + 2)/25
    assert found["reasons"]["n"] == 5
    assert found["reasons"]["agreed"] == 4
    assert found["reasons"]["numbers"]["kappa"]["value"] == pytest.approx((0.8 - 14 / 25) / (1 - 14 / 25))
