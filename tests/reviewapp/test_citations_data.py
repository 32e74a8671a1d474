"""Real exports and hostile files, read where they lie; counts and refusals against their manifests."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from reviewapp.pure.citations import UnreadableFile, read

DATA = Path(os.environ.get("DYAD_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"DYAD_DATA names no folder: {DATA}"),
]

# Files whose manifest counts lines or marks instead of records; the number here was counted by hand.
COUNTED_BY_HAND = {
    "encoding-utf-16BE-with-header.bib": 1,
    "baseline_excel.csv": 10,
    "ais_enl.txt": 6,
    "MedlinePlainImporterTestMultiTitle.txt": 1,
}
NO_CITATIONS = ("gold_pairs_to_question.csv",)


def manifest(folder: str) -> list[dict]:
    path = DATA / folder / "MANIFEST.json"
    if not path.is_file():
        return []
    loaded = json.loads(path.read_text())
    return loaded if isinstance(loaded, list) else loaded["files"]


EXPORTS = [entry for entry in manifest("exports") if not entry["file"].endswith(NO_CITATIONS)]
HOSTILE = [entry for entry in manifest("hostile") if entry["format"] in ("ris", "nbib", "xml", "csv")]


def test_the_six_files_of_the_demo_review_hold_289_citations():
    counts = {
        path.name: len(read(path.read_bytes(), path.name).citations)
        for path in sorted((DATA / "bisphosphonates").glob("citations_*"))
    }
    gold = json.loads((DATA / "bisphosphonates" / "gold.json").read_text())
    assert counts == gold["counts"]["file_records"]
    assert sum(counts.values()) == 289


@pytest.mark.parametrize("entry", EXPORTS, ids=lambda entry: entry["file"][-60:])
def test_a_real_export_gives_as_many_records_as_it_holds(entry):
    path = DATA / "exports" / entry["file"]
    reading = read(path.read_bytes(), path.name)
    expected = next((n for end, n in COUNTED_BY_HAND.items() if path.name.endswith(end)), entry["records"])
    found = len(reading.citations) + len(reading.skipped)
    assert found == expected if expected >= 0 else found > 0


@pytest.mark.parametrize(
    "entry", [e for e in EXPORTS if e["format"] == "ris"], ids=lambda entry: entry["file"][-60:]
)
def test_a_ris_file_loses_no_characters_of_its_values(entry):
    path = DATA / "exports" / entry["file"]
    reading = read(path.read_bytes(), path.name)
    kept = sum(len("".join(value.split())) for c in reading.citations for _, value in c.fields)
    printed = sum(_value_characters(c.raw) for c in reading.citations)
    assert kept >= 0.995 * printed


def _value_characters(raw: str) -> int:
    total = 0
    for line in raw.split("\n"):
        tagged = len(line) > 4 and "-" in line[2:6] and line[:2].isupper()
        text = line.split("-", 1)[1] if tagged else line
        total += 0 if line.startswith("ER") and tagged else len("".join(text.split()))
    return total


@pytest.mark.parametrize("entry", HOSTILE, ids=lambda entry: entry["file"])
def test_a_hostile_file_is_read_or_refused_as_its_manifest_says(entry):
    path = DATA / "hostile" / entry["file"]
    if entry["outcome"] == "rejected":
        with pytest.raises(UnreadableFile) as refusal:
            read(path.read_bytes(), path.name)
        assert refusal.value.code == entry["error_code"]
        for names in entry["message_must_name"]:
            assert any(name.casefold() in refusal.value.message.casefold() for name in names.split("|"))
        return
    reading = read(path.read_bytes(), path.name)
    assert len(reading.citations) == entry["records"]
    assert Counter(p.code for p in (*reading.problems, *reading.skipped)) == entry["warning_codes"]
    checks = entry.get("checks", {})
    for key, value in checks.items():
        if key.startswith("titles["):
            assert reading.citations[int(key[7:-1])].title == value
    assert checks.get("titles", [c.title for c in reading.citations]) == [c.title for c in reading.citations]
    assert checks.get("years", [c.year for c in reading.citations]) == [c.year for c in reading.citations]
