"""Hand studies to pairs of extractors, one pair for each study and form."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from extraction.models.definitions import Form, StudyForm
from extraction.models.entries import EntryAssignment
from extraction.selectors import forms
from extraction.selectors.included import EXTRACTED, Included, included
from extraction.services.definitions import HARMS_SERIES
from reviewapp.audit import audited, tell
from reviewapp.gate import Viewer
from reviewapp.models.reviews import Review
from reviewapp.models.seats import Role, Seat
from reviewapp.pure.assigning import assign
from reviewapp.services.refusals import Gone, Refused
from reviewapp.services.reviews import needs


@audited("extraction.assigned")
def assign_extraction(
    *,
    actor: Viewer,
    form_uid: UUID,
    seats: Sequence[UUID],
    study_uids: Sequence[UUID] | None = None,
    seed: str = "",
) -> list[StudyForm]:
    """Hand studies under a form to pairs of the given extractors: balanced, and reproducible from the seed.

    Only studies that full texts include are handed out; ``None`` takes all that have none of these forms yet. Under
    an extraction form a study that serves harms alone gets the short form for harms series, where the review has it.
    Raises Refused when a named study is not included or handed out already, fewer than two extractors are chosen, or
    nothing is left.
    """
    needs(actor, Role.LEAD)
    review = Review.objects.select_for_update(no_key=True).get(pk=actor.review_id)
    form = forms.form(actor, form_uid)
    if form is None:
        raise Gone(_("There is no such form."))
    chosen = _extractors(actor, seats)
    wanted = _wanted(actor, form, study_uids)
    seed = seed or secrets.token_hex(8)
    made = {str(one.uid): one for one in _study_forms(review, wanted)}
    EntryAssignment.objects.bulk_create(
        [
            EntryAssignment(
                review=review,
                study_form=made[handed.unit],
                author=chosen[handed.seat],
                unit=UUID(handed.unit),
                slot=handed.slot,
            )
            for handed in assign(list(made), list(chosen), seed=seed)
        ]
    )
    told = {"form": form.key, "studies": [one.study.label for one, _form in wanted]}
    tell(actor=actor, subject="form", subject_uid=form.uid, new=told, shared=True)
    # The seed tells who is paired with whom: it stays in the lead's own part of the history.
    tell(actor=actor, subject="form", subject_uid=form.uid, new={"seed": seed})
    return list(made.values())


def _extractors(actor: Viewer, seat_uids: Sequence[UUID]) -> dict[str, Seat]:
    seats = Seat.objects.filter(review_id=actor.review_id, uid__in=list(seat_uids), withdrawn_at__isnull=True)
    chosen = {str(seat.uid): seat for seat in seats if Role.EXTRACTOR in seat.roles}
    if len(chosen) != len(set(seat_uids)):
        raise Gone(_("One of these is not an extractor of this review."))
    if len(chosen) < 2:
        raise Refused(_("Choose at least two extractors."), "seats")
    return chosen


def _wanted(actor: Viewer, form: Form, study_uids: Sequence[UUID] | None) -> list[tuple[Included, Form]]:
    """The studies to hand out, each with the form that its purpose asks for."""
    open_to = included(actor)
    named = list(open_to) if study_uids is None else list(dict.fromkeys(study_uids))
    short = Form.objects.filter(
        review_id=actor.review_id, key=HARMS_SERIES, withdrawn_at__isnull=True
    ).first()
    taken = set(StudyForm.objects.filter(review_id=actor.review_id).values_list("study_id", "form_id"))
    wanted = []
    for uid in named:
        one = open_to.get(uid)
        if one is None or one.purpose not in EXTRACTED:
            if study_uids is None:
                continue
            raise Refused(
                _("Only studies included at full text for their results or harms are extracted."), "studies"
            )
        fitting = (
            short if short and form.kind == form.Kind.EXTRACTION and one.purpose == "harms_only" else form
        )
        if (one.study.pk, fitting.pk) in taken:
            if study_uids is None:
                continue
            raise Refused(_("%(study)s is handed out already.") % {"study": one.study.label}, "studies")
        wanted.append((one, fitting))
    if not wanted:
        raise Refused(_("No included study waits for this form."), "studies")
    return wanted


def _study_forms(review: Review, wanted: Sequence[tuple[Included, Form]]) -> list[StudyForm]:
    return StudyForm.objects.bulk_create(
        [StudyForm(review=review, study=one.study, form=form) for one, form in wanted]
    )
