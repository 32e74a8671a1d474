"""The summary of the final values as pages, exports and the API read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from extraction.pure.dataset import StudyData
from extraction.selectors.dataset import unplaced_rows
from reviewapp.gate import Viewer
from reviewapp.models.studies import Study
from synthesis.pure.change import ChangeSummary, FoundCorrelation
from synthesis.pure.harms import HarmsTable
from synthesis.pure.rows import MEASURES
from synthesis.selectors import inputs
from synthesis.selectors.freezing import thaw
from synthesis.selectors.snapshots import SUMMARY, stored


@dataclass(frozen=True, slots=True)
class Summary:
    """A stored summary, as it was computed. ``fresh`` is false once the final values have changed since."""

    made_at: datetime
    fresh: bool
    input_hash: str
    studies: tuple[StudyData, ...]
    without_values: tuple[str, ...]
    change: ChangeSummary
    harms: HarmsTable
    found: tuple[FoundCorrelation, ...]
    result: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Availability:
    """Which study has a result for which measure, and for harms; the cells of a row follow ``heads``."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[bool, ...], int], ...]


def summary(viewer: Viewer) -> Summary | None:
    """Return the summary of today's final values, else the last one (not fresh), else None."""
    data, assumed = inputs.final_data(viewer), inputs.correlations(viewer)
    found = stored(viewer, SUMMARY, "", inputs.summary_hash(data, assumed))
    if found is None:
        return None
    result = found.result
    return Summary(
        made_at=found.made_at,
        fresh=found.fresh,
        input_hash=found.input_hash,
        studies=tuple(thaw(StudyData, one) for one in result["studies"]),
        without_values=tuple(result["without_values"]),
        change=thaw(ChangeSummary, result["change"]),
        harms=thaw(HarmsTable, result["harms"]),
        found=tuple(thaw(FoundCorrelation, one) for one in result["correlations_found"]),
        result=result,
    )


def availability(found: Summary) -> Availability:
    """Return the matrix of studies and outcomes: what is there to be compared at all."""
    pairs = sorted({tuple(pair) for one in found.result["studies"] for pair in one["outcomes"]})
    measures = tuple(dict.fromkeys(pair[0] for pair in pairs))
    rows = []
    for one in found.result["studies"]:
        has = {pair[0] for pair in one["outcomes"]}
        rows.append((one["label"], tuple(name in has for name in measures), one["harms_reported"]))
    return Availability(tuple(MEASURES[name][0] for name in measures), tuple(rows))


def left_out(viewer: Viewer) -> tuple[tuple[str, int], ...]:
    """Return (study label, number of reconciled rows) that no table can hold: a field that places them was left out."""
    found = unplaced_rows(viewer)
    if not found:
        return ()
    labels = Study.objects.filter(review_id=viewer.review_id, uid__in=found).values_list("uid", "label")
    return tuple(sorted((label, len(found[uid])) for uid, label in labels))
