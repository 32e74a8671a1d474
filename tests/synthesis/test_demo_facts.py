"""The demo review's files of facts: complete, traceable, in own words, and never more than was seen."""

from __future__ import annotations

import csv
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "synthesis" / "presets" / "demo"
DATA = Path(os.environ.get("DYAD_DATA", ROOT / ".." / "shared" / "data"))
DEMO_STATE = "demo state, not published"
OPEN_STATES = {"open", "settled"}
NUMBER = re.compile(r"\d+(?:\.\d+)?|\.\d+")


def load(name: str) -> Any:
    """One file of the demo."""
    return json.loads((DEMO / name).read_text(encoding="utf-8"))


def gather(pattern: str, key: str) -> list[dict[str, Any]]:
    """The lists under `key` of every file whose name fits, one after another."""
    return [row for path in sorted(DEMO.glob(pattern)) for row in load(path.name)[key]]


def leaves(value: Any) -> Iterator[Any]:
    """Every number and text in a nested value, keys left out."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    elif value is not None and not isinstance(value, bool):
        yield value


def numbers(value: Any) -> set[float]:
    """Numbers in values and in texts; the sign is left out, because a dash in a text may be a range."""
    found: set[float] = set()
    for leaf in leaves(value):
        if isinstance(leaf, int | float):
            found.add(abs(float(leaf)))
        else:
            found.update(float(token) for token in NUMBER.findall(str(leaf)))
    return found


def dicts(value: Any) -> Iterator[dict[str, Any]]:
    """Every dictionary in a nested value."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from dicts(inner)


def sentences(text: str) -> int:
    """How many sentences a summary has; a decimal point ends none."""
    return len(re.findall(r"[.!?](?=\s[A-Z]|$)", text))


def words(text: str) -> list[str]:
    """Lower-case words and numbers of a text."""
    return re.findall(r"[a-z0-9]+", text.casefold())


def runs(text: str, length: int = 8) -> set[tuple[str, ...]]:
    """All runs of `length` words in a text."""
    row = words(text)
    return {tuple(row[start : start + length]) for start in range(len(row) - length + 1)}


def folder(part: str) -> Path:
    """A part of the data folder, or a skip that says what is missing."""
    path = DATA / part
    if not path.exists():
        pytest.skip(f"the data folder has no {part}; set DYAD_DATA")
    return path


RECORDS = gather("records_*.json", "records")
SUMMARIES = gather("summaries_*.json", "summaries")
STUDIES = gather("studies_*.json", "studies")


def test_it_holds_127_records_in_289_copies() -> None:
    copies = Counter(copy["source"] for record in RECORDS for copy in record["in"])
    assert len({record["key"] for record in RECORDS}) == len(RECORDS) == 127
    assert copies == {"central": 37, "medline": 45, "embase": 111, "cinahl": 27, "wos": 63, "other": 6}
    assert sum(copies.values()) == 289


def test_the_sources_count_what_the_records_hold() -> None:
    page = load("sources.json")
    copies = Counter(copy["source"] for record in RECORDS for copy in record["in"])
    assert {source["key"]: source["demo_rows"] for source in page["sources"]} == copies
    counts = page["demo_counts"]
    database = sum(rows for key, rows in copies.items() if key != "other")
    assert (counts["citations"], counts["database_rows"]) == (sum(copies.values()), database)
    assert counts["duplicates_removed"] == sum(copies.values()) - len(RECORDS)
    found_only_by_hand = [r["key"] for r in RECORDS if {c["source"] for c in r["in"]} == {"other"}]
    assert found_only_by_hand == []


def test_no_strategy_is_invented_and_every_assignment_is_called_simulated() -> None:
    for source in load("sources.json")["sources"]:
        assert source["strategy"] == "Strategy not reproduced here."
        assert source["assignment"] == "simulated"
        assert source["search_to"] == "December 2006"


def test_every_row_of_a_source_is_used_once() -> None:
    rows = Counter((copy["source"], copy["row"]) for record in RECORDS for copy in record["in"])
    assert set(rows.values()) == {1}


def test_every_record_names_its_sources_and_the_basis_of_its_label() -> None:
    for record in RECORDS:
        assert record["sources"] and record["label_basis"] and record["class"] and record["type"], record[
            "key"
        ]


