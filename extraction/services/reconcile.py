"""Reconcile a pair of entries: choose where they differ, and complete the study form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extraction.models.definitions import StudyForm
from extraction.models.finals import Final
from extraction.pure.cells import STATUS_LABELS, VALUE_STATUSES, Cell
from extraction.pure.compare import FieldComparison, RowComparison, auto_finals
from extraction.pure.fields import ARMS_GROUP, Field, Group
from extraction.pure.validate import check_entry
from extraction.selectors.pairs import Pair, Place, pair, place_of
from extraction.services.entries import number_of
from reviewapp import jobs
from reviewapp.audit import audited, nothing_written, tell
from reviewapp.gate import Viewer
from reviewapp.models.rounds import Release
from reviewapp.services.refusals import Clash, Gone, NotAllowed, Refused

LEFT_OUT = "left_out"
"""Status of a final whose row or cell only one entry has, and that is not taken over."""
LONGEST_WHY = 2000


SUMMARY = "synthesis.compute_summary"
"""What is computed anew when a study is released, by the name of its task: the room above is never imported."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to stand for one field: A's answer, B's, or another ``value`` (or a ``status`` that says why none)."""

    group: str
    row_key: str
    field: str
    origin: str
    value: str = ""
    status: str = "reported"
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Taken:
    """A final before it is stored."""

    as_printed: str
    canonical: str | None
    unit: str
    status: str


def _open_pair(actor: Viewer, unit: UUID) -> Pair:
    found = pair(actor, unit)
    if found is None:
        raise Gone(_("There is no such pair of entries."))
    if not found.may_settle:
        raise NotAllowed(_("The two extractors or an adjudicator reconcile this study."))
    return found


@audited("final.chosen")
def choose(*, actor: Viewer, unit: UUID, choices: Sequence[Choice]) -> list[Final]:
    """Append a final value for each field chosen; a further choice is a further version, one that changes nothing is none.

    A side without an answer can be chosen too: the cell is then left out. Another value is read like a typed answer
    and needs a reason. Raises Gone for a field that neither entry has, Refused in words otherwise; all or nothing.
    """
    found = _open_pair(actor, unit)
    if found.is_reconciled:
        raise Refused(_("This study is reconciled; its final values stand."))
    places = {place_of(row, field): (row, field) for row in found.comparison.rows for field in row.fields}
    chosen, made = dict(found.chosen), []
    for choice in choices:
        place = (choice.group, choice.row_key, choice.field)
        if place not in places:
            raise Gone(_("There is no such field in these entries."))
        row, field = places[place]
        taken = _taken(found, chosen, row, field, choice)
        if _same(chosen.get(place), taken, choice):
            continue
        before, why = chosen.get(place), choice.why.strip()
        final = _final(actor, found, row, field, taken, origin=choice.origin, why=why, before=before)
        chosen[place] = final
        made.append(final)
    if not made:
        nothing_written()
        return []
    _append(made)
    told = [
        {
            "group": one.group,
            "row": one.row,
            "field": one.field,
            "value": one.canonical,
            "status": one.status,
            "origin": one.origin,
            "version": one.version,
            "why": one.why,
        }
        for one in made
    ]
    tell(actor=actor, subject="study_form", subject_uid=unit, new={"finals": told}, unit=unit)
    return made


@audited("study.reconciled")
def complete(*, actor: Viewer, unit: UUID) -> StudyForm:
    """Make finals of everything both entries agree on, and release the study form to the whole review.

    Raises Refused while a difference is open. Completing twice changes nothing.
    """
    found = _open_pair(actor, unit)
    if found.is_reconciled:
        nothing_written()
        return found.study_form
    if found.left:
        raise Refused(
            ngettext("%d difference is still open.", "%d differences are still open.", found.left)
            % found.left
        )
    StudyForm.objects.select_for_update(no_key=True).get(pk=found.study_form.pk)
    places = {place_of(row, field): (row, field) for row in found.comparison.rows for field in row.fields}
    agreed = []
    for cell in auto_finals(found.comparison):
        place = (cell.group, cell.row_key, cell.field)
        if place in found.chosen:
            continue
        row, field = places[place]
        fuller = cell.cell_a if cell.cell_a.canonical == cell.canonical else cell.cell_b
        taken = _Taken(fuller.as_printed, cell.canonical, cell.unit, cell.status)
        agreed.append(_final(actor, found, row, field, taken, origin=Final.Origin.AGREED))
    _append(agreed)
    Release.objects.create(
        review_id=actor.review_id,
        unit=unit,
        kind=Release.Kind.STUDY,
        actor_id=actor.seat_id,
        reason=_("Every field has a final value."),
    )
    told = {"agreed": len(agreed), "chosen": len(found.chosen), "released": "study"}
    tell(actor=actor, subject="study_form", subject_uid=unit, new=told, unit=unit)
    jobs.start(SUMMARY, actor=actor, about={})
    return found.study_form


