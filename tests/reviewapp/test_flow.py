"""The PRISMA flow of a hand-made review, number by number, at every moment of its life."""

from __future__ import annotations

import pytest

from reviewapp.pure.prisma import Reason, check
from reviewapp.selectors.flow import flow
from reviewapp.services import conflicts

from . import flows

pytestmark = pytest.mark.django_db


def people(team):
    return (team.alice, team.bob, team.carol, team.dora)


def test_an_empty_review_has_a_flow_of_zeros(team):
    counts = flow(team.dora.viewer)
    assert (counts.identified, counts.records, counts.screened, counts.studies) == (0, 0, 0, 0)
    assert not counts.titles_released
    assert check(counts) == []


def test_identification_counts_citations_records_and_copies_by_column(team):
    made = flows.found(team)
    counts = flow(team.alice.viewer)
    assert [(one.name, one.kind, one.n) for one in counts.found] == [
        ("MEDLINE", "database", 5),
        ("Hand search", "other", 3),
        ("ClinicalTrials", "register", 2),
    ]
    assert (counts.identified, counts.duplicates, counts.records, counts.unassigned) == (7, 1, 6, 6)
    assert (counts.identified_otherwise, counts.already_identified, counts.other_duplicates) == (3, 1, 1)
    assert (counts.other_records, counts.other_waiting) == (1, 1)
    assert check(counts) == []
    assert len(made.records) == 7


def test_a_file_with_several_routes_has_a_line_for_each(team):
    hand = flows.source(team, "Hand search", "other", route="hand_search")
    flows.copy(hand, 1, "Adams", route="experts")
    flows.copy(hand, 2, "Brown")
    names = [one.name for one in flow(team.dora.viewer).found]
    assert sorted(names) == ["Hand search: Experts", "Hand search: Hand search"]


def test_an_open_round_says_how_many_it_holds_and_nothing_more(team):
    made = flows.found(team)
    made.titles = flows.open_round(made, "title_abstract")
    before = [flow(person.viewer) for person in people(team)]
    assert (before[0].in_rounds, before[0].screened, before[0].titles_released) == (6, 0, False)
    flows.answer(team.bob, made.titles, flows.TITLES["bob"] | flows.BOTH)
    assert [flow(person.viewer) for person in people(team)] == before
    flows.answer(team.alice, made.titles, flows.TITLES["alice"] | flows.BOTH)
    assert [flow(person.viewer) for person in people(team)] == before
    assert all(check(counts) == [] for counts in before)


def test_a_release_moves_records_on_and_a_conflict_waits(team):
    flows.screened(team)
    counts = flow(team.alice.viewer)
    assert (counts.screened, counts.excluded, counts.unsettled, counts.in_rounds) == (6, 1, 1, 0)
    assert (counts.databases.sought, counts.databases.seeking) == (4, 4)
    assert (counts.others.sought, counts.other_waiting) == (1, 0)
    assert check(counts) == []


def test_a_settled_conflict_is_sought_or_excluded(team):
    made = flows.screened(team)
    unit = made.records["Davis"].uid
    conflicts.settle(
        actor=team.carol.viewer, round_uid=made.titles.uid, unit=unit, verdict="exclude", why="Adults."
    )
    counts = flow(team.bob.viewer)
    assert (counts.excluded, counts.unsettled, counts.databases.sought) == (2, 0, 4)
    assert check(counts) == []


def test_not_retrieved_not_available_and_in_round_are_told_apart(team):
    made = flows.texts_open(team)
    before = [flow(person.viewer) for person in people(team)]
    databases, others = before[0].databases, before[0].others
    assert (databases.sought, databases.not_retrieved, databases.not_available) == (4, 1, 1)
    assert (databases.assessed, databases.in_rounds, others.assessed, others.in_rounds) == (2, 2, 1, 1)
    assert not before[0].texts_released
    flows.answer(team.bob, made.texts, flows.TEXTS)
    assert [flow(person.viewer) for person in people(team)] == before
    assert check(before[0]) == []


def test_the_end_of_the_road_counts_studies_by_purpose_and_each_report_once(team):
    flows.judged(team)
    counts = flow(team.dora.viewer)
    assert (counts.efficacy, counts.efficacy_reports, counts.harms_only, counts.harms_only_reports) == (
        1,
        1,
        1,
        1,
    )
    assert counts.databases.excluded == ()
    assert counts.others.excluded == (Reason("No bisphosphonate", 1),)
    assert (counts.databases.included, counts.others.included) == (2, 0)
    assert check(counts) == []


def test_background_is_counted_as_excluded_with_its_own_words(team):
    from reviewapp.services.rounds import close_round

    made = flows.texts_open(team)
    told = flows.TEXTS | {"Adams": ("include", "background")}
    flows.answer(team.alice, made.texts, told)
    flows.answer(team.bob, made.texts, told)
    close_round(actor=team.dora.viewer, round_uid=made.texts.uid)
    counts = flow(team.dora.viewer)
    assert counts.databases.excluded == (Reason("Kept as background", 1),)
    assert counts.efficacy == 0
    assert check(counts) == []


def test_awaiting_and_ongoing_are_ends_of_their_own(team):
    flows.screened(team)
    flows.set_retrieval(team, "Adams", "awaiting")
    flows.set_retrieval(team, "Brown", "ongoing")
    databases = flow(team.alice.viewer).databases
    assert (databases.awaiting, databases.ongoing, databases.assessed, databases.seeking) == (1, 1, 2, 2)
    assert check(flow(team.alice.viewer)) == []


def test_two_reports_of_one_study_are_two_reports_and_one_study(team):
    from reviewapp.models.studies import Study, StudyLink
    from reviewapp.services.rounds import close_round

    made = flows.screened(team)
    keep, gone = (Study.objects.get(review=team.review, label=f"{name} 2001") for name in ("Adams", "Brown"))
    StudyLink.objects.filter(study=gone).update(study=keep)
    for name in ("Adams", "Brown"):
        flows.set_retrieval(team, name, "retrieved")
    made.texts = flows.open_round(made, "full_text")
    for person in (team.alice, team.bob):
        flows.answer(person, made.texts, {"Adams": ("include", "efficacy")})
    close_round(actor=team.dora.viewer, round_uid=made.texts.uid)
    counts = flow(team.alice.viewer)
    assert (counts.efficacy, counts.efficacy_reports) == (1, 2)
    assert check(counts) == []


def test_a_report_entered_by_hand_flows_in_the_column_of_other_methods(team):
    from reviewapp.models.studies import Report

    flows.found(team)
    Report.objects.create(review=team.review, title="A thesis")
    counts = flow(team.dora.viewer)
    assert (counts.by_hand, counts.others.sought, counts.others.seeking) == (1, 1, 1)
    assert check(counts) == []


def test_a_withdrawn_file_leaves_the_flow(team):
    from reviewapp.models.records import ImportBatch

    flows.found(team)
    ImportBatch.objects.filter(source__name="Hand search").update(state="withdrawn")
    counts = flow(team.dora.viewer)
    assert counts.identified_otherwise == 0
    assert check(counts) == []


def test_another_review_adds_nothing(team):
    from tests.conftest import make_team

    flows.found(make_team("Another", prefix="x"))
    assert flow(team.alice.viewer).identified == 0
