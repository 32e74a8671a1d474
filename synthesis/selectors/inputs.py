"""What the syntheses are computed from: the reconciled data of the whole review, and what the team assumed.

Only studies whose finals are open to everyone are in it, so that a stored result shows nobody more than they may see.
"""

from __future__ import annotations

from typing import Any, cast

from extraction.pure.dataset import Dataset, MeasureKey
from extraction.selectors.dataset import dataset_of_review
from extraction.selectors.forms import form_spec, forms
from reviewapp.gate import Viewer
from synthesis.models.analyses import Analysis
from synthesis.pure.rows import Correlation
from synthesis.selectors.freezing import fingerprint
from synthesis.selectors.wording import worded

CORRELATIONS = "correlations"
"""The kind of ``Analysis.comparison`` that holds the correlations of two visits, each with its source."""


def final_data(viewer: Viewer) -> Dataset:
    """Return the final values of the viewer's review in the words of its forms, as everyone in it may see them."""
    return worded(dataset_of_review(viewer.review_id), [form_spec(form) for form in forms(viewer)])


def correlations(viewer: Viewer) -> tuple[Correlation, ...]:
    """Return the correlations that the team has set, one a measure; empty until somebody sets them."""
    row = (
        Analysis.objects.filter(review_id=viewer.review_id, comparison__kind=CORRELATIONS)
        .order_by("-version")
        .first()
    )
    items: list[dict[str, Any]] = row.comparison["items"] if row else []
    return tuple(
        Correlation(cast(MeasureKey, item["measure"]), float(item["r"]), item["source"]) for item in items
    )


def summary_hash(dataset: Dataset, assumed: tuple[Correlation, ...]) -> str:
    """Return the hash of everything that a summary depends on."""
    return fingerprint({"data": dataset, "correlations": assumed})
