"""Stop one's own long work."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from reviewapp import jobs
from reviewapp.audit import audited, tell
from reviewapp.gate import Viewer
from reviewapp.models.jobs import Job
from reviewapp.services.refusals import Gone, Refused


@audited("job.cancelled")
def cancel(*, actor: Viewer, job_uid: UUID) -> None:
    """Ask the actor's own job to stop. Raises Gone for any other's, Refused when it has ended."""
    if not Job.objects.of_author(actor).filter(uid=job_uid).exists():
        raise Gone(_("There is no such work."))
    if not jobs.ask_to_cancel(job_uid, actor=actor):
        raise Refused(_("This work has ended already."))
    tell(actor=actor, subject="job", subject_uid=job_uid)
