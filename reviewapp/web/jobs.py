"""One's own long work: a page that can be left, a part that asks again, a way to stop it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from reviewapp.selectors import jobs
from reviewapp.services import work as services
from reviewapp.web.base import ReviewView


def drawn(
    view: ReviewView, work: jobs.Work, *, cancel: str = "job_cancel", about: UUID | None = None
) -> dict[str, Any]:
    """Return a job as ``_parts/work.html`` draws it. ``cancel`` names the URL that stops it, ``about`` its object."""
    review = view.review.uid
    shown = {
        "uid": work.uid,
        "title": work.title,
        "state": work.state,
        "ended": work.ended,
        "done": work.done,
        "total": work.total,
        "words": work.words,
        "poll_url": reverse("job_progress", args=[review, work.uid]),
        "page_url": reverse("job", args=[review, work.uid]),
        "cancel_url": reverse(cancel, args=[review, about or work.uid]),
    }
    batch = work.about.get("batch")
    if batch:
        shown |= {"url": reverse("batch", args=[review, batch]), "action": _("See the import report")}
        shown["cancel_url"] = reverse("batch_cancel", args=[review, batch])
    elif work.kind == "reviewapp.find_duplicates":
        shown |= {"url": reverse("duplicates", args=[review]), "action": _("See the duplicates")}
    return shown


class JobPage(ReviewView):
    """One's own job; another's gives the same 404 as none."""

    def get(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Show it."""
        work = jobs.work(self.viewer, uid)
        if work is None:
            raise Http404
        return self.page("reviewapp/job.html", {"work": drawn(self, work), "job": work})


class JobProgress(ReviewView):
    """The part of a page that asks again every second; when the work has ended the page is loaded anew."""

    def get(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Answer the part alone."""
        work = jobs.work(self.viewer, uid)
        if work is None:
            raise Http404
        response = render(request, "_parts/work.html", {"work": drawn(self, work)})
        if work.ended:
            response.headers["HX-Refresh"] = "true"
        return response


class CancelJob(ReviewView):
    """Stop one's own job."""

    def post(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Ask it to stop."""
        services.cancel(actor=self.viewer, job_uid=uid)
        self.note(_("It stops as soon as it can."))
        return self.go("job", uid)


urlpatterns = [
    path("r/<uuid:review>/jobs/<uuid:uid>/", JobPage.as_view(), name="job"),
    path("r/<uuid:review>/jobs/<uuid:uid>/progress/", JobProgress.as_view(), name="job_progress"),
    path("r/<uuid:review>/jobs/<uuid:uid>/cancel/", CancelJob.as_view(), name="job_cancel"),
]
