"""Two entries of one study form side by side, as far as the viewer may see both."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from extraction.models.definitions import Form, StudyForm
from extraction.models.entries import Entry, EntryAssignment, Value
from extraction.models.finals import Final
from extraction.pure.cells import Cell
from extraction.pure.compare import Comparison, FieldComparison, RowComparison, compare
from extraction.pure.fields import FormSpec
from extraction.selectors.entries import cell_of
from extraction.selectors.forms import form_spec
from extraction.selectors.releases import Released, released
from reviewapp.gate import Viewer
from reviewapp.models.seats import Role
from reviewapp.models.studies import Study
from reviewapp.pure.assigning import draw

Place = tuple[str, str, str]
"""Group, common row key, field."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A study form whose two entries are open: A and B in an order drawn for each study form."""

    study_form: StudyForm
    study: Study
    form: Form
    spec: FormSpec
    comparison: Comparison
    values_a: dict[Place, Value]
    values_b: dict[Place, Value]
    chosen: dict[Place, Final]
    is_reconciled: bool
    may_settle: bool

    @property
    def unit(self) -> UUID:
        """Return the uid of the study form."""
        return self.study_form.uid

    @property
    def differences(self) -> list[tuple[RowComparison, FieldComparison]]:
        """Return the fields on which the two entries do not give one value."""
        return [(row, field) for row in self.comparison.rows for field in row.fields if not field.agreed]

    @property
    def settled(self) -> int:
        """Return how many of the differences have a final value."""
        return sum(place_of(row, field) in self.chosen for row, field in self.differences)

    @property
    def left(self) -> int:
        """Return how many differences are open."""
        return len(self.differences) - self.settled

    @property
    def total(self) -> int:
        """Return how many fields at least one of the two answered."""
        return sum(len(row.fields) for row in self.comparison.rows)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A study form whose entries are open to me, and whether it is reconciled."""

    unit: UUID
    study: Study
    form: Form
    is_reconciled: bool


def place_of(row: RowComparison, field: FieldComparison) -> Place:
    """Return where a field stands, under the row key that both entries share."""
    return row.group, row.row_key, field.field


def may_settle(viewer: Viewer, study_form: StudyForm) -> bool:
    """Tell whether the viewer is one of the two extractors, or an adjudicator."""
    own = EntryAssignment.objects.of_author(viewer).filter(study_form=study_form).exists()
    return own or viewer.has(Role.ADJUDICATOR)


def pair(viewer: Viewer, unit: UUID) -> Pair | None:
    """Return the two entries held against each other; None unless the viewer may see both."""
    one = (
        StudyForm.objects.filter(review_id=viewer.review_id, uid=unit)
        .select_related("study", "form", "review")
        .first()
    )
    if one is None:
        return None
    latest: dict[int | None, Entry] = {}
    entries = Entry.objects.visible_to(viewer).filter(study_form=one).select_related("author")
    for entry in entries.order_by("version"):
        latest[entry.author_id] = entry
    if len(latest) != 2:
        return None
    sides = sorted(
        latest.values(), key=lambda entry: draw(one.review.seed, "sides", str(unit), _author(entry))
    )
    values = _values(viewer, sides)
    cells_a, cells_b = (_cells(values[entry.pk]) for entry in sides)
    spec = form_spec(one.form)
    found = compare(spec, cells_a, cells_b)
    return Pair(
        study_form=one,
        study=one.study,
        form=one.form,
        spec=spec,
        comparison=found,
        values_a=_placed(found, values[sides[0].pk], first=True),
        values_b=_placed(found, values[sides[1].pk], first=False),
        chosen=chosen(viewer, one),
        is_reconciled=unit in released(viewer).reconciled,
        may_settle=may_settle(viewer, one),
    )


def _author(entry: Entry) -> str:
    return str(entry.author.uid) if entry.author else ""


def _values(viewer: Viewer, sides: list[Entry]) -> dict[int, list[Value]]:
    found: dict[int, list[Value]] = defaultdict(list)
    rows = Value.objects.visible_to(viewer).filter(entry__in=sides).select_related("report")
    for value in rows.order_by("pk"):
        found[value.entry_id].append(value)
    return found


def _cells(values: list[Value]) -> tuple[Cell, ...]:
    return tuple(cell_of(value) for value in values)


def _placed(comparison: Comparison, values: list[Value], *, first: bool) -> dict[Place, Value]:
    """The values of one side under the row keys that both sides share."""
    keys = {
        (row.group, own): row.row_key
        for row in comparison.rows
        if (own := row.row_a if first else row.row_b) is not None
    }
    return {
        (value.group, keys[value.group, value.row], value.field): value
        for value in values
        if (value.group, value.row) in keys
    }


def chosen(viewer: Viewer, study_form: StudyForm) -> dict[Place, Final]:
    """Return the final values of a study form that the viewer may see, each in its latest version."""
    rows = Final.objects.visible_to(viewer).filter(study_form=study_form).order_by("version")
    return {(row.group, row.row, row.field): row for row in rows}


def pairs(viewer: Viewer, known: Released | None = None) -> list[Waiting]:
    """Return the study forms whose two entries are open to the viewer, those to reconcile first."""
    known = known or released(viewer)
    found = StudyForm.objects.filter(review_id=viewer.review_id, uid__in=known.to_me)
    listed = [
        Waiting(one.uid, one.study, one.form, one.uid in known.reconciled)
        for one in found.select_related("study", "form")
    ]
    return sorted(listed, key=lambda one: (one.is_reconciled, one.study.label, one.form.name, str(one.unit)))


def to_reconcile(viewer: Viewer, known: Released | None = None) -> frozenset[UUID]:
    """Return the units of the pairs that wait for this seat: mine, or any as an adjudicator."""
    known = known or released(viewer)
    waiting = known.to_me - known.reconciled
    if viewer.has(Role.ADJUDICATOR) or not waiting:
        return waiting
    own = EntryAssignment.objects.of_author(viewer).values_list("unit", flat=True)
    return waiting & frozenset(own)
