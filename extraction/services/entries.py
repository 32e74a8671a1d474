"""Fill a form blind: drafts that nobody else sees, one frozen entry, and the release once both are in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from extraction.models.definitions import Form, StudyForm
from extraction.models.entries import Draft, Entry, EntryAssignment, Value
from extraction.pure import payloads
from extraction.pure.cells import Cell
from extraction.pure.fields import FieldType
from extraction.pure.validate import EntryCheck, check_entry
from extraction.selectors import entries
from extraction.selectors.forms import form_spec, question_keys
from reviewapp.audit import audited, nothing_written, tell
from reviewapp.gate import Viewer
from reviewapp.models.rounds import Release
from reviewapp.models.seats import Role
from reviewapp.models.studies import Report
from reviewapp.selectors.seats import seats_with
from reviewapp.services.refusals import Clash, Gone, Refused

LARGEST = Decimal("999999999")
"""The arithmetic column holds nine digits before the point and six after it; the exact text stands beside it."""


class EntryRefused(Refused):
    """An entry that cannot be taken; ``check`` holds every error with its proposal. Nothing was stored."""

    def __init__(self, check: EntryCheck) -> None:
        first = check.errors[0]
        super().__init__(_("The entry is not complete: %(first)s") % {"first": first.message}, first.field)
        self.check = check


def _own(actor: Viewer, unit: UUID) -> EntryAssignment:
    assignment = entries.assignment(actor, unit)
    if assignment is None:
        raise Gone(_("There is no such study in your extraction."))
    return assignment


@audited("entry.drafted")
def save_draft(*, actor: Viewer, unit: UUID, payload: object, version: int) -> Draft:
    """Keep what is typed so far, whether it is right or not. ``version`` is the draft's version it was typed on (0: none).

    Only the author ever sees a draft, so it tells no event. Raises Clash when another window of the same person saved
    in between (neither is lost: the stored draft stays, the page keeps what was typed), Refused once the entry is in.
    """
    one = _own(actor, unit).study_form
    if words := payloads.refusal(payload):
        raise Refused(words)
    if entries.latest_entry(actor, one) is not None:
        raise Refused(_("Your entry is in; it stays as it was submitted."))
    nothing_written()
    now = timezone.now()
    own = Draft.objects.of_author(actor).filter(study_form=one)
    if version and own.filter(version=version).change(payload=payload, version=version + 1, saved_at=now):
        stored: Draft = own.get()
        return stored
    # A draft has no unit: no release ever opens it.
    draft = Draft(
        review_id=actor.review_id, author_id=actor.seat_id, study_form=one, payload=payload, saved_at=now
    )
    try:
        with transaction.atomic():
            if version:
                raise IntegrityError
            draft.save(force_insert=True)
    except IntegrityError as newer:
        raise Clash(
            _("You saved this form in another window in the meantime. Nothing was overwritten.")
        ) from newer
    return draft


def check(*, actor: Viewer, unit: UUID, payload: object, complete: bool) -> EntryCheck:
    """Return what is wrong and what is asked about a payload of one's own form; writes nothing."""
    return _checked(_own(actor, unit).study_form, payload, complete=complete)


def _checked(one: StudyForm, payload: object, *, complete: bool) -> EntryCheck:
    form: Form = one.form
    return check_entry(form_spec(form), payload, complete=complete)


