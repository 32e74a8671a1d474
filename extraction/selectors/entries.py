"""An extractor's own work: what is handed to me, my draft, my entry. Nothing here reads another's rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import Exists, OuterRef, Subquery

from extraction.models.definitions import Form, StudyForm
from extraction.models.entries import Draft, Entry, EntryAssignment, Value
from extraction.pure import payloads
from extraction.pure.cells import VALUE_STATUSES, Cell
from extraction.pure.fields import FormSpec
from extraction.selectors.forms import form_spec
from extraction.selectors.releases import Released, released
from reviewapp.gate import Viewer
from reviewapp.models.studies import Report, Study, StudyLink

State = Literal["waiting", "draft", "submitted", "pair", "reconciled"]


@dataclass(frozen=True, slots=True)
class Handed:
    """A study form handed to me and where my own work on it stands."""

    study_form: StudyForm
    study: Study
    form: Form
    state: State
    saved_at: datetime | None

    @property
    def unit(self) -> UUID:
        """Return the uid of the study form."""
        return self.study_form.uid


@dataclass(frozen=True, slots=True)
class Work:
    """One study form opened by its extractor: the form, what I have typed, and my entry once it is in."""

    study_form: StudyForm
    study: Study
    form: Form
    spec: FormSpec
    payload: payloads.Payload
    version: int
    saved_at: datetime | None
    entry: Entry | None
    reports: Sequence[Report]
    state: State

    @property
    def unit(self) -> UUID:
        """Return the uid of the study form."""
        return self.study_form.uid


def mine(viewer: Viewer, known: Released | None = None) -> list[Handed]:
    """Return what is handed to me, what still waits first; ``known`` spares asking for the releases again."""
    own = {"study_form_id": OuterRef("study_form_id")}
    assigned = (
        EntryAssignment.objects.of_author(viewer)
        .annotate(
            submitted=Exists(Entry.objects.of_author(viewer).filter(**own)),
            saved_at=Subquery(Draft.objects.of_author(viewer).filter(**own).values("saved_at")[:1]),
        )
        .select_related("study_form__study", "study_form__form")
    )
    known = known or released(viewer)
    listed = []
    for row in assigned:
        one: StudyForm = row.study_form
        state = _state(one, row.submitted, row.saved_at is not None, known)
        listed.append(Handed(one, one.study, one.form, state, row.saved_at))
    return sorted(listed, key=lambda one: (_ORDER[one.state], one.study.label, one.form.name, str(one.unit)))


_ORDER: dict[State, int] = {"draft": 0, "waiting": 1, "pair": 2, "submitted": 3, "reconciled": 4}


def _state(one: StudyForm, submitted: bool, drafted: bool, known: Released) -> State:
    if one.uid in known.reconciled:
        return "reconciled"
    if submitted:
        return "pair" if one.uid in known.to_me else "submitted"
    return "draft" if drafted else "waiting"


def to_fill(viewer: Viewer) -> set[UUID]:
    """Return the units handed to me that I have not submitted."""
    entered = Entry.objects.of_author(viewer).filter(study_form_id=OuterRef("study_form_id"))
    waiting = EntryAssignment.objects.of_author(viewer).filter(~Exists(entered))
    return set(waiting.values_list("unit", flat=True))


def assignment(viewer: Viewer, unit: UUID) -> EntryAssignment | None:
    """Return my own assignment of a study form."""
    found: EntryAssignment | None = (
        EntryAssignment.objects.of_author(viewer)
        .filter(study_form__uid=unit)
        .select_related("study_form__study", "study_form__form")
        .first()
    )
    return found


def work(viewer: Viewer, unit: UUID) -> Work | None:
    """Return one of my study forms with my draft or my entry; None for anything that is not handed to me."""
    assigned = assignment(viewer, unit)
    if assigned is None:
        return None
    one: StudyForm = assigned.study_form
    spec = form_spec(one.form)
    entry = latest_entry(viewer, one)
    draft = None if entry else Draft.objects.of_author(viewer).filter(study_form=one).first()
    if entry is not None:
        payload = payloads.of_cells(spec, own_cells(viewer, entry))
    else:
        payload = draft.payload if draft else payloads.empty(spec)
    saved_at = entry.made_at if entry else (draft.saved_at if draft else None)
    return Work(
        study_form=one,
        study=one.study,
        form=one.form,
        spec=spec,
        payload=payload,
        version=draft.version if draft else 0,
        saved_at=saved_at,
        entry=entry,
        reports=reports(viewer, one.study_id),
        state=_state(one, entry is not None, draft is not None, released(viewer)),
    )


def latest_entry(viewer: Viewer, study_form: StudyForm) -> Entry | None:
    """Return my entry of a study form, in its latest version."""
    found: Entry | None = (
        Entry.objects.of_author(viewer).filter(study_form=study_form).order_by("-version").first()
    )
    return found


def own_cells(viewer: Viewer, entry: Entry) -> tuple[Cell, ...]:
    """Return the cells of my own entry, in the order of the form."""
    rows = Value.objects.of_author(viewer).filter(entry=entry).select_related("report").order_by("pk")
    return tuple(cell_of(row) for row in rows)


def cell_of(row: Value) -> Cell:
    """Return a stored value as a cell."""
    return Cell(
        group=row.group,
        row=row.row,
        field=row.field,
        as_printed=row.as_printed,
        canonical=row.canonical if row.status in VALUE_STATUSES else None,
        unit=row.unit_text,
        status=row.status,
        report=str(row.report.uid) if row.report else "",
        page=row.page,
        quote=row.quote,
    )


def reports(viewer: Viewer, study_id: int) -> list[Report]:
    """Return the reports of a study, the primary one first."""
    links: Any = (
        StudyLink.objects.filter(review_id=viewer.review_id, study_id=study_id, is_current=True)
        .select_related("report__record")
        .order_by("-report__is_primary", "report__record__year", "report__uid")
    )
    return [link.report for link in links]
