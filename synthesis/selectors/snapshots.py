"""Stored results: the one that answers to today's input, or the last one, told to be stale."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reviewapp.gate import Viewer
from synthesis.models.snapshots import Snapshot

CODE_VERSION = "1"
"""Raised whenever a stored result would come out otherwise for the same input; older snapshots are then stale."""
AGREEMENT, SUMMARY, POOL = "agreement", "summary", "pool"


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored result. ``fresh``: computed from the input as it is now, by the code as it is now."""

    result: dict[str, Any]
    made_at: datetime
    input_hash: str
    fresh: bool


def stored(viewer: Viewer, kind: str, about: str, input_hash: str) -> Stored | None:
    """Return the result for this input, else the latest one (stale), else None."""
    return stored_many(viewer, kind, {about: input_hash}).get(about)


def stored_many(viewer: Viewer, kind: str, hashes: dict[str, str]) -> dict[str, Stored]:
    """Return the results of several things at once: about -> result. ``hashes`` holds about -> today's input hash."""
    rows: Iterable[Snapshot] = Snapshot.objects.filter(
        review_id=viewer.review_id, kind=kind, about__in=list(hashes)
    ).order_by("made_at", "pk")
    found: dict[str, Stored] = {}
    for row in rows:
        fresh = row.input_hash == hashes[row.about] and row.code_version == CODE_VERSION
        if fresh or row.about not in found or not found[row.about].fresh:
            found[row.about] = Stored(row.result, row.made_at, row.input_hash, fresh)
    return found