@audited("entry.submitted")
def submit(*, actor: Viewer, unit: UUID, payload: object | None = None) -> Entry:
    """Submit the form: the payload, or one's draft. From here on it is frozen.

    When it is the second of the pair, both entries open to the two extractors and the adjudicators in the same
    transaction. Sending the same entry again changes nothing. Raises EntryRefused with all errors, and Refused for
    another entry after the first.
    """
    one = _own(actor, unit).study_form
    if payload is None:
        draft = Draft.objects.of_author(actor).filter(study_form=one).first()
        payload = draft.payload if draft else payloads.empty(form_spec(one.form))
    found = _checked(one, payload, complete=True)
    reports = {str(report.uid): report for report in entries.reports(actor, one.study_id)}
    unknown = next((cell for cell in found.cells if cell.report and cell.report not in reports), None)
    if unknown is not None:
        raise Refused(_("One of the reports named is not a report of this study."), "report")
    before = entries.latest_entry(actor, one)
    if before is not None:
        return _again(actor, before, found)
    if not found.ok:
        raise EntryRefused(found)
    StudyForm.objects.select_for_update(no_key=True).get(pk=one.pk)
    entry = _store(actor, one, found.cells, reports)
    released = _release_if_both_in(actor, one)
    tell(
        actor=actor,
        subject="study_form",
        subject_uid=one.uid,
        new={"version": entry.version, "values": len(found.cells), "released": released},
        unit=one.uid,
    )
    return entry


def _again(actor: Viewer, before: Entry, found: EntryCheck) -> Entry:
    """A repeat of the same entry is the entry; a different one is refused."""
    stored = [_said(cell) for cell in entries.own_cells(actor, before)]
    if found.ok and sorted(stored) == sorted(map(_said, found.cells)):
        nothing_written()
        return before
    raise Refused(_("Your entry is in; it stays as it was submitted."))


def _said(cell: Cell) -> tuple[str, ...]:
    return (cell.group, cell.row, cell.field, cell.as_printed, cell.status)


def _store(actor: Viewer, one: StudyForm, cells: tuple[Cell, ...], reports: dict[str, Report]) -> Entry:
    mine: dict[str, Any] = {"review_id": actor.review_id, "author_id": actor.seat_id, "unit": one.uid}
    entry = Entry(study_form=one, form_version=one.form.version, **mine)
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError as taken:
        raise Clash(_("You submitted this form in another window. Reload to see it.")) from taken
    questions = question_keys(one.form)
    types = {
        (group.key, field.key): field.type for group in form_spec(one.form).groups for field in group.fields
    }
    only = next(iter(reports.values())) if len(reports) == 1 else None
    Value.objects.bulk_create(
        [
            Value(
                entry=entry,
                question_id=questions[cell.group, cell.field],
                group=cell.group,
                row=cell.row,
                field=cell.field,
                as_printed=cell.as_printed,
                canonical=cell.canonical or "",
                number=number_of(cell.canonical, types[cell.group, cell.field]),
                unit_text=cell.unit,
                status=cell.status,
                report=reports.get(cell.report, only),
                page=cell.page,
                quote=cell.quote,
                **mine,
            )
            for cell in cells
        ],
        batch_size=500,
    )
    return entry


def number_of(canonical: str | None, type_: FieldType) -> Decimal | None:
    """Return the number of a value for arithmetic, to six decimals; None for what is no number or too large."""
    if canonical is None or type_ not in {FieldType.INTEGER, FieldType.DECIMAL}:
        return None
    number = Decimal(canonical)
    return None if abs(number) > LARGEST else number.quantize(Decimal("0.000001"))


def _release_if_both_in(actor: Viewer, one: StudyForm) -> bool:
    """Open both entries to the pair and the adjudicators once nobody of the pair is missing."""
    reason = "are both entries in: decides on the release, shows nothing"
    pair = set(
        EntryAssignment.objects.for_system(reason).filter(study_form=one).values_list("author_id", flat=True)
    )
    given = set(Entry.objects.for_system(reason).filter(study_form=one).values_list("author_id", flat=True))
    if not pair <= given:
        return False
    seats = pair | {seat.pk for seat in seats_with(actor.review_id, Role.ADJUDICATOR)}
    Release.objects.bulk_create(
        [
            Release(
                review_id=actor.review_id,
                unit=one.uid,
                to_seat_id=seat,
                kind=Release.Kind.ENTRIES,
                actor_id=actor.seat_id,
                reason=_("Both entries were in."),
            )
            for seat in sorted(seats)
        ]
    )
    return True
