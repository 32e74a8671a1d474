"""Duplicates: merged by rule or person, taken back exactly, never against what a person settled."""

from __future__ import annotations

from typing import Any

import pytest

from reviewapp import jobs
from reviewapp.models.jobs import Job
from reviewapp.models.records import DuplicatePair, Membership, Record
from reviewapp.models.rounds import Assignment
from reviewapp.pure.unions import Edge, unite
from reviewapp.selectors import dedup as selected
from reviewapp.selectors.records import live
from reviewapp.services import dedup
from reviewapp.services.refusals import Gone, NotAllowed, Refused
from reviewapp.services.rounds import open_round
from tests.reviewapp.test_importing import a_source, bring, search_duplicates

Settled = DuplicatePair.Settled


def entry(
    title: str,
    author: str = "Henderson, Richard C.",
    year: int = 2002,
    doi: str = "",
    pages: str = "644-651",
    abstract: str = "",
) -> str:
    first, _, last = pages.partition("-")
    lines = [
        "TY  - JOUR",
        f"TI  - {title}",
        f"AU  - {author}",
        "AU  - Lark, Robert K.",
        f"PY  - {year}",
        "T2  - Journal of Pediatrics",
        "VL  - 141",
        "IS  - 5",
        f"SP  - {first}",
        f"EP  - {last}",
    ]
    lines += [f"DO  - {doi}"] if doi else []
    lines += [f"AB  - {abstract}"] if abstract else []
    return "\n".join([*lines, "ER  - ", ""])


TITLE = "Bisphosphonates to treat osteopenia in children with quadriplegic cerebral palsy"


def bring_text(person: Any, source: str, *entries: str, kind: str = "database") -> Any:
    return bring(person, a_source(person, source, kind), "\n".join(entries).encode(), f"{source}.ris")


@pytest.fixture
def merged(team: Any) -> Any:
    """One trial found in two databases and by hand, merged by rule."""
    bring_text(team.dora, "Hand", entry(TITLE), kind="other")
    bring_text(team.dora, "MEDLINE", entry(TITLE, doi="10.1067/mpd.2002.128207"))
    bring_text(team.dora, "Embase", entry(TITLE, doi="10.1067/mpd.2002.128207", abstract="Six children."))
    search_duplicates(team)
    return team


@pytest.fixture
def asked(team: Any) -> Any:
    """Two records that a curator takes for one, named as a pair."""
    bring_text(team.dora, "MEDLINE", entry(TITLE), entry("Pamidronate in nephrotic syndrome", "Kim, S. D."))
    search_duplicates(team)
    one, two = live(team.review.pk).order_by("title")
    team.pair = dedup.name_pair(
        actor=team.dora.viewer, left_uid=one.uid, right_uid=two.uid, why="The same children"
    )
    return team


def facts(record: Record) -> dict[str, Any]:
    record.refresh_from_db()
    return {field.name: getattr(record, field.attname) for field in record._meta.concrete_fields}


def test_a_rule_merges_copies_and_keeps_the_best_of_each(merged: Any) -> None:
    (record,) = live(merged.review.pk)
    assert record.doi == "10.1067/mpd.2002.128207"
    assert record.abstract == "Six children."
    assert record.via == "database"
    assert Membership.objects.filter(record=record, is_current=True).count() == 3
    rows = DuplicatePair.objects.filter(settled=Settled.MERGED, settled_by_rule=True)
    assert len(rows) == 2
    assert all(row.evidence and row.left_id == record.pk for row in rows)


def test_a_merge_taken_back_restores_both_records_exactly(team: Any) -> None:
    bring_text(team.dora, "MEDLINE", entry(TITLE, doi="10.1067/mpd.2002.128207"))
    bring_text(team.dora, "Hand", entry(TITLE, abstract="Six children."), kind="other")
    before = {record.pk: facts(record) for record in live(team.review.pk)}
    search_duplicates(team)
    pair = DuplicatePair.objects.get(settled=Settled.MERGED)
    assert live(team.review.pk).count() == 1
    dedup.undo_merge(actor=team.dora.viewer, pair_uid=pair.uid, why="Two cohorts")
    assert {record.pk: facts(record) for record in live(team.review.pk)} == before
    assert sorted(before[pk]["via"] for pk in before) == ["database", "other"]


