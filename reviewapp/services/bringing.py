"""The worker's part of an import: read a file, stage its citations in short transactions, show them all at once.

A run that was killed is taken up where it stopped: a position that is stored is never stored again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from time import monotonic

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from reviewapp import jobs
from reviewapp.audit import audited, tell
from reviewapp.gate import Viewer
from reviewapp.models.jobs import Job
from reviewapp.models.records import Citation, ImportBatch, Membership, Record
from reviewapp.models.seats import Seat
from reviewapp.pure import citations as reader
from reviewapp.selectors.seats import place_of
from reviewapp.services.grouping import copy_of, projection
from reviewapp.services.staging import row_of

State = ImportBatch.State
FIRST_CHUNK = 200
CHUNK_SECONDS = 0.25
CHUNK_LEAST, CHUNK_MOST = 20, 1000
LOOK_UP_EVERY = 5000


def starter(running: jobs.Running) -> Viewer:
    """Return the seat that started a job, as the actor of what the job writes."""
    job = Job.objects.for_system("a worker acts for the seat that started its job").get(uid=running.uid)
    seat = Seat.objects.select_related("review").filter(pk=job.author_id).first()
    if seat is None:
        return Viewer(user_id=None, seat_id=None, review_id=running.review_id)
    return place_of(seat).viewer


def bring_in(running: jobs.Running) -> str:
    """Read, stage and show one file; safe to run again after it was killed. Returns the closing message.

    Raises jobs.Hopeless with the refusal when the file cannot be read; nothing of it is stored then.
    """
    batch = ImportBatch.objects.select_related("source").get(
        review_id=running.review_id, uid=running.about["batch"]
    )
    if batch.state == State.CANCELLED:
        raise jobs.Cancelled
    if batch.state != State.STAGED:
        return str(batch.get_state_display())
    running.progress(0, message=_("Reading %(name)s.") % {"name": batch.file_name})
    with batch.file.open("rb") as file:
        data = file.read()
    try:
        account = _go_through(running, batch, data)
    except reader.UnreadableFile as bad:
        _refuse(running=running, batch=batch, bad=bad)
        raise jobs.Hopeless(bad.message) from bad
    _stage_all(running, batch, _read(batch, data, [], [])[2], account.total)
    _show(running=running, batch=batch, account=account)
    return _("%(count)d citations of %(name)s are in the review.") % {
        "count": account.total,
        "name": batch.file_name,
    }


@dataclass(slots=True)
class _Account:
    """What a file holds, known before anything of it is stored."""

    format: str
    encoding: str
    total: int
    problems: list[reader.Problem]
    skipped: list[reader.Problem]


def _read(
    batch: ImportBatch, data: bytes, problems: list[reader.Problem], skipped: list[reader.Problem]
) -> tuple[str, str, Iterator[reader.Citation]]:
    return reader.stream(
        data,
        batch.file_name,
        batch.read_as or None,
        limits=reader.Limits(file_bytes=settings.UPLOAD_LIMIT, records=settings.RECORD_LIMIT),
        problems=problems,
        skipped=skipped,
    )


def _go_through(running: jobs.Running, batch: ImportBatch, data: bytes) -> _Account:
    """Read the whole file once and keep none of it, so that a file with a fault at its end stores nothing."""
    problems: list[reader.Problem] = []
    skipped: list[reader.Problem] = []
    kind, encoding, found = _read(batch, data, problems, skipped)
    total = 0
    for total, _citation in enumerate(found, start=1):
        if total % LOOK_UP_EVERY == 0:
            running.progress(total)
    if not total and not skipped:
        raise reader.UnreadableFile(
            _("%(name)s: no record was found (read as %(format)s).")
            % {"name": batch.file_name, "format": reader.NAMES[kind]},
            code="E_NO_RECORDS",
        )
    return _Account(kind, encoding, total, problems, skipped)


def _stage_all(
    running: jobs.Running, batch: ImportBatch, found: Iterator[reader.Citation], total: int
) -> None:
    """Store the citations chunk by chunk; the chunk grows or shrinks to keep each transaction short."""
    done, size = 0, FIRST_CHUNK
    message = _("Storing %(name)s.") % {"name": batch.file_name}
    while chunk := list(islice(found, size)):
        running.progress(done, total, message)
        began = monotonic()
        _stage(running, batch, chunk)
        done += len(chunk)
        pace = CHUNK_SECONDS / max(monotonic() - began, 0.001)
        size = max(CHUNK_LEAST, min(CHUNK_MOST, int(size * min(pace, 2))))
    running.progress(total, total)


@transaction.atomic
def _stage(running: jobs.Running, batch: ImportBatch, chunk: Sequence[reader.Citation]) -> None:
    """Store one chunk in one transaction: citation, record and membership together, each position once."""
    running.check()
    held = ImportBatch.objects.select_for_update().filter(pk=batch.pk, state=State.STAGED).exists()
    if not held:
        raise jobs.Cancelled
    there = set(
        Citation.objects.filter(
            review_id=batch.review_id,
            batch=batch,
            position__range=(chunk[0].position, chunk[-1].position),
        ).values_list("position", flat=True)
    )
    rows = Citation.objects.bulk_create(
        [row_of(citation, batch) for citation in chunk if citation.position not in there], batch_size=200
    )
    records = Record.objects.bulk_create(
        [
            Record(review_id=batch.review_id, batch=batch, **projection([copy_of(row, batch.source)]))
            for row in rows
        ],
        batch_size=200,
    )
    Membership.objects.bulk_create(
        [
            Membership(review_id=batch.review_id, citation=row, record=record)
            for row, record in zip(rows, records, strict=True)
        ],
        batch_size=500,
    )


@audited("import.refused")
def _refuse(*, running: jobs.Running, batch: ImportBatch, bad: reader.UnreadableFile) -> None:
    running.check()
    words = bad.message
    if batch.file_name not in words:
        words = f"{batch.file_name}: {words}"
    if bad.line is not None and str(bad.line) not in words:
        words = _("%(words)s (line %(line)d)") % {"words": words, "line": bad.line}
    batch.refusal = words
    batch.problems = [
        {"line": bad.line, "code": bad.code, "message": bad.message, "looks_like": bad.looks_like}
    ]
    batch.state = State.REFUSED
    batch.save(update_fields=["refusal", "problems", "state"])
    tell(actor=starter(running), subject="import", subject_uid=batch.uid, new={"why": words}, shared=True)


@audited("import.finished")
def _show(*, running: jobs.Running, batch: ImportBatch, account: _Account) -> None:
    """Make the whole batch visible by one row change, and have its duplicates looked for."""
    running.check()
    if not ImportBatch.objects.select_for_update().filter(pk=batch.pk, state=State.STAGED).exists():
        raise jobs.Cancelled
    counts = Citation.objects.filter(review_id=batch.review_id, batch=batch).aggregate(
        citations=Count("pk"), records=Count("memberships__record")
    )
    if not counts["citations"] == counts["records"] == account.total:
        raise RuntimeError(f"{counts} stored of {account.total} citations read")
    batch.format, batch.encoding = account.format, account.encoding
    batch.stored = counts["citations"]
    batch.found = account.total + len(account.skipped)
    batch.problems = [asdict(problem) for problem in account.problems]
    batch.skipped = [asdict(problem) for problem in account.skipped]
    batch.state = State.VISIBLE
    batch.save(update_fields=["format", "encoding", "stored", "found", "problems", "skipped", "state"])
    actor = starter(running)
    tell(
        actor=actor,
        subject="import",
        subject_uid=batch.uid,
        new={
            "found": batch.found,
            "stored": batch.stored,
            "format": batch.format,
            "encoding": batch.encoding,
        },
        shared=True,
    )
    jobs.start("reviewapp.find_duplicates", actor=actor, about={"after": str(batch.uid)})
