"""Published statements of a worked review, stored as published, beside what the facts and the final values give.

They are shown in the demo review alone and never enter a table, a figure or an export: nothing is computed from them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from extraction.selectors.dataset import dataset
from reviewapp.gate import Viewer
from reviewapp.models.reviews import Review
from synthesis.pure.counterparts import Said, counterparts

FOLDER = Path(__file__).resolve().parents[1] / "presets" / "demo"


@dataclass(frozen=True, slots=True)
class Statement:
    """One published statement in our words.

    ``facts`` is what the facts of the demo hold to it, ``finals`` what the final values give now (None: they cannot
    speak to it), ``why`` why the two differ from what was published. ``sources`` are places in the list of sources.
    """

    words: str
    facts: Said
    finals: Said | None
    why: str
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Published:
    """All statements, and their sources (addresses and where in them), the first being number 1."""

    statements: tuple[Statement, ...]
    sources: tuple[str, ...]


def published(viewer: Viewer) -> Published | None:
    """Return the published statements with their counterparts; None outside a demo review."""
    if not Review.objects.filter(pk=viewer.review_id, is_demo=True).exists():
        return None
    told = _page("published")["statements"]
    listed = tuple(dict.fromkeys(source for one in told for source in _sources(one["source"])))
    number = {source: place for place, source in enumerate(listed, start=1)}
    given = counterparts(dataset(viewer))
    statements = tuple(
        Statement(
            words=one["statement"],
            facts=_pairs(one["beside"]["gives"]),
            finals=given.get(one["key"]),
            why=one["beside"]["why_different"],
            sources=tuple(number[source] for source in _sources(one["source"])),
        )
        for one in told
    )
    return Published(statements, listed)


@cache
def _page(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@cache
def _labels() -> dict[str, str]:
    """Readable labels of studies and records by their keys in the facts."""
    found: dict[str, str] = {}
    for path in sorted(FOLDER.glob("records_*.json")):
        for record in _page(path.stem)["records"]:
            first = record["authors"][0].rpartition(" ")[0] if record["authors"] else ""
            if first:
                found[record["key"]] = f"{first} {record.get('year', '(year not seen)')}"
    for path in sorted(FOLDER.glob("studies_*.json")):
        found |= {study["id"]: study["label"] for study in _page(path.stem)["studies"]}
    return found


def _sources(source: str | list[str]) -> tuple[str, ...]:
    return (source,) if isinstance(source, str) else tuple(source)


def _pairs(gives: Any) -> Said:
    """What the facts give, as pairs of words; a text alone has no words before it."""
    if not isinstance(gives, dict):
        return (("", _words(gives)),)
    return tuple((_name(str(name)), _words(value)) for name, value in gives.items())


def _name(key: str) -> str:
    return _labels().get(key) or key.replace("_", " ")


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{_name(name)} {_words(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return "; ".join(map(_words, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _named(str(value))


def _named(text: str) -> str:
    """The text with keys of studies written out, where they stand as words of their own."""
    return " ".join(_labels().get(word, word) for word in text.split(" "))
