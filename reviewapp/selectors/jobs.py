"""One's own long work: how far it is. Nobody sees the work that another started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reviewapp.gate import Viewer
from reviewapp.models.jobs import Job

TITLES: dict[str, Any] = {
    "reviewapp.import_batch": gettext_lazy("Bringing a file in"),
    "reviewapp.find_duplicates": gettext_lazy("Looking for duplicates"),
    "synthesis.compute_agreement": gettext_lazy("Computing agreement"),
    "synthesis.compute_summary": gettext_lazy("Computing the summary"),
}
ENDED = {Job.State.DONE.value, Job.State.FAILED.value, Job.State.CANCELLED.value}


@dataclass(frozen=True, slots=True)
class Work:
    """A job as its starter sees it; ``rate`` is items a second while it runs, else None."""

    uid: UUID
    kind: str
    title: str
    state: str
    state_name: str
    done: int
    total: int
    message: str
    rate: float | None
    about: dict[str, Any]

    @property
    def ended(self) -> bool:
        """Tell whether nothing more will happen."""
        return self.state in ENDED

    @property
    def words(self) -> str:
        """Return the message, with the rate while it runs."""
        if self.rate is None:
            return self.message or self.state_name
        return _("%(message)s %(rate)s a second.") % {"message": self.message, "rate": f"{self.rate:,.0f}"}


def _work(job: Job) -> Work:
    rate = None
    if job.state == Job.State.RUNNING and job.started_at and job.done:
        seconds = (timezone.now() - job.started_at).total_seconds()
        rate = job.done / seconds if seconds >= 1 else None
    return Work(
        uid=job.uid,
        kind=job.kind,
        title=str(TITLES.get(job.kind, _("Long work"))),
        state=job.state,
        state_name=str(job.get_state_display()),
        done=job.done,
        total=job.total,
        message=job.message,
        rate=rate,
        about=job.about,
    )


def work(viewer: Viewer, uid: UUID | None) -> Work | None:
    """Return the viewer's own job; None alike for another's, a foreign and a missing one."""
    job = Job.objects.of_author(viewer).filter(uid=uid).first() if uid else None
    return _work(job) if job else None


def running(viewer: Viewer, kind: str = "") -> list[Work]:
    """Return the viewer's own jobs that have not ended, oldest first."""
    rows = Job.objects.of_author(viewer).exclude(state__in=ENDED)
    if kind:
        rows = rows.filter(kind=kind)
    return [_work(job) for job in rows.order_by("made_at", "uid")]