def test_links_name_records_that_exist() -> None:
    keys = {record["key"] for record in RECORDS}
    page = load("links.json")
    named = {key for link in page["same_study"] for key in link["records"]}
    named |= {key for pair in page["must_not_merge"] for key in pair}
    named |= {key for pair in page["newer_version_of"] for key in pair.values()}
    assert named <= keys


def test_summaries_are_short_and_say_their_basis() -> None:
    assert len({summary["record"] for summary in SUMMARIES}) == len(SUMMARIES) >= 45
    assert {summary["record"] for summary in SUMMARIES} <= {record["key"] for record in RECORDS}
    for summary in SUMMARIES:
        assert 2 <= sentences(summary["text"]) <= 3, summary["record"]
        assert len(summary["text"]) < 700, summary["record"]
        assert summary["basis"], summary["record"]


def test_every_study_has_a_summary() -> None:
    page = load("summaries_studies.json")
    told = {s["study"] for s in page["summaries"]} | {s["study"] for s in page["studies_without_record"]}
    assert told == {study["id"] for study in STUDIES}


def test_summaries_do_not_repeat_titles() -> None:
    titles = set().union(*(runs(record["title"]) for record in RECORDS))
    assert [s["record"] for s in SUMMARIES if runs(s["text"]) & titles] == []


def test_studies_have_the_expected_shape() -> None:
    assert len({study["id"] for study in STUDIES}) == len(STUDIES) == 28
    keys = {record["key"] for record in RECORDS}
    measures = {"abmd", "bmc", "bmad", "vbmd", "z", "height_adjusted_z"}
    for study in STUDIES:
        assert set(study["records"]) <= keys, study["id"]
        assert study["purpose_2007"] in {"efficacy", "harms_only", "later", "none"}
        arms = {arm["key"] for arm in study.get("arms", [])}
        assert {result["arm"] for result in study.get("results", [])} <= arms, study["id"]
        assert {result["measure"] for result in study.get("results", [])} <= measures, study["id"]
        for contrast in study.get("contrasts", []):
            assert set(contrast["arms"]) <= arms and contrast["measure"] in measures | {"bone_area"}
            assert contrast["direction"] and contrast["test_result"]


def test_a_spread_always_says_its_kind() -> None:
    for study in STUDIES:
        for result in study.get("results", []):
            assert ("spread" in result) <= ("spread_kind" in result), study["id"]
            assert result.get("spread_kind", "sd") in {"sd", "se", "ci95", "iqr", "range", "unstated"}


def test_every_value_of_a_study_names_a_source_of_the_study() -> None:
    for study in STUDIES:
        for key in ("results", "contrasts", "harms", "other_results"):
            for row in study.get(key, []):
                assert row["source"] in study["sources"], (study["id"], row)


def test_harms_separate_counted_zero_and_only_mentioned() -> None:
    for study in STUDIES:
        for harm in study.get("harms", []):
            if harm["status"] == "counted":
                assert harm["events"] > 0, study["id"]
            elif harm["status"] == "zero_reported":
                assert harm.get("events", 0) == 0, study["id"]
            else:
                assert harm["status"] in {"mentioned_without_number", "percentage_only"}
                assert "events" not in harm, study["id"]


def test_documents_that_were_not_available_carry_no_results() -> None:
    missing = {
        study["id"] for study in STUDIES if study.get("availability") == "document not available to us"
    }
    assert missing == {"lepore1991", "elhusseini2004"}
    for study in STUDIES:
        if study["id"] in missing:
            assert not {"arms", "results", "contrasts", "harms", "quality"} & set(study)
    assert not any("memory" in str(leaf) for leaf in leaves(STUDIES + RECORDS + SUMMARIES))


def test_published_figures_stand_beside_the_demo_and_never_as_computed() -> None:
    statements = load("published.json")["statements"]
    assert {statement["kind"] for statement in statements} == {"published"}
    for statement in statements:
        assert statement["source"] and statement["beside"]["gives"] and statement["beside"]["why_different"]
    by_key = {statement["key"]: statement for statement in statements}
    assert 281.0 in numbers(by_key["included_children"]["value"])
    assert 281.0 not in numbers(by_key["included_children"]["beside"])
    for figure in (281.0, 241.0, 429.0, 1004.0):
        assert figure not in numbers([study.get("arms") for study in STUDIES])
    for found in dicts(statements):
        assert not {"computed", "pooled", "tau2", "i2"} & set(found)


