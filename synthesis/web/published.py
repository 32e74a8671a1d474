"""Published beside computed: the statements of the worked review, in the demo alone."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from synthesis.selectors.published import published
from synthesis.web.pages import SynthesisView


class Published(SynthesisView):
    """What was published, as published, beside what the facts and the final values give."""

    tab = "published"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it in a demo review; anywhere else there is no such page."""
        found = published(self.viewer)
        if found is None:
            raise Http404
        return self.page("synthesis/published.html", {"found": found})


urlpatterns = [path("r/<uuid:review>/synthesis/published/", Published.as_view(), name="published")]
