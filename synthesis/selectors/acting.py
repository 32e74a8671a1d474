"""Who a worker acts for."""

from __future__ import annotations

from uuid import UUID

from reviewapp.gate import Viewer
from reviewapp.models.jobs import Job
from reviewapp.models.seats import Seat
from reviewapp.selectors.seats import place_of


def starter(job_uid: UUID) -> Viewer:
    """Return the seat that started a job, as the actor of what the job writes; the system itself if it has none.

    Raises Job.DoesNotExist for a job that is not there.
    """
    job = Job.objects.for_system("a worker acts for the seat that started its job").get(uid=job_uid)
    seat = Seat.objects.select_related("review").filter(pk=job.author_id).first()
    if seat is None:
        return Viewer(user_id=None, seat_id=None, review_id=job.review_id)
    return place_of(seat).viewer
