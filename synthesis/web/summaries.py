"""The summary: characteristics before effects, the change table, the figure, and the harms."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reviewapp.services.refusals import NotAllowed, Refused
from synthesis.pure.rows import MEASURES
from synthesis.selectors import analyses, change_rows, effects, inputs, summaries
from synthesis.services import summaries as services
from synthesis.web.pages import SynthesisView
from synthesis.web.plots import drawn_plot

SHOWN: dict[str, Any] = {
    "all": gettext_lazy("All measures"),
    "percent": gettext_lazy("Percent change"),
    "z": gettext_lazy("Z-score"),
    "absolute": gettext_lazy("In the unit of the measure"),
    "words": gettext_lazy("In words or p only"),
}


class Summaries(SynthesisView):
    """What the studies are, what they have, and, once opened, what they found."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it as it was computed, and say when the final values have changed since."""
        found = summaries.summary(self.viewer)
        context: dict[str, Any] = {"found": found, "work": self.work(services.TASK)}
        if found is not None:
            context |= {
                "availability": summaries.availability(found),
                "left_out": summaries.left_out(self.viewer),
                "analyses": analyses.analyses(self.viewer),
                "opened": effects.opened(self.viewer),
            }
            if context["opened"]:
                context |= self._effects(request, found)
        return self.page("synthesis/summary.html", context)

    def _effects(self, request: HttpRequest, found: summaries.Summary) -> dict[str, Any]:
        asked = request.GET.get("show", "all")
        show: change_rows.Show = next((one for one in change_rows.SHOWN if one == asked), "all")
        places = change_rows.sites(found.change)
        site = request.GET.get("site", "")
        site = site if site in places else ""
        change = change_rows.filtered(found.change, show=show, site=site)
        here = reverse("synthesis", args=[self.review.uid])
        return {
            "blocks": change_rows.blocks(change, found.studies),
            "finals": change_rows.blocks(change, found.studies, final=True),
            "figure": drawn_plot(
                "forest", change_rows.changes_only(change), _("Change with the intervention against control")
            ),
            "filters": [
                {
                    "name": name,
                    "url": f"{here}?{urlencode({'show': key, 'site': site})}#change",
                    "on": key == show,
                }
                for key, name in SHOWN.items()
            ],
            "show": show,
            "sites": places,
            "site": site,
            "figure_url": reverse("figure", args=[self.review.uid, "forest"]),
        }

    def post(self, request: HttpRequest) -> HttpResponse:
        """Compute the summary from the final values as they are now."""
        return self.to_work("synthesis", services.ask(actor=self.viewer))


class Harms(SynthesisView):
    """Harms by category: arms of comparisons, and case series apart."""

    tab = "harms"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        found = summaries.summary(self.viewer)
        silent: list[str] = []
        if found is not None:
            silent = [label for label in found.harms.without_harms if label not in found.without_values]
        context = {
            "found": found,
            "silent": silent,
            "opened": effects.opened(self.viewer),
            "work": self.work(services.TASK),
        }
        return self.page("synthesis/harms.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Compute the summary anew."""
        return self.to_work("harms", services.ask(actor=self.viewer))


class Correlations(SynthesisView):
    """The correlations of two visits: what the studies allow, and what the team set."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        return self._show(
            [
                {"measure": one.measure, "r": f"{one.r:g}", "source": one.source}
                for one in inputs.correlations(self.viewer)
            ]
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Set them; a row without r is left out."""
        names = ("measure", "r", "source")
        columns = [request.POST.getlist(name) for name in names]
        typed = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=False)]
        try:
            items = [(row["measure"], _number(row["r"]), row["source"]) for row in typed if row["r"].strip()]
            services.set_correlations(actor=self.viewer, items=items)
        except NotAllowed:
            raise
        except Refused as refused:
            return self._show(typed, refused.message, 400)
        self.note(_("Stored. Compute the summary again to use them."))
        return self.go("synthesis")

    def _show(self, rows: list[dict[str, str]], error: str = "", status: int = 200) -> HttpResponse:
        found = summaries.summary(self.viewer)
        given = {row["measure"]: row for row in rows}
        context = {
            "found": found.found if found else (),
            "rows": [
                {
                    "key": key,
                    "name": name if unit == "Z" else f"{name}, {unit}",
                    **given.get(key, {"r": "", "source": ""}),
                }
                for key, (name, unit) in MEASURES.items()
            ],
            "error": error,
        }
        return self.page("synthesis/correlations.html", context, status)


def _number(text: str) -> float:
    try:
        return float(text.strip().replace("\u2212", "-"))
    except ValueError as wrong:
        raise Refused(_("Write the correlation as a number, such as 0.85."), "r") from wrong


urlpatterns = [
    path("r/<uuid:review>/synthesis/", Summaries.as_view(), name="synthesis"),
    path("r/<uuid:review>/synthesis/harms/", Harms.as_view(), name="harms"),
    path("r/<uuid:review>/synthesis/correlations/", Correlations.as_view(), name="correlations"),
]
