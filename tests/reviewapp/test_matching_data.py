"""Duplicates in real search results whose truth is known; the files are read where they lie."""

import csv
import json
import os
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import pytest

from reviewapp.pure.citations import Citation, read
from reviewapp.pure.matching import Grouping, Item, find_duplicates

DATA = Path(os.environ.get("DYAD_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"DYAD_DATA names no folder: {DATA}"),
]


def as_item(key: str, source: str, citation: Citation) -> Item:
    return Item(
        key=key,
        source=source,
        title=citation.title,
        authors=citation.authors,
        year=citation.year,
        journal=citation.journal,
        volume=citation.volume,
        issue=citation.issue,
        pages=citation.pages,
        doi=citation.doi,
        pmid=citation.pmid,
        registry_ids=citation.registry_ids,
        accession=citation.accession,
        publication_types=citation.publication_types,
        language=citation.language,
    )


@pytest.fixture(scope="module")
def review() -> tuple[dict[str, str], Grouping, dict]:
    gold = json.loads((DATA / "bisphosphonates" / "gold.json").read_text())
    truth = {f"{o['file']}#{o['record']}": r["key"] for r in gold["records"] for o in r["occurrences"]}
    items = [
        as_item(f"{path.name}#{citation.position}", path.name, citation)
        for path in sorted((DATA / "bisphosphonates").glob("citations_*"))
        for citation in read(path.read_bytes(), path.name).citations
    ]
    assert {item.key for item in items} == set(truth)
    return truth, find_duplicates(items), gold


def test_no_two_records_of_the_review_are_merged_falsely(review):
    truth, grouping, _ = review
    assert [g for g in grouping.groups if len({truth[key] for key in g}) > 1] == []


def test_at_least_95_percent_of_the_copies_are_removed_without_a_person(review):
    _, grouping, gold = review
    removed = sum(len(group) - 1 for group in grouping.groups)
    assert removed >= 0.95 * gold["counts"]["duplicates_to_remove"]


def test_pairs_that_must_merge_are_merged(review):
    truth, grouping, gold = review
    whole = {truth[group[0]]: len(group) for group in grouping.groups}
    for key in gold["hard_positives__must_merge"]:
        copies = sum(record == key for record in truth.values())
        assert whole.get(key) == copies, key


def test_versions_of_a_review_are_linked(review):
    truth, grouping, gold = review
    linked = {frozenset((truth[pair.left], truth[pair.right])) for pair in grouping.links}
    for versions in gold["version_groups__not_duplicates_but_supersede"]:
        assert frozenset(versions) in linked


def test_few_pairs_are_left_to_a_person(review):
    truth, grouping, _ = review
    assert len(grouping.ask) <= 0.02 * len(truth)


# Name of the set, least pairwise F1, most pairs to ask as a share of the records.
SETS = [("cytology_screening", 0.997, 0.02), ("respiratory", 0.995, 0.02), ("digital_work", 0.997, 0.02)]


@pytest.mark.parametrize(("name", "least", "asked"), SETS)
def test_known_sets_are_grouped_as_their_curators_did(name, least, asked):
    path = DATA / "exports" / "dedup" / f"{name}.csv"
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    citations = read(path.read_bytes(), path.name).citations
    gold = {row["id"]: row["gold_group"] for row in rows}
    grouping = find_duplicates([as_item(r["id"], name, c) for r, c in zip(rows, citations, strict=True)])
    questioned = _questioned(name)
    members = defaultdict(list)
    for key, group in gold.items():
        members[group].append(key)
    true = _pairs(members.values()) - questioned
    found = _pairs(grouping.groups) - questioned
    f1 = 2 * len(true & found) / (len(true) + len(found))
    print(
        f"{name}: F1 {f1:.4f}, {len(found - true)} false pairs, {len(true - found)} missed, {len(grouping.ask)} asked"
    )
    assert found <= true
    assert f1 >= least
    assert len(grouping.ask) <= asked * len(rows)


def _pairs(groups) -> set[frozenset[str]]:
    return {frozenset(pair) for group in groups for pair in combinations(group, 2)}


def _questioned(name: str) -> set[frozenset[str]]:
    with (DATA / "exports" / "dedup" / "gold_pairs_to_question.csv").open(newline="") as stream:
        return {frozenset((r["id_1"], r["id_2"])) for r in csv.DictReader(stream) if r["dataset"] == name}
