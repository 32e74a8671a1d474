"""Figures: drawn by the plots of the house, shown in a page or downloaded as a file."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from synthesis.pure.change import ChangeSummary
from synthesis.pure.forest_rows import Forest
from synthesis.pure.plots import PlotInput, find
from synthesis.pure.plots.forest import draw_forest
from synthesis.selectors import effects, summaries
from synthesis.selectors.change_rows import changes_only
from synthesis.web.pages import SynthesisView

Pair = dict[str, SafeString]


def drawn_plot(name: str, summary: ChangeSummary, title: str) -> Pair:
    """Return a registered plot for a page, wide and narrow. Raises Http404 for a name that no plot has."""
    return {
        side: mark_safe(plot_text(name, summary, title, ident=f"{name}-{side}", wide=side == "wide"))  # noqa: S308
        for side in ("wide", "narrow")
    }


def plot_text(name: str, summary: ChangeSummary, title: str, *, ident: str, wide: bool = True) -> str:
    """Return a registered plot as SVG text, in which every text is escaped."""
    plot = find(name)
    if plot is None:
        raise Http404
    favours = (_("control"), _("intervention"))
    return plot.draw(PlotInput(summary=summary, title=title, ident=ident, favours=favours), wide)


def drawn_forest(forest: Forest) -> Pair:
    """Return a forest plot for a page, wide and narrow."""
    return {
        side: mark_safe(draw_forest(replace(forest, ident=f"{forest.ident}-{side}"), wide=side == "wide"))  # noqa: S308
        for side in ("wide", "narrow")
    }


class Figure(SynthesisView):
    """One figure of the summary as an SVG file."""

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        """Send it; without opened effects or a summary there is none."""
        found = summaries.summary(self.viewer) if find(name) and effects.opened(self.viewer) else None
        if found is None:
            raise Http404
        change = changes_only(found.change)
        text = plot_text(name, change, _("Change with the intervention against control"), ident=name)
        response = HttpResponse(text, content_type="image/svg+xml; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}.svg"'
        return response


urlpatterns = [path("r/<uuid:review>/synthesis/figures/<str:name>.svg", Figure.as_view(), name="figure")]