def test_what_a_person_took_back_is_not_merged_by_a_later_search(merged: Any) -> None:
    pair = DuplicatePair.objects.filter(settled=Settled.MERGED).order_by("pk")[0]
    dedup.undo_merge(actor=merged.dora.viewer, pair_uid=pair.uid, why="Two cohorts")
    assert live(merged.review.pk).count() == 2
    dedup.look_again(actor=merged.dora.viewer)
    search_duplicates(merged)
    assert live(merged.review.pk).count() == 2
    assert selected.open_pairs(merged.dora.viewer) == []


def test_a_search_run_again_changes_nothing(merged: Any) -> None:
    before = {record.pk: facts(record) for record in Record.objects.all()}
    memberships = Membership.objects.count()
    dedup.look_again(actor=merged.dora.viewer)
    search_duplicates(merged)
    assert {record.pk: facts(record) for record in Record.objects.all()} == before
    assert Membership.objects.count() == memberships


def test_an_older_search_leaves_the_work_to_a_newer_one(merged: Any) -> None:
    older = dedup.look_again(actor=merged.dora.viewer)
    dedup.look_again(actor=merged.dora.viewer)
    jobs.run(str(older.uid), dedup.find)
    assert "newer" in Job.objects.for_system("test").get(uid=older.uid).message


def test_merges_in_a_chain_come_apart_in_any_order(asked: Any) -> None:
    bring_text(asked.dora, "Embase", entry("Zoledronate in osteogenesis imperfecta", "Vuorimies, I."))
    records = {record.title[:3]: record for record in live(asked.review.pk)}
    before = {pk: facts(record) for pk, record in records.items()}
    lead = asked.dora.viewer
    first = dedup.merge(actor=lead, pair_uid=asked.pair.uid)
    second = dedup.name_pair(actor=lead, left_uid=first.uid, right_uid=records["Zol"].uid, why="Again")
    dedup.merge(actor=lead, pair_uid=second.uid)
    assert live(asked.review.pk).count() == 1
    dedup.undo_merge(actor=lead, pair_uid=asked.pair.uid, why="No")
    dedup.undo_merge(actor=lead, pair_uid=second.uid, why="No")
    assert {title: facts(record) for title, record in records.items()} == before


def test_a_pair_whose_sides_were_merged_elsewhere_waits_no_more(asked: Any) -> None:
    lead = asked.dora.viewer
    assert [one.uid for one in selected.open_pairs(lead)] == [asked.pair.uid]
    dedup.merge(actor=lead, pair_uid=asked.pair.uid, why="Same protocol number")
    assert selected.open_pairs(lead) == []
    assert selected.counts(lead).merged == 1
    with pytest.raises(Refused, match="one record"):
        dedup.merge(actor=lead, pair_uid=asked.pair.uid)


def test_kept_apart_and_linked_are_settled_and_open_again(asked: Any) -> None:
    lead, uid = asked.dora.viewer, asked.pair.uid
    with pytest.raises(Refused, match="Say why"):
        dedup.keep_apart(actor=lead, pair_uid=uid)
    dedup.keep_apart(actor=lead, pair_uid=uid, why="Other children")
    assert selected.open_pairs(lead) == []
    dedup.reopen(actor=lead, pair_uid=uid, why="Looked again")
    assert len(selected.open_pairs(lead)) == 1
    dedup.link(actor=lead, pair_uid=uid, why="Later report")
    ((left, right, _row),) = selected.links(lead)
    assert left.pk != right.pk
    assert live(asked.review.pk).count() == 2


