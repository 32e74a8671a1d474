"""The tables of room 1: what they hold, and that nothing of another's unreleased work changes a byte of them."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from reviewapp.exports import TABLES
from reviewapp.pure.tables import KINDS, to_csv
from reviewapp.services import conflicts

from . import flows

pytestmark = pytest.mark.django_db


def rows(viewer, name):
    """Return a table of a viewer as dictionaries, read back from its CSV."""
    text = b"".join(to_csv(TABLES[name](viewer))).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def whole(viewer):
    return {name: b"".join(to_csv(make(viewer))) for name, make in TABLES.items()}


def people(team):
    return {name: getattr(team, name).viewer for name in ("alice", "bob", "carol", "dora")}


@pytest.mark.parametrize("name", list(TABLES))
def test_a_table_is_named_and_every_column_is_explained(team, name):
    made = TABLES[name](team.dora.viewer)
    assert made.name == name
    assert made.title
    keys = [column.key for column in made.columns]
    assert len(set(keys)) == len(keys)
    for column in made.columns:
        assert column.type in KINDS
        assert column.label
        assert column.help


@pytest.mark.parametrize("name", list(TABLES))
def test_every_table_of_an_empty_and_of_a_full_review_is_csv(team, name):
    keys = [column.key for column in TABLES[name](team.alice.viewer).columns]
    for _moment in ("empty", "full"):
        text = b"".join(to_csv(TABLES[name](team.alice.viewer))).decode()
        read = list(csv.reader(io.StringIO(text, newline="")))
        assert read[0] == keys
        assert {len(row) for row in read} == {len(keys)}
        if _moment == "empty":
            flows.judged(team)


def test_the_numbers_of_rows_are_those_of_the_hand_made_review(team):
    flows.judged(team)
    counted = {name: len(rows(team.dora.viewer, name)) for name in TABLES if name != "events"}
    assert counted == {
        "protocol": 8 + 1 + 3,
        "sources": 3,
        "citations": 10,
        "records": 7,
        "duplicate_pairs": 0,
        "reports": 5,
        "studies": 5,
        "links": 5,
        "excluded_studies": 1,
        "votes_long": 2 * 6 + 2 * 3,
        "decisions_wide": 6 + 3,
        "conflicts": 1,
        "prisma": 30,
        "flow_sums": 11,
    }


def test_a_record_tells_its_copies_its_sources_and_where_it_stands(team):
    flows.judged(team)
    told = {row["title"]: row for row in rows(team.alice.viewer, "records")}
    assert (told["Adams"]["copies"], told["Adams"]["sources"]) == ("2", "ClinicalTrials; MEDLINE")
    assert {name: row["state"] for name, row in told.items()} == {
        "Adams": "sought",
        "Brown": "sought",
        "Clark": "exclude",
        "Davis": "unsettled",
        "Evans": "sought",
        "Fisher": "sought",
        "Green": "direct",
    }


def test_reports_end_where_the_flow_says(team):
    flows.judged(team)
    told = {row["title"]: (row["via"], row["end"], row["reason"]) for row in rows(team.bob.viewer, "reports")}
    assert told == {
        "Adams": ("database", "included", ""),
        "Brown": ("database", "included", ""),
        "Evans": ("database", "not_retrieved", ""),
        "Fisher": ("database", "not_available", ""),
        "Green": ("other", "excluded", "No bisphosphonate"),
    }


def test_excluded_studies_carry_their_reason_and_what_was_said(team):
    flows.judged(team)
    (row,) = rows(team.dora.viewer, "excluded_studies")
    assert (row["study"], row["reason"], row["reports"]) == ("Green 2001", "No bisphosphonate", "Green")
    assert set(row["why"].split(" | ")) == {"Alice on Green", "Bob on Green"}


def test_a_released_round_shows_both_answers_and_the_resolution(team):
    made = flows.screened(team)
    unit = made.records["Davis"].uid
    conflicts.settle(
        actor=team.carol.viewer, round_uid=made.titles.uid, unit=unit, verdict="exclude", why="Adults only."
    )
    wide = {row["title"]: row for row in rows(team.alice.viewer, "decisions_wide")}
    davis = wide["Davis"]
    assert {davis["a_seat"]: davis["a_verdict"], davis["b_seat"]: davis["b_verdict"]} == {
        "Alice": "include",
        "Bob": "exclude",
    }
    told = [davis[key] for key in ("agreed", "conflict", "resolved_by", "resolution_why", "final_verdict")]
    assert told == ["false", "eligibility", "Carol", "Adults only.", "exclude"]
    assert (wide["Clark"]["agreed"], wide["Clark"]["final_verdict"]) == ("true", "exclude")
    (conflict,) = rows(team.bob.viewer, "conflicts")
    assert (conflict["title"], conflict["is_open"]) == ("Davis", "false")


def test_an_open_round_shows_a_reviewer_own_answers_only(team):
    made = flows.found(team)
    made.titles = flows.open_round(made, "title_abstract")
    flows.answer(team.bob, made.titles, flows.TITLES["bob"] | flows.BOTH)
    assert {row["seat"] for row in rows(team.bob.viewer, "votes_long")} == {"Bob"}
    for person in (team.alice, team.carol, team.dora):
        assert rows(person.viewer, "votes_long") == []
        assert rows(person.viewer, "decisions_wide") == []


def test_no_byte_of_any_table_changes_with_what_bob_has_answered(team):
    made = flows.found(team)
    made.titles = flows.open_round(made, "title_abstract")
    watchers = {name: viewer for name, viewer in people(team).items() if name != "bob"}
    before = {name: whole(viewer) for name, viewer in watchers.items()}
    flows.answer(team.bob, made.titles, flows.TITLES["bob"] | flows.BOTH)
    assert {name: whole(viewer) for name, viewer in watchers.items()} == before
    assert whole(team.bob.viewer)["votes_long"].count(b"Bob") >= 6


def test_no_byte_changes_at_full_text_either(team):
    made = flows.texts_open(team)
    watchers = {name: viewer for name, viewer in people(team).items() if name != "bob"}
    before = {name: whole(viewer) for name, viewer in watchers.items()}
    flows.answer(team.bob, made.texts, flows.TEXTS)
    assert {name: whole(viewer) for name, viewer in watchers.items()} == before


def test_the_release_does_change_the_tables(team):
    from reviewapp.services.rounds import close_round

    made = flows.texts_open(team)
    flows.answer(team.alice, made.texts, flows.TEXTS)
    flows.answer(team.bob, made.texts, flows.TEXTS)
    before = whole(team.carol.viewer)
    close_round(actor=team.dora.viewer, round_uid=made.texts.uid)
    after = whole(team.carol.viewer)
    for name in ("votes_long", "decisions_wide", "studies", "reports", "prisma", "excluded_studies"):
        assert before[name] != after[name], name


def test_the_history_gives_places_and_hashes_of_own_acts_only(team):
    flows.screened(team)
    told = rows(team.alice.viewer, "events")
    assert {row["seat"] for row in told if row["seq"]} == {"Alice"}
    assert {row["seat"] for row in told} >= {"Alice", "Bob", "Dora"}
    own = [int(row["seq"]) for row in told if row["seq"]]
    assert own == list(range(1, len(own) + 1))


def test_a_title_that_looks_like_a_formula_goes_out_guarded(team):
    batch = flows.source(team, "MEDLINE", "database")
    flows.copy(batch, 1, '=HYPERLINK("x")')
    (row,) = rows(team.alice.viewer, "records")
    assert row["title"] == '\'=HYPERLINK("x")'


def test_a_score_goes_out_as_a_number(team):
    from reviewapp.models.records import DuplicatePair

    batch = flows.source(team, "MEDLINE", "database")
    left, right = flows.copy(batch, 1, "Adams"), flows.copy(batch, 2, "Adams")
    evidence = [{"says": "same DOI", "weighs": "for"}, {"says": "other pages", "weighs": "against"}]
    DuplicatePair.objects.create(
        review=team.review, left=left, right=right, kind="ask", score=-0.5, evidence=evidence
    )
    (row,) = rows(team.carol.viewer, "duplicate_pairs")
    assert Decimal(row["score"]) == Decimal("-0.5")
    assert row["evidence"] == "same DOI; other pages"


def test_another_review_is_in_no_table(team):
    from tests.conftest import make_team

    flows.judged(make_team("Another", prefix="x"))
    for name in ("sources", "citations", "records", "reports", "studies", "votes_long", "decisions_wide"):
        assert rows(team.dora.viewer, name) == []
