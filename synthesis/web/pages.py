"""What the pages of this room share: the row of pages, the work that somebody started, and opening the effects."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reviewapp.selectors import jobs
from reviewapp.web.base import ReviewView
from reviewapp.web.jobs import drawn
from synthesis.services.analyses import MAY_DECIDE
from synthesis.services.effects import open_effects

PAGES = (
    ("synthesis", gettext_lazy("Bone density")),
    ("harms", gettext_lazy("Harms")),
    ("analyses", gettext_lazy("Pooling")),
    ("agreement", gettext_lazy("Agreement")),
)
DEMO_PAGES = (("published", gettext_lazy("Published beside computed")),)


class SynthesisView(ReviewView):
    """A page of the synthesis step. ``tab`` is the page of the row that it belongs to."""

    step = "synthesis"
    tab: ClassVar[str] = "synthesis"

    def page(self, template: str, context: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        """Render a page with the row of pages."""
        tabs = [
            {"name": name, "url": reverse(url, args=[self.review.uid]), "current": url == self.tab}
            for url, name in (*PAGES, *(DEMO_PAGES if self.review.is_demo else ()))
        ]
        whole = {"tabs": tabs, "may_decide": self.viewer.has(*MAY_DECIDE), **(context or {})}
        return super().page(template, whole, status)

    def work(self, kind: str) -> dict[str, Any] | None:
        """Return the viewer's own work of a kind as ``_parts/work.html`` draws it: asked for by name, or running."""
        asked = self.request.GET.get("job", "")
        found = jobs.work(self.viewer, _uid(asked)) if asked else None
        if found is not None and (found.kind != kind or found.state == "done"):
            found = None
        if found is None:
            found = next(iter(jobs.running(self.viewer, kind)), None)
        return drawn(self, found) if found else None

    def to_work(self, name: str, job: Any) -> HttpResponseRedirect:
        """Redirect to a page that shows how far a job is."""
        return HttpResponseRedirect(f"{reverse(name, args=[self.review.uid])}?job={job.uid}")


def _uid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


class OpenEffects(SynthesisView):
    """Open the effects: a step that is written down."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Open them and go back to where they were asked for."""
        open_effects(actor=self.viewer)
        self.note(_("The effects are open to you; it is written down that you opened them."))
        return HttpResponseRedirect(self.back(request))

    def back(self, request: HttpRequest) -> str:
        """Return the page that asked, or the summary."""
        found = super().back(request)
        home = reverse("review", args=[self.review.uid])
        return reverse("synthesis", args=[self.review.uid]) if found == home else found


urlpatterns = [path("r/<uuid:review>/synthesis/open/", OpenEffects.as_view(), name="effects_open")]
