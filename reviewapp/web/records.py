"""The records of a review: the list with its search, and one record with every copy as it came."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from reviewapp.models.records import Record
from reviewapp.selectors import importing, records
from reviewapp.selectors.seats import may_curate
from reviewapp.services.people import uid_of
from reviewapp.services.refusals import Gone
from reviewapp.web.base import ReviewView

PAGE = 50


def uid_or_none(text: str) -> UUID | None:
    """Read an id from a query string; anything else is no id."""
    try:
        return uid_of(text)
    except Gone:
        return None


class Records(ReviewView):
    """The live records, searched and filtered, 50 a page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of them."""
        words = request.GET.get("q", "")[:200]
        source, via = uid_or_none(request.GET.get("source", "")), request.GET.get("via", "")
        found = records.records(self.viewer, words=words, source=source, via=via)
        page = Paginator(found, PAGE).get_page(request.GET.get("page"))
        copies = records.copy_counts(list(page.object_list))
        context = {
            "page": page,
            "rows": [(record, copies.get(record.uid, 0)) for record in page.object_list],
            "q": words,
            "source": source,
            "via": via,
            "vias": Record.Via.choices,
            "sources": importing.named_sources(self.viewer),
        }
        return self.page("reviewapp/records.html", context)


class RecordPage(ReviewView):
    """One record, its copies with their raw text, and how it came to be one."""

    def get(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Show it."""
        found = records.record(self.viewer, uid)
        if found is None:
            raise Http404
        context = {"shown": found, "record": found.record, "may_curate": may_curate(self.viewer)}
        return self.page("reviewapp/record.html", context)


urlpatterns = [
    path("r/<uuid:review>/records/", Records.as_view(), name="records"),
    path("r/<uuid:review>/records/<uuid:uid>/", RecordPage.as_view(), name="record"),
]