def _taken(
    found: Pair, chosen: Mapping[Place, Final], row: RowComparison, field: FieldComparison, choice: Choice
) -> _Taken:
    if len(choice.why) > LONGEST_WHY:
        raise Refused(_("A reason has at most 2,000 characters."), "why")
    if choice.origin == Final.Origin.A:
        return _side(field.a, field.canonical_a)
    if choice.origin == Final.Origin.B:
        return _side(field.b, field.canonical_b)
    if choice.origin == Final.Origin.OTHER:
        return _other(found, chosen, row, choice)
    raise Refused(_("Choose A, B or another value."), "origin")


def _side(cell: Cell | None, canonical: str | None) -> _Taken:
    if cell is None:
        return _Taken("", None, "", LEFT_OUT)
    return _Taken(cell.as_printed, canonical, cell.unit, cell.status)


def _other(found: Pair, chosen: Mapping[Place, Final], row: RowComparison, choice: Choice) -> _Taken:
    """Read another value as the form reads a typed one, within what is settled of its row."""
    group, field = _asked(found, choice)
    if not choice.why.strip():
        raise Refused(
            _("Say where the other value for “%(field)s” comes from.") % {"field": field.label}, "why"
        )
    text, status = choice.value.strip(), choice.status
    if status == LEFT_OUT:
        return _Taken("", None, "", LEFT_OUT)
    if not text and status in VALUE_STATUSES:
        raise Refused(_("Type the other value for “%(field)s”.") % {"field": field.label}, "value")
    cells = {**_context(chosen, row), field.key: {"text": text, "status": status}}
    arms = {one.row_key for one in found.comparison.rows if one.group == ARMS_GROUP} - {row.row_key}
    groups: dict[str, Any] = {ARMS_GROUP: [{"row": key, "cells": {}} for key in sorted(arms)]} if arms else {}
    own = {"row": row.row_key, "cells": cells}
    groups[group.key] = [*groups.get(group.key, []), own]
    result = check_entry(found.spec, {"groups": groups}, complete=False)
    for error in result.errors:
        if (error.group, error.row, error.field) == (group.key, row.row_key, field.key):
            raise Refused(f"{field.label}: {error.message} {error.proposal}".strip(), "value")
    cell = next(
        (
            one
            for one in result.cells
            if (one.group, one.row, one.field) == (group.key, row.row_key, field.key)
        ),
        None,
    )
    if cell is None:
        raise Refused(_("Type the other value for “%(field)s”.") % {"field": field.label}, "value")
    return _Taken(cell.as_printed, cell.canonical, cell.unit, cell.status)


def _asked(found: Pair, choice: Choice) -> tuple[Group, Field]:
    group = found.spec.group(choice.group)
    field = group.field(choice.field) if group else None
    if group is None or field is None:
        raise Gone(_("There is no such field in these entries."))
    return group, field


def _context(chosen: Mapping[Place, Final], row: RowComparison) -> dict[str, dict[str, str]]:
    """What is settled of a row so far, as a payload."""
    cells: dict[str, dict[str, str]] = {}
    for field in row.fields:
        final = chosen.get(place_of(row, field))
        if final is not None and final.status in STATUS_LABELS:
            cells[field.field] = {"text": final.canonical, "status": final.status}
        elif final is None and field.agreed:
            cells[field.field] = {"text": field.agreed_value or "", "status": field.agreed_status}
    return cells


def _same(before: Final | None, taken: _Taken, choice: Choice) -> bool:
    return before is not None and (
        before.as_printed,
        before.canonical,
        before.status,
        before.origin,
        before.why,
    ) == (
        taken.as_printed,
        taken.canonical or "",
        taken.status,
        choice.origin,
        choice.why.strip(),
    )


def _final(
    actor: Viewer,
    found: Pair,
    row: RowComparison,
    field: FieldComparison,
    taken: _Taken,
    *,
    origin: str,
    why: str = "",
    before: Final | None = None,
) -> Final:
    place = place_of(row, field)
    group = found.spec.group(row.group)
    asked = group.field(field.field) if group else None
    value_a, value_b = found.values_a.get(place), found.values_b.get(place)
    return Final(
        review_id=actor.review_id,
        author_id=actor.seat_id,
        unit=found.unit,
        study_form=found.study_form,
        group=row.group,
        row=row.row_key,
        field=field.field,
        version=before.version + 1 if before else 1,
        as_printed=taken.as_printed,
        canonical=taken.canonical or "",
        number=number_of(taken.canonical, asked.type) if asked else None,
        unit_text=taken.unit,
        status=taken.status,
        origin=origin,
        value_a=value_a.uid if value_a else None,
        value_b=value_b.uid if value_b else None,
        relation=field.relation,
        why=why,
    )


def _append(finals: Sequence[Final]) -> None:
    try:
        with transaction.atomic():
            Final.objects.bulk_create(finals, batch_size=500)
    except IntegrityError as taken:
        raise Clash(
            _("Somebody else settled one of these fields in the meantime. Reload to see how.")
        ) from taken
