"""Bring a file of citations into the review: stored at once, read by a worker, visible all together or not at all.

The worker's part is in ``bringing``.
"""

from __future__ import annotations

import hashlib
from pathlib import PurePath
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files import File
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from reviewapp import jobs
from reviewapp.audit import audited, tell
from reviewapp.gate import Viewer
from reviewapp.models.jobs import Job
from reviewapp.models.records import ImportBatch, Membership, Record, Source
from reviewapp.models.rounds import Assignment
from reviewapp.models.seats import Role
from reviewapp.pure import citations as reader
from reviewapp.services.bringing import bring_in
from reviewapp.services.grouping import lock, rebuild
from reviewapp.services.refusals import Gone, Refused
from reviewapp.services.reviews import needs
from reviewapp.services.sources import source_of

__all__ = ["batch_of", "bring_in", "cancel", "read_again", "start", "sweep", "withdraw"]
State = ImportBatch.State


def _hash(content: File[bytes]) -> str:
    digest = hashlib.sha256()
    for block in content.chunks():
        digest.update(block)
    content.seek(0)
    return digest.hexdigest()


def _refuse_repeat(source: Source, sha256: str) -> None:
    earlier = ImportBatch.objects.filter(
        source=source, sha256=sha256, state__in=[State.STAGED, State.VISIBLE]
    ).first()
    if earlier is None:
        return
    raise Refused(
        _("The same file was already brought in from %(source)s on %(day)s, as %(name)s. Nothing was stored.")
        % {"source": source.name, "day": date_format(earlier.made_at, "j M Y"), "name": earlier.file_name},
        "file",
    )


@audited("import.started")
def start(
    *, actor: Viewer, source_uid: UUID, name: str, content: File[bytes], read_as: str = ""
) -> ImportBatch:
    """Store a file and start reading it. Refused: no curator, too large, empty, or these bytes came from this source."""
    needs(actor, Role.CURATOR, Role.LEAD)
    source = source_of(actor, source_uid)
    name = PurePath(name.replace("\\", "/")).name[:255] or "file"
    if not content.size:
        raise Refused(_("%(name)s is empty.") % {"name": name}, "file")
    if content.size > settings.UPLOAD_LIMIT:
        raise Refused(
            _("%(name)s has %(size)d MB; a file may have %(most)d MB.")
            % {"name": name, "size": content.size >> 20, "most": settings.UPLOAD_LIMIT >> 20},
            "file",
        )
    if read_as and read_as not in reader.READABLE:
        raise Refused(_("There is no such format."), "read_as")
    sha256 = _hash(content)
    lock(actor.review_id)
    _refuse_repeat(source, sha256)
    batch = ImportBatch(
        uid=uuid4(),
        review_id=actor.review_id,
        source=source,
        file_name=name,
        sha256=sha256,
        size=content.size,
        read_as=read_as,
    )
    batch.file.save(f"{batch.uid}{PurePath(name).suffix[:12].lower()}", content, save=False)
    return _begin(actor, batch)


def _begin(actor: Viewer, batch: ImportBatch) -> ImportBatch:
    job = jobs.start("reviewapp.import_batch", actor=actor, about={"batch": str(batch.uid)})
    batch.job = job.uid
    batch.save(force_insert=True)
    tell(
        actor=actor,
        subject="import",
        subject_uid=batch.uid,
        new={"file": batch.file_name, "sha256": batch.sha256, "bytes": batch.size, "read_as": batch.read_as},
        shared=True,
    )
    return batch


def batch_of(actor: Viewer, uid: UUID) -> ImportBatch:
    """Return an import of the actor's review, its row held. Raises Gone for any other."""
    batch = (
        ImportBatch.objects.select_for_update(of=("self",))
        .select_related("source")
        .filter(review_id=actor.review_id, uid=uid)
        .first()
    )
    if batch is None:
        raise Gone(_("There is no such import."))
    return batch