def test_the_children_traced_are_the_sum_of_the_studies_named_beside_281() -> None:
    page = {statement["key"]: statement for statement in load("published.json")["statements"]}
    gives = page["included_children"]["beside"]["gives"]
    assert gives["children traced"] == sum(gives["by study"].values()) != 281


def test_the_candidates_beside_the_23_harm_series_are_counted_from_the_records() -> None:
    page = {statement["key"]: statement for statement in load("published.json")["statements"]}
    gives = page["harm_series"]["beside"]["gives"]
    candidates = {record["key"] for record in RECORDS if record["class"] == "candidate_2007_harms"}
    assert set(gives["candidate harm series"]) == candidates
    assert gives["candidates"] == len(candidates)


def test_demo_answers_are_labelled_as_not_published() -> None:
    pages = sorted(DEMO.glob("disagreements_*.json"))
    assert len(pages) == 3
    assert {load(path.name)["kind"] for path in pages} == {DEMO_STATE}


def test_the_two_rounds_hold_every_record_once() -> None:
    first, second = load("disagreements_screening.json")["rounds"]
    told = [row["record"] for part in (first, second) for row in part["records"]]
    assert sorted(told) == sorted(record["key"] for record in RECORDS)
    assert (len(first["records"]), len(second["records"])) == (60, 67)
    assert all({"a", "b"} <= set(row) for row in first["records"])


def test_eight_conflicts_of_the_first_round_are_the_answers_that_differ() -> None:
    first = load("disagreements_screening.json")["rounds"][0]["records"]
    split = {row["record"] for row in first if len({row[s]["verdict"] == "exclude" for s in "ab"}) == 2}
    marked = {row["record"]: row["conflict"] for row in first if "conflict" in row}
    assert set(marked) == split and len(split) == 8
    assert {conflict["state"] for conflict in marked.values()} == OPEN_STATES
    assert sum(conflict["state"] == "open" for conflict in marked.values()) in {3, 4}
    assert all(c.get("reason") for c in marked.values() if c["state"] == "settled")


def test_only_studies_whose_records_advanced_are_judged_at_full_text() -> None:
    first = {row["record"]: row for row in load("disagreements_screening.json")["rounds"][0]["records"]}
    for judged in load("disagreements_full_text.json")["studies"]:
        for record in judged["reports"]:
            row = first[record]
            settled = row.get("conflict", {}).get("verdict", row["a"]["verdict"])
            assert settled in {"include", "maybe"}, record


def test_extraction_pairs_stand_in_all_three_states() -> None:
    studies = load("disagreements_extraction.json")["studies"]
    states = Counter(study["state"] for study in studies)
    assert states["reconciled"] == 2 and states["waiting for reconciliation"] >= 1
    assert states["second entry waiting for a newcomer"] == 1
    assert sum(study["entries"] == ["a", "b"] for study in studies) >= 4
    for study in studies:
        final = ["final" in cell for cell in study["cells"]]
        assert all(final) if study["state"] == "reconciled" else not any(final)
        if len(study["entries"]) == 2:
            assert any(cell["a"] != cell["b"] for cell in study["cells"]), study["study"]


def test_a_reconciled_difference_says_why() -> None:
    for study in load("disagreements_extraction.json")["studies"]:
        for cell in study["cells"]:
            if "final" in cell and cell["a"] != cell["b"]:
                assert cell["why"], (study["study"], cell["field"])


def verified_only(study: dict[str, Any]) -> dict[str, Any]:
    """The facts of one study with every row left out that is not marked as verified."""
    kept = dict(study)
    for key in ("outcomes", "harms", "quality"):
        kept[key] = [row for row in study[key] if row["verified"] is True]
    if study["verified"] is not True:
        kept = {"citation": study["citation"], "related_reports": [], "outcomes": [], "harms": []}
    return kept


def number_keys(value: Any) -> set[float]:
    """Numbers that facts carry as keys (a month, for example)."""
    return {float(key) for found in dicts(value) for key in found if NUMBER.fullmatch(key)}


def without_places(study: dict[str, Any]) -> dict[str, Any]:
    """A study without addresses and without how it was named and judged, which carry no extracted number."""
    left_out = {"sources", "label", "records", "id", "purpose_basis", "possible_reports", "record_basis"}
    return {key: value for key, value in study.items() if key not in left_out}


