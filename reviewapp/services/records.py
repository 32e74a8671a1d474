"""What a curator says of records beside what their copies say."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from reviewapp.audit import audited, nothing_written, tell
from reviewapp.gate import Viewer
from reviewapp.models.records import Record
from reviewapp.models.seats import Role
from reviewapp.services.refusals import Gone
from reviewapp.services.reviews import needs

LONGEST_NOTE = 200


@audited("records.abstracts_noted")
def note_abstracts(*, actor: Viewer, notes: Mapping[UUID, str]) -> int:
    """Say of records (by uid) what their abstract is; the words stand above the abstract wherever it is read.

    For an abstract that is not the authors' own. Returns how many records changed. Raises Gone for a record that is
    not in the review.
    """
    needs(actor, Role.CURATOR, Role.LEAD)
    found = Record.objects.filter(review_id=actor.review_id, uid__in=list(notes)).only(
        "pk", "uid", "abstract_note"
    )
    rows = {record.uid: record for record in found}
    if len(rows) < len(notes):
        raise Gone(_("There is no such record."))
    changed = []
    for uid, words in notes.items():
        note = words.strip()[:LONGEST_NOTE]
        if rows[uid].abstract_note != note:
            rows[uid].abstract_note = note
            changed.append(rows[uid])
    if not changed:
        nothing_written()
        return 0
    Record.objects.bulk_update(changed, ["abstract_note"], batch_size=200)
    tell(
        actor=actor,
        subject="records",
        new={"abstract_notes": {str(record.uid): record.abstract_note for record in changed}},
        shared=True,
    )
    return len(changed)