@audited("import.started_again")
def read_again(*, actor: Viewer, batch_uid: UUID, read_as: str = "") -> ImportBatch:
    """Read the stored file of a refused or cancelled import once more, as another format if one is named."""
    needs(actor, Role.CURATOR, Role.LEAD)
    old = batch_of(actor, batch_uid)
    if old.state not in {State.REFUSED, State.CANCELLED}:
        raise Refused(_("This file was not refused."))
    if read_as and read_as not in reader.READABLE:
        raise Refused(_("There is no such format."), "read_as")
    lock(actor.review_id)
    source_of(actor, old.source.uid)
    _refuse_repeat(old.source, old.sha256)
    batch = ImportBatch(
        uid=uuid4(),
        review_id=actor.review_id,
        source=old.source,
        file_name=old.file_name,
        file=old.file.name,
        sha256=old.sha256,
        size=old.size,
        read_as=read_as,
    )
    return _begin(actor, batch)


@audited("import.cancelled")
def cancel(*, actor: Viewer, batch_uid: UUID) -> ImportBatch:
    """Stop an import that is still being read; nothing of it will show. Only the seat that started it can."""
    needs(actor, Role.CURATOR, Role.LEAD)
    batch = batch_of(actor, batch_uid)
    if batch.state != State.STAGED or batch.job is None:
        raise Refused(_("This file is no longer being read."))
    if not jobs.ask_to_cancel(batch.job, actor=actor):
        raise Refused(_("Only the seat that started this import can stop it, and only while it runs."))
    _mark(batch, State.CANCELLED)
    tell(actor=actor, subject="import", subject_uid=batch.uid, shared=True)
    return batch


@audited("import.withdrawn")
def withdraw(*, actor: Viewer, batch_uid: UUID, why: str) -> ImportBatch:
    """Take a file out of the review again, with a reason: its copies no longer count; nothing is erased.

    A record that has copies from other files stays, without this one's. Refused if a record that would go is in a
    round.
    """
    needs(actor, Role.CURATOR, Role.LEAD)
    batch = batch_of(actor, batch_uid)
    if batch.state != State.VISIBLE:
        raise Refused(_("This file is not in the review."))
    if not why.strip():
        raise Refused(_("Say why the file is withdrawn."), "why")
    lock(actor.review_id)
    records = Record.objects.filter(
        pk__in=Membership.objects.filter(citation__batch=batch, is_current=True).values("record_id")
    )
    others = (
        Membership.objects.filter(is_current=True, citation__batch__state=State.VISIBLE, record__in=records)
        .exclude(citation__batch=batch)
        .values("record_id")
    )
    in_rounds = Assignment.objects.for_system("whether a record is in a round; carries no answer").filter(
        review_id=actor.review_id, record__in=records.exclude(pk__in=others)
    )
    if in_rounds.exists():
        raise Refused(
            _("Records of this file alone are in a screening round; the file cannot be withdrawn any more.")
        )
    batch.withdrawn_at, batch.withdrawn_why = timezone.now(), why.strip()
    batch.save(update_fields=["withdrawn_at", "withdrawn_why"])
    _mark(batch, State.WITHDRAWN)
    rebuild(Record.objects.filter(pk__in=others))
    tell(actor=actor, subject="import", subject_uid=batch.uid, why=why.strip(), shared=True)
    return batch


def _mark(batch: ImportBatch, state: str) -> None:
    batch.state = state
    batch.save(update_fields=["state"])


def sweep() -> int:
    """End the imports whose job has ended without them (given up, or stopped before it began); returns how many."""
    ended = 0
    for batch in ImportBatch.objects.select_related("source").filter(state=State.STAGED, job__isnull=False):
        job = (
            Job.objects.for_system("an import whose job has ended is ended too")
            .filter(uid=batch.job, state__in=[Job.State.FAILED, Job.State.CANCELLED])
            .first()
        )
        if job is not None:
            _end(batch=batch, failed=job.state == Job.State.FAILED, message=job.message)
            ended += 1
    return ended


@audited("import.ended")
def _end(*, batch: ImportBatch, failed: bool, message: str) -> None:
    if failed:
        batch.refusal = _("%(name)s could not be brought in: %(why)s") % {
            "name": batch.file_name,
            "why": message,
        }
        batch.save(update_fields=["refusal"])
    _mark(batch, State.REFUSED if failed else State.CANCELLED)
    system = Viewer(user_id=None, seat_id=None, review_id=batch.review_id)
    tell(actor=system, subject="import", subject_uid=batch.uid, new={"state": batch.state}, shared=True)
