"""Agreement, the summary of the final values, harms, and the decisions to pool."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from reviewapp.api.base import ReviewAPI
from reviewapp.services.refusals import Gone, NotAllowed
from synthesis.selectors import agreement_view, analyses, effects, snapshots, summaries
from synthesis.selectors.comparisons import Comparison
from synthesis.selectors.freezing import freeze
from synthesis.services import agreement as agreement_services
from synthesis.services import analyses as analysis_services
from synthesis.services import summaries as summary_services
from synthesis.services.effects import open_effects

ANY = {200: dict}


class ComparisonIn(serializers.Serializer[Any]):
    """What is compared; what is left out takes everything."""

    measure = serializers.CharField(required=False, allow_blank=True, default="")
    estimand = serializers.CharField(required=False, allow_blank=True, default="")
    site = serializers.CharField(required=False, allow_blank=True, default="")
    months_from = serializers.FloatField(
        required=False, allow_null=True, default=None, min_value=0, max_value=1200
    )
    months_to = serializers.FloatField(
        required=False, allow_null=True, default=None, min_value=0, max_value=1200
    )
    classes = serializers.ListField(child=serializers.CharField(), required=False, default=list)
    drugs = serializers.ListField(child=serializers.CharField(), required=False, default=list)
    design = serializers.ChoiceField(choices=["", "randomised", "non_randomised"], required=False, default="")
    mix_designs = serializers.BooleanField(required=False, default=False)


class AnalysisIn(serializers.Serializer[Any]):
    """A decision."""

    name = serializers.CharField(max_length=300)
    choice = serializers.ChoiceField(choices=["pool", "refuse"])
    comparison = ComparisonIn()
    reasons = serializers.ListField(child=serializers.CharField(), required=False, default=list)
    why = serializers.CharField(required=False, allow_blank=True, default="")


class AgreementResults(ReviewAPI):
    """Agreement of released rounds, as it was computed."""

    @extend_schema(responses=ANY)
    def get(self, request: Request) -> Response:
        """List stages and rounds; ``result`` is null until it is computed."""
        parts = [part for stage in agreement_view.stages(self.viewer) for part in (stage, *stage.rounds)]
        return Response(
            [
                {
                    "about": part.key,
                    "stage": part.stage,
                    "size": part.size,
                    "n": part.n,
                    "sentence": part.sentence,
                    "result": part.stored.result if part.stored is not None and part.computed else None,
                }
                for part in parts
            ]
        )

    @extend_schema(request=None, responses=ANY)
    def post(self, request: Request) -> Response:
        """Start computing the agreement of all released rounds."""
        return self.once(
            request,
            lambda: (status.HTTP_202_ACCEPTED, {"job": str(agreement_services.ask(actor=self.viewer).uid)}),
        )


class OpenEffects(ReviewAPI):
    """Opening the effects: a step that is written down."""

    @extend_schema(request=None, responses=ANY)
    def post(self, request: Request) -> Response:
        """Open them for the caller's seat."""
        open_effects(actor=self.viewer)
        return Response({"opened": True})


class EffectsAPI(ReviewAPI):
    """An endpoint that shows effects: closed to a seat that has not opened them."""

    def found(self) -> summaries.Summary:
        """Return the summary. Raises NotAllowed while the effects are closed, Gone when nothing is computed."""
        if not effects.opened(self.viewer):
            raise NotAllowed(_("Open the effects first; opening is written down."))
        found = summaries.summary(self.viewer)
        if found is None:
            raise Gone("")
        return found


class SummaryResult(EffectsAPI):
    """The change table, as it was computed."""

    @extend_schema(responses=ANY)
    def get(self, request: Request) -> Response:
        """Return studies, changes and differences; ``fresh`` is false once the final values have changed."""
        found = self.found()
        kept = ("counts", "studies", "without_values", "change", "correlations_found")
        return Response(_about(found) | {name: found.result[name] for name in kept})

    @extend_schema(request=None, responses=ANY)
    def post(self, request: Request) -> Response:
        """Start computing it from the final values as they are now."""
        return self.once(
            request,
            lambda: (status.HTTP_202_ACCEPTED, {"job": str(summary_services.ask(actor=self.viewer).uid)}),
        )


class HarmsResult(EffectsAPI):
    """The harms table, as it was computed."""

    @extend_schema(responses=ANY)
    def get(self, request: Request) -> Response:
        """Return the harms by category; case series apart."""
        found = self.found()
        return Response(_about(found) | {"harms": found.result["harms"]})


def _about(found: summaries.Summary) -> dict[str, Any]:
    return {
        "made_at": found.made_at,
        "fresh": found.fresh,
        "input_hash": found.input_hash,
        "code_version": snapshots.CODE_VERSION,
    }


class Analyses(ReviewAPI):
    """The decisions to pool or not."""

    @extend_schema(responses=ANY)
    def get(self, request: Request) -> Response:
        """List the latest version of each; a pool's result only to a seat that has opened the effects."""
        found = summaries.summary(self.viewer)
        opened = effects.opened(self.viewer)
        listed = analyses.analyses(self.viewer, found.change if found else None)
        return Response([_shown(one, opened=opened) for one in listed])

    @extend_schema(request=AnalysisIn, responses=ANY)
    def post(self, request: Request) -> Response:
        """Decide. A set that may not be pooled is refused with 400 and the reasons in words."""
        asked = AnalysisIn(data=request.data)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        wanted = dict(data["comparison"])
        comparison = Comparison(
            **(wanted | {"classes": tuple(wanted["classes"]), "drugs": tuple(wanted["drugs"])})
        )

        def act() -> tuple[int, dict[str, Any]]:
            row = analysis_services.decide(
                actor=self.viewer,
                name=data["name"],
                comparison=comparison,
                choice=data["choice"],
                reasons=data["reasons"],
                why=data["why"],
            )
            return status.HTTP_201_CREATED, {"uid": str(row.uid), "version": row.version}

        return self.once(request, act)


class OneAnalysis(ReviewAPI):
    """One version of a decision."""

    @extend_schema(responses=ANY)
    def get(self, request: Request, uid: UUID) -> Response:
        """Show it."""
        found = summaries.summary(self.viewer)
        one = analyses.analysis(self.viewer, uid, found.change if found else None)
        if one is None:
            raise Gone("")
        return Response(_shown(one, opened=effects.opened(self.viewer)))


def _shown(one: analyses.AnalysisView, *, opened: bool) -> dict[str, Any]:
    row = one.row
    return {
        "uid": row.uid,
        "name": row.name,
        "version": row.version,
        "comparison": freeze(one.comparison),
        "choice": row.choice,
        "method": row.method,
        "reasons": row.reasons,
        "why": row.why,
        "by": row.by.uid if row.by else None,
        "made_at": row.made_at,
        "effects_seen_first": row.effects_seen_first,
        "withdrawn_at": row.withdrawn_at,
        "fresh": one.pooled.fresh if one.pooled else None,
        "result": one.pooled.result if one.pooled and opened else None,
    }


urlpatterns = [
    path("r/<uuid:review>/agreement/", AgreementResults.as_view(), name="api_agreement"),
    path("r/<uuid:review>/effects/open/", OpenEffects.as_view(), name="api_effects_open"),
    path("r/<uuid:review>/summary/", SummaryResult.as_view(), name="api_summary"),
    path("r/<uuid:review>/harms/", HarmsResult.as_view(), name="api_harms"),
    path("r/<uuid:review>/analyses/", Analyses.as_view(), name="api_analyses"),
    path("r/<uuid:review>/analyses/<uuid:uid>/", OneAnalysis.as_view(), name="api_analysis"),
]