def test_a_record_in_an_open_round_is_merged_only_knowingly_and_stays(asked: Any) -> None:
    lead = asked.dora.viewer
    seats = [asked.alice.seat.uid, asked.bob.seat.uid]
    opened = open_round(actor=lead, stage="title_abstract", seats=seats, size=1, seed="s")
    with pytest.raises(Refused, match="open round"):
        dedup.merge(actor=lead, pair_uid=asked.pair.uid)
    kept = dedup.merge(actor=lead, pair_uid=asked.pair.uid, knowing=True)
    units = Assignment.objects.for_system("test").filter(round=opened).values_list("record_id", flat=True)
    assert set(units) == {kept.pk}
    assert len(units) == 2


def test_a_rule_asks_before_it_merges_two_records_that_are_being_screened(team: Any) -> None:
    bring_text(team.dora, "MEDLINE", entry(TITLE, doi="10.1067/mpd.2002.128207"))
    bring_text(team.dora, "Embase", entry(TITLE, doi="10.1067/mpd.2002.128207"))
    open_round(
        actor=team.dora.viewer,
        stage="title_abstract",
        seats=[team.alice.seat.uid, team.bob.seat.uid],
        seed="s",
    )
    search_duplicates(team)
    assert live(team.review.pk).count() == 2
    (waiting,) = selected.open_pairs(team.dora.viewer)
    pair = DuplicatePair.objects.get(uid=waiting.uid)
    assert any("open round" in item["says"] for item in pair.evidence)


def test_a_new_copy_of_a_screened_record_joins_it(team: Any) -> None:
    bring_text(team.dora, "MEDLINE", entry(TITLE))
    search_duplicates(team)
    screened = live(team.review.pk).get()
    open_round(
        actor=team.dora.viewer,
        stage="title_abstract",
        seats=[team.alice.seat.uid, team.bob.seat.uid],
        seed="s",
    )
    bring_text(team.dora, "Embase", entry(TITLE, doi="10.1067/mpd.2002.128207", abstract="Six."))
    search_duplicates(team)
    assert live(team.review.pk).get().pk == screened.pk
    pair = DuplicatePair.objects.get(settled=Settled.MERGED)
    assert any("screening goes on" in item["says"] for item in pair.evidence)


def test_only_a_curator_or_lead_settles_and_foreign_pairs_are_missing(asked: Any) -> None:
    from tests.conftest import make_team

    with pytest.raises(NotAllowed):
        dedup.merge(actor=asked.alice.viewer, pair_uid=asked.pair.uid)
    other = make_team("Another", prefix="x")
    with pytest.raises(Gone):
        dedup.merge(actor=other.dora.viewer, pair_uid=asked.pair.uid)
    assert selected.pair(other.dora.viewer, asked.pair.uid) is None


def test_records_that_a_person_keeps_apart_are_not_joined_through_a_third() -> None:
    edges = [Edge(1, 2, 0.9, 0), Edge(2, 3, 0.8, 1)]
    unions, asked = unite(edges, apart=[frozenset((1, 3))], held=())
    assert [union.members for union in unions] == [(1, 2)]
    assert asked == []


def test_two_screened_records_are_asked_about_and_the_rest_joined() -> None:
    edges = [Edge(1, 2, 0.9, 0), Edge(2, 3, 0.8, 1), Edge(4, 5, 0.7, 2)]
    unions, asked = unite(edges, apart=(), held={1, 3})
    assert [union.members for union in unions] == [(1, 2), (4, 5)]
    assert [(edge.left, edge.right) for edge in asked] == [(2, 3)]


def test_every_member_of_a_union_is_reached_by_an_edge() -> None:
    (union,), _asked = unite([Edge(1, 2, 0.9, 0), Edge(2, 3, 0.8, 1), Edge(3, 4, 0.7, 2)], apart=(), held=())
    assert {other: edge.why for other, edge in union.joined_to(4).items()} == {3: 2, 2: 1, 1: 0}
