"""Decisions to pool or not: list, decide, and what a pool came to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import path
from django.utils.translation import gettext as _

from reviewapp.services.refusals import Refused
from synthesis.pure.forest_rows import Diamond
from synthesis.pure.poolability import checks
from synthesis.selectors import analyses, comparisons, effects, pooled, summaries
from synthesis.selectors.comparisons import Comparison
from synthesis.services import analyses as services
from synthesis.web.pages import SynthesisView
from synthesis.web.plots import drawn_forest

ERRORS = ("name", "choice", "reasons", "why", "months")


class Analyses(SynthesisView):
    """Every decision, the latest version of each."""

    tab = "analyses"

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them."""
        found = summaries.summary(self.viewer)
        change = found.change if found else None
        context = {"analyses": analyses.analyses(self.viewer, change), "found": found}
        return self.page("synthesis/analyses.html", context)


class NewAnalysis(SynthesisView):
    """Choose what to compare, see which studies that takes (not what they found), and decide."""

    tab = "analyses"
    roles = tuple(services.MAY_DECIDE)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the fields; with a comparison in the address, also the studies that it takes."""
        return self._show(request.GET)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store the decision."""
        try:
            row = services.decide(
                actor=self.viewer,
                name=request.POST.get("name", ""),
                comparison=comparison_from(request.POST),
                choice=request.POST.get("choice", ""),
                reasons=request.POST.getlist("reasons"),
                why=request.POST.get("why", ""),
            )
        except Refused as refused:
            return self._show(request.POST, refused, 400)
        if row.choice == row.Choice.POOL:
            self.note(_("Pooled. The decision and its reason are stored."))
        else:
            self.note(_("Not pooled. The decision and its reasons are stored."))
        return self.go("analysis", row.uid)

    def _show(self, typed: QueryDict, refused: Refused | None = None, status: int = 200) -> HttpResponse:
        found = summaries.summary(self.viewer)
        if found is None:
            return self.page("synthesis/analysis_new.html", {"found": None})
        try:
            wanted = comparison_from(typed)
        except Refused as wrong:
            wanted, refused, status = Comparison(), wrong, 400
        asked = any(key in typed for key in ("measure", "estimand", "site", "choice"))
        taken = comparisons.chosen(found.change, wanted) if asked else ()
        context = {
            "found": found,
            "choices": comparisons.choices(found.change),
            "designs": comparisons.DESIGNS.items(),
            "reason_choices": comparisons.REASONS.items(),
            "wanted": wanted,
            "typed": {name: typed.get(name, "") for name in ("name", "choice", "why")},
            "typed_reasons": typed.getlist("reasons"),
            "asked": asked,
            "taken": pooled.characteristics(taken, found.studies),
            "checks": checks(taken, mix_designs=wanted.mix_designs) if asked else None,
            "facts": analyses.facts(wanted),
            "seen": effects.opened_by_anyone(self.viewer),
            "error": refused.message if refused else "",
            "error_field": refused.field if refused else "",
        }
        return self.page("synthesis/analysis_new.html", context, status)


def comparison_from(typed: QueryDict) -> Comparison:
    """Read a comparison from a form or an address. Raises Refused for months that are no number."""
    return Comparison(
        measure=typed.get("measure", ""),
        estimand=typed.get("estimand", ""),
        site=typed.get("site", ""),
        months_from=_months(typed.get("months_from", "")),
        months_to=_months(typed.get("months_to", "")),
        classes=tuple(one for one in typed.getlist("classes") if one),
        drugs=tuple(one for one in typed.getlist("drugs") if one),
        design=typed.get("design", "") if typed.get("design", "") in comparisons.DESIGNS else "",
        mix_designs=typed.get("mix_designs", "") == "1",
    )


def _months(text: str) -> float | None:
    if not text.strip():
        return None
    try:
        months = float(text)
    except ValueError as wrong:
        raise Refused(_("Give months as a number."), "months") from wrong
    if not 0 <= months <= 1200:
        raise Refused(_("Give months between 0 and 1,200."), "months")
    return months


class OneAnalysis(SynthesisView):
    """One decision: what was compared, what was decided, by whom, and what the pool came to."""

    tab = "analyses"

    def get(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Show it; a pooled result stays closed until the viewer opens the effects."""
        found = summaries.summary(self.viewer)
        one = analyses.analysis(self.viewer, uid, found.change if found else None)
        if one is None:
            raise Http404
        context: dict[str, Any] = {
            "one": one,
            "versions": analyses.versions(self.viewer, one.row.name),
            "opened": effects.opened(self.viewer),
            "again": _again(one),
        }
        if one.pooled is not None and context["opened"]:
            view = pooled.view(one.pooled.result, one.row.name)
            context |= {"pool": view, "figure": drawn_forest(_with_diamond(view))}
        return self.page("synthesis/analysis.html", context)

    def post(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Compute a pool again, or withdraw the analysis."""
        if "withdraw" in request.POST:
            services.withdraw(actor=self.viewer, uid=uid, why=request.POST.get("why", ""))
            self.note(_("The analysis was withdrawn."))
            return self.go("analyses")
        services.compute_again(actor=self.viewer, uid=uid)
        self.note(_("Computed from the final values as they are now."))
        return self.go("analysis", uid)


def _again(one: analyses.AnalysisView) -> str:
    """The address part that opens the same comparison again."""
    wanted = {key: value for key, value in one.comparison.json.items() if value and key != "kind"}
    wanted |= {"name": one.row.name, "measure": one.comparison.measure}
    if wanted.pop("mix_designs", False):
        wanted["mix_designs"] = "1"
    return urlencode(wanted, doseq=True)


def _with_diamond(view: pooled.PoolView) -> Any:
    """The forest of the pooled studies with its diamond."""
    diamond = Diamond(
        label=_("Pooled, random effects"),
        value=view.estimate,
        ci=view.ci,
        prediction=view.prediction,
        rule=view.rule,
    )
    panels = tuple(replace(panel, diamond=diamond) for panel in view.forest.panels[:1])
    return replace(view.forest, panels=panels)


urlpatterns = [
    path("r/<uuid:review>/synthesis/analyses/", Analyses.as_view(), name="analyses"),
    path("r/<uuid:review>/synthesis/analyses/new/", NewAnalysis.as_view(), name="analysis_new"),
    path("r/<uuid:review>/synthesis/analyses/<uuid:uid>/", OneAnalysis.as_view(), name="analysis"),
]
