"""The history of a review, as far as the reader may know it."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import path

from reviewapp.selectors import history
from reviewapp.web.base import ReviewView


class History(ReviewView):
    """Who did what, when, old and new, and why."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of events."""
        known = history.verbs(self.viewer)
        verb = request.GET.get("verb", "")
        verb = verb if verb in known else ""
        mine = request.GET.get("mine") == "1"
        page = Paginator(history.events(self.viewer, verb=verb, mine=mine), history.PAGE).get_page(
            request.GET.get("page")
        )
        return self.page("reviewapp/history.html", {"page": page, "verbs": known, "verb": verb, "mine": mine})


urlpatterns = [path("r/<uuid:review>/history/", History.as_view(), name="history")]
