"""The files of facts that the demo is loaded from; every one names its sources."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "presets" / "demo"

Fact = dict[str, Any]


@cache
def page(name: str) -> Any:
    """Return one file of facts by its name without the ending."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def _gather(pattern: str, key: str) -> list[Fact]:
    return [row for path in sorted(FOLDER.glob(pattern)) for row in page(path.stem)[key]]


@cache
def records() -> dict[str, Fact]:
    """Return the records by key, each with the copies that its sources hold ("in")."""
    return {record["key"]: record for record in _gather("records_*.json", "records")}


@cache
def summaries() -> dict[str, str]:
    """Return the summaries in own words by the key of the record."""
    return {one["record"]: one["text"] for one in _gather("summaries_*.json", "summaries")}


@cache
def studies() -> dict[str, Fact]:
    """Return the studies by id."""
    return {study["id"]: study for study in _gather("studies_*.json", "studies")}


def sources() -> list[Fact]:
    """Return the six sources."""
    found: list[Fact] = page("sources")["sources"]
    return found


def screening(number: int) -> Fact:
    """Return a round of titles and abstracts: its records with the answers of A and B."""
    return next(one for one in page("disagreements_screening")["rounds"] if one["number"] == number)


def full_texts() -> list[Fact]:
    """Return the studies of the full-text stage with their reports and answers."""
    found: list[Fact] = page("disagreements_full_text")["studies"]
    return found


@cache
def reasons() -> dict[str, str]:
    """Return the exclusion reasons of both stages in their order: key -> label."""
    both = [
        page(name)["exclusion_reasons"] for name in ("disagreements_screening", "disagreements_full_text")
    ]
    return {one["key"]: one["label"] for listed in both for one in listed}


def extraction() -> list[Fact]:
    """Return the studies that are extracted, with the cells of both entries and of the reconciled pairs."""
    found: list[Fact] = page("disagreements_extraction")["studies"]
    return found


@cache
def place_of_copy() -> dict[tuple[str, int], str]:
    """Return which record the n-th row of a source is a copy of: (source, row) -> record key."""
    return {(copy["source"], copy["row"]): key for key, one in records().items() for copy in one["in"]}
