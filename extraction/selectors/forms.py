"""The forms of a review as values, and which questions their answers name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import cast
from uuid import UUID

from extraction.models.definitions import Form, FormGroup, Question
from extraction.pure.fields import FormKind, FormSpec, Group
from extraction.pure.specs import field_from_spec
from reviewapp.gate import Viewer


@dataclass(frozen=True, slots=True)
class Definition:
    """A form with the database keys of its questions by (group, field)."""

    spec: FormSpec
    questions: dict[tuple[str, str], int]


def forms(viewer: Viewer) -> list[Form]:
    """Return the forms of the viewer's review, extraction first."""
    found = Form.objects.filter(review_id=viewer.review_id, withdrawn_at__isnull=True)
    return sorted(found, key=lambda form: (form.kind != Form.Kind.EXTRACTION, form.made_at, str(form.uid)))


def form(viewer: Viewer, uid: UUID) -> Form | None:
    """Return one form of the viewer's review."""
    return Form.objects.filter(review_id=viewer.review_id, uid=uid, withdrawn_at__isnull=True).first()


def form_spec(form: Form) -> FormSpec:
    """Return a form as a value; read once for each version of a form."""
    return _definition(form.uid, form.version).spec


def question_keys(form: Form) -> dict[tuple[str, str], int]:
    """Return the database keys of a form's current questions by (group, field)."""
    return _definition(form.uid, form.version).questions


@lru_cache(maxsize=128)
def _definition(uid: UUID, version: int) -> Definition:
    """A form never changes within a version, so that what was read once holds."""
    found = Form.objects.get(uid=uid)
    groups = []
    questions: dict[tuple[str, str], int] = {}
    asked: dict[int, list[Question]] = {}
    for question in Question.objects.filter(group__form=found, is_current=True).order_by("position", "pk"):
        asked.setdefault(question.group_id, []).append(question)
    for group in FormGroup.objects.filter(form=found).order_by("position", "pk"):
        rows = asked.get(group.pk, [])
        questions.update({(group.key, row.key): row.pk for row in rows})
        groups.append(
            Group(
                key=group.key,
                label=group.label,
                repeats=group.repeats,
                fields=tuple(field_from_spec(row.key, row.label, row.spec) for row in rows),
                row_noun=group.row_noun,
                measure=group.measure,
                help=group.help,
            )
        )
    spec = FormSpec(found.key, found.name, cast(FormKind, found.kind), version, tuple(groups))
    return Definition(spec, questions)
