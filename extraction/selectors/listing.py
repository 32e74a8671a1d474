"""Values and finals as lists, for tables and the API: what the viewer may see, in an order of public facts."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from extraction.models.definitions import Form, StudyForm
from extraction.models.entries import Entry, Value
from extraction.models.finals import Final
from extraction.pure.appraisal import instrument
from extraction.pure.cells import STATUS_LABELS, VALUE_STATUSES, row_of
from extraction.selectors.dataset import cell_of_final, latest
from extraction.selectors.forms import form_spec
from extraction.selectors.releases import released
from reviewapp.gate import Viewer
from reviewapp.models.seats import Seat


@dataclass(frozen=True, slots=True)
class EnteredValue:
    """One cell of an entry with its entry, study form and author."""

    value: Value
    entry: Entry
    study_form: StudyForm
    seat: Seat | None


@dataclass(frozen=True, slots=True)
class FinalValue:
    """A final value with its study form and what the two entries had printed."""

    final: Final
    study_form: StudyForm
    seat: Seat | None
    label: str
    words: str
    printed_a: str
    printed_b: str


@dataclass(frozen=True, slots=True)
class Judged:
    """One final judgement of a quality instrument, or (``is_score``) what the instrument computes from them."""

    study_form: StudyForm
    instrument: str
    item: str
    label: str
    value: str
    words: str
    is_score: bool


def entered(viewer: Viewer) -> list[EnteredValue]:
    """Return the values of my own entries and of those released to me."""
    rows = (
        Value.objects.visible_to(viewer)
        .select_related("entry__study_form__study", "entry__study_form__form", "author", "report")
        .order_by("pk")
    )
    places = {form: _places(form) for form in Form.objects.filter(review_id=viewer.review_id)}
    listed = [EnteredValue(row, row.entry, row.entry.study_form, row.author) for row in rows]
    return sorted(
        listed,
        key=lambda one: (
            *_study(one.study_form),
            str(one.seat.uid) if one.seat else "",
            one.entry.version,
            places[one.study_form.form].get((one.value.group, ""), 0),
        ),
    )


def _study(one: StudyForm) -> tuple[str, str, bool, str]:
    return one.study.label, str(one.study.uid), one.form.kind != Form.Kind.EXTRACTION, one.form.key


def _places(form: Form) -> dict[tuple[str, str], int]:
    """The place of every group (field "") and field in its form."""
    places: dict[tuple[str, str], int] = {}
    for group in form_spec(form).groups:
        places[group.key, ""] = len(places)
        places.update({(group.key, field.key): len(places) + at for at, field in enumerate(group.fields)})
    return places


def finals(viewer: Viewer) -> list[FinalValue]:
    """Return the final values of reconciled studies, each in the version that counts; equal for every seat."""
    forms = {
        one.pk: one
        for one in StudyForm.objects.filter(
            review_id=viewer.review_id, uid__in=released(viewer).reconciled
        ).select_related("study", "form")
    }
    rows = latest(
        Final.objects.visible_to(viewer).filter(study_form__in=forms).select_related("author").order_by("pk")
    )
    printed = dict(
        Value.objects.visible_to(viewer)
        .filter(unit__in=[one.uid for one in forms.values()])
        .values_list("uid", "as_printed")
    )
    places = {one.form: _places(one.form) for one in forms.values()}
    listed = [_final_value(row, forms[row.study_form_id], printed) for row in rows]
    return sorted(
        listed,
        key=lambda one: (
            *_study(one.study_form),
            places[one.study_form.form].get((one.final.group, ""), 0),
            one.final.row,
            places[one.study_form.form].get((one.final.group, one.final.field), 0),
        ),
    )


def _final_value(row: Final, one: StudyForm, printed: dict[UUID, str]) -> FinalValue:
    group = form_spec(one.form).group(row.group)
    field = group.field(row.field) if group else None
    if row.status in VALUE_STATUSES:
        words = field.label_of(row.canonical) if field else row.canonical
    else:
        words = STATUS_LABELS.get(row.status, "left out")
    return FinalValue(
        final=row,
        study_form=one,
        seat=row.author,
        label=field.label if field else row.field,
        words=words,
        printed_a=printed.get(row.value_a, "") if row.value_a else "",
        printed_b=printed.get(row.value_b, "") if row.value_b else "",
    )


def judgements(viewer: Viewer) -> list[Judged]:
    """Return the final judgements of every reconciled appraisal, each instrument's score after its items."""
    listed: list[Judged] = []
    by_group: dict[tuple[StudyForm, str], list[FinalValue]] = {}
    for one in finals(viewer):
        if one.study_form.form.kind == Form.Kind.APPRAISAL:
            by_group.setdefault((one.study_form, one.final.group), []).append(one)
    for (study_form, key), values in by_group.items():
        listed += [
            Judged(study_form, key, one.final.field, one.label, one.final.canonical, one.words, False)
            for one in values
        ]
        found = instrument(key)
        if found is None:
            continue
        cells = tuple(cell_of_final(one.final) for one in values if one.final.status in STATUS_LABELS)
        score = found.score(row_of(key, cells))
        listed += [
            Judged(study_form, key, name, name, text, score.words, True) for name, text in score.parts.items()
        ]
    return listed