@pytest.mark.data
def test_no_number_of_a_study_is_missing_from_its_verified_facts() -> None:
    facts = json.loads((folder("bisphosphonates") / "facts.json").read_text(encoding="utf-8"))
    seen = {study["id"]: study for study in facts["studies"]}
    assert set(seen) == {study["id"] for study in STUDIES}
    for study in STUDIES:
        trusted = verified_only(seen[study["id"]])
        known = numbers(trusted) | number_keys(trusted)
        told = {key: strip_references(value) for key, value in without_places(study).items()}
        assert numbers(told) - known == set(), study["id"]


def strip_references(value: Any) -> Any:
    """A value without the keys that only point or name: the source, the report, arms, the kind of spread."""
    pointing = {"source", "report", "key", "arm", "arms", "label", "relation", "spread_kind"}
    if isinstance(value, dict):
        return {key: strip_references(inner) for key, inner in value.items() if key not in pointing}
    return [strip_references(inner) for inner in value] if isinstance(value, list) else value


def printed(row: dict[str, Any]) -> tuple[Any, ...]:
    """What makes a result of one arm: what was measured, where, the number, its n and its spread."""
    spread = row.get("spread", row.get("sd") if row.get("sd") is not None else row.get("se"))
    what = row.get("printed_as", row.get("measure"))
    return (what, row.get("site"), row.get("mean", row.get("value")), row.get("n"), spread)


@pytest.mark.data
def test_every_result_is_a_verified_outcome_with_the_same_site_value_n_and_spread() -> None:
    facts = json.loads((folder("bisphosphonates") / "facts.json").read_text(encoding="utf-8"))
    seen = {study["id"]: study for study in facts["studies"]}
    for study in STUDIES:
        rows = [row for row in seen[study["id"]]["outcomes"] if row["verified"] is True]
        outcomes = Counter(printed(row) for row in rows if row["role"] == "reported")
        told = Counter(printed(row) for row in study.get("results", []) if "report" not in row)
        assert told - outcomes == Counter(), study["id"]


@pytest.mark.data
def test_the_copies_are_those_of_the_reference_list() -> None:
    gold = json.loads((folder("bisphosphonates") / "gold.json").read_text(encoding="utf-8"))
    file_of = {
        "citations_central.ris": "central",
        "citations_pubmed.nbib": "medline",
        "citations_embase.ris": "embase",
        "citations_cinahl.ris": "cinahl",
        "citations_wos.ciw": "wos",
        "citations_handsearch.csv": "other",
    }
    expected = {
        row["key"]: {(file_of[o["file"]], o["record"]) for o in row["occurrences"]} for row in gold["records"]
    }
    assert {r["key"]: {(c["source"], c["row"]) for c in r["in"]} for r in RECORDS} == expected
    labels = {row["key"]: (row["type"], row["class"], row["label_2007"]) for row in gold["records"]}
    assert {r["key"]: (r["type"], r["class"], r["label_2007"]) for r in RECORDS} == labels
    for row in gold["records"]:
        record = next(r for r in RECORDS if r["key"] == row["key"])
        assert words(record["title"]) == words(row["title"])
        assert (record.get("year"), record.get("pmid")) == (row["year"], row["pmid"] or record.get("pmid"))
        assert record.get("doi") == (row["doi"] or record.get("doi"))


def abstracts() -> Iterator[str]:
    """The abstract texts in the data folder: tagged files and tables."""
    csv.field_size_limit(10**7)
    for path in sorted(folder("bisphosphonates").parent.rglob("*")):
        if path.suffix in {".ris", ".nbib", ".ciw", ".txt", ".enw"} and "hostile" not in path.parts:
            text = path.read_text(encoding="utf-8", errors="replace")
            yield from re.findall(r"^(?:AB|N2)\s+-?\s*(.+(?:\n {3,}.+)*)", text, flags=re.MULTILINE)
        elif path.suffix == ".csv" and "hostile" not in path.parts:
            with path.open(encoding="utf-8", errors="replace", newline="") as handle:
                for row in csv.DictReader(line.replace("\0", "") for line in handle):
                    yield from (str(text) for key, text in row.items() if key and "abstract" in key.lower())


@pytest.mark.data
def test_no_summary_shares_eight_words_in_a_row_with_an_abstract() -> None:
    ours = set().union(*(runs(summary["text"]) for summary in SUMMARIES))
    read = 0
    for abstract in abstracts():
        read += 1
        assert runs(abstract).isdisjoint(ours), abstract[:80]
    assert read > 100
