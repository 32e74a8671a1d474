"""The only frame of outcomes that synthesis reads: final values of reconciled studies as typed rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import cast
from uuid import UUID

from extraction.models.definitions import Form, StudyForm
from extraction.models.finals import Final
from extraction.pure.assemble import Purpose, study_data, unplaced
from extraction.pure.cells import STATUS_LABELS, VALUE_STATUSES, FinalCell
from extraction.pure.dataset import Dataset
from extraction.selectors.included import EXTRACTED, included
from extraction.selectors.releases import released
from reviewapp.gate import Viewer


def dataset(viewer: Viewer) -> Dataset:
    """Return every reconciled study with its final values; equal for every seat of the review.

    A study counts under the purpose that full texts gave it. Included studies without reconciled values are named in
    ``without_values``; background studies are not extracted and not named.
    """
    counted = {uid: one for uid, one in included(viewer).items() if one.purpose in EXTRACTED}
    cells = _cells(viewer)
    studies = [
        study_data(
            str(uid),
            one.study.label,
            cast(Purpose, one.purpose),
            cells[uid, Form.Kind.EXTRACTION],
            cells[uid, Form.Kind.APPRAISAL],
        )
        for uid, one in counted.items()
        if (uid, Form.Kind.EXTRACTION) in cells
    ]
    missing = [one.study.label for uid, one in counted.items() if (uid, Form.Kind.EXTRACTION) not in cells]
    return Dataset(studies=tuple(studies), without_values=tuple(missing))


def dataset_of_review(review_id: int) -> Dataset:
    """Return the dataset for a worker: a viewer without a seat sees what is released to the whole review, no more."""
    return dataset(Viewer(user_id=None, seat_id=None, review_id=review_id))


def unplaced_rows(viewer: Viewer) -> dict[UUID, tuple[str, ...]]:
    """Return, by study, the keys of reconciled rows that the dataset has to leave out for now."""
    found = {
        uid: unplaced(cells) for (uid, kind), cells in _cells(viewer).items() if kind == Form.Kind.EXTRACTION
    }
    return {uid: rows for uid, rows in found.items() if rows}


def _cells(viewer: Viewer) -> dict[tuple[UUID, str], list[FinalCell]]:
    """Final cells of reconciled study forms by (study, kind of form); the latest version of each counts."""
    open_now = StudyForm.objects.filter(review_id=viewer.review_id, uid__in=released(viewer).reconciled)
    ordered = open_now.select_related("study", "form").order_by("form__made_at", "pk")
    kept = {one.pk: (one.study.uid, one.form.kind) for one in ordered}
    found: dict[tuple[UUID, str], list[FinalCell]] = defaultdict(list)
    for key in kept.values():
        found[key] = []
    finals = latest(Final.objects.visible_to(viewer).filter(study_form__in=kept).order_by("pk"))
    for final in sorted(finals, key=lambda one: (one.row, one.field)):
        if final.status in STATUS_LABELS:
            found[kept[final.study_form_id]].append(cell_of_final(final))
    return found


def cell_of_final(final: Final) -> FinalCell:
    """Return a final as a cell of the dataset; its status must be one of a form's."""
    return FinalCell(
        uid=str(final.uid),
        group=final.group,
        row_key=final.row,
        field=final.field,
        canonical=final.canonical if final.status in VALUE_STATUSES else None,
        status=final.status,
    )


def latest(finals: Iterable[Final]) -> list[Final]:
    """Return the highest version of each cell, in the order in which the cells first came."""
    found: dict[tuple[int, str, str, str], Final] = {}
    for final in finals:
        key = (final.study_form_id, final.group, final.row, final.field)
        if key not in found or found[key].version < final.version:
            found[key] = final
    return list(found.values())
