"""How far the handed-out study forms are, as far as a lead may know: never who, never what."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from extraction.models.definitions import Form, StudyForm
from extraction.selectors.included import EXTRACTED, Included, included
from extraction.selectors.releases import Released, released
from reviewapp.gate import Viewer
from reviewapp.models.studies import Study


@dataclass(frozen=True, slots=True)
class Progress:
    """A study under a form: handed out, both entries in, or reconciled."""

    study: Study
    form: Form
    state: str


@dataclass(frozen=True, slots=True)
class Overview:
    """What is handed out, and the included studies that have no form yet."""

    handed: list[Progress]
    waiting: list[Included]

    @property
    def reconciled(self) -> int:
        """Return how many are reconciled."""
        return sum(one.state == "reconciled" for one in self.handed)


def overview(viewer: Viewer, known: Released | None = None) -> Overview:
    """Return every study form with its state, and the included studies without an extraction form."""
    known = known or released(viewer)
    rows = StudyForm.objects.filter(review_id=viewer.review_id).select_related("study", "form")
    handed = []
    by_study: dict[UUID, set[str]] = defaultdict(set)
    for one in rows.order_by("study__label", "form__name", "uid"):
        state = (
            "reconciled" if one.uid in known.reconciled else "both" if one.uid in known.complete else "out"
        )
        handed.append(Progress(one.study, one.form, state))
        by_study[one.study.uid].add(one.form.kind)
    waiting = [
        one
        for uid, one in included(viewer).items()
        if one.purpose in EXTRACTED and Form.Kind.EXTRACTION not in by_study[uid]
    ]
    return Overview(handed, waiting)
