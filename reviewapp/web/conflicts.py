"""Conflicts of released rounds: the list, and one conflict with its two answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from reviewapp.models.reviews import Stage
from reviewapp.models.seats import Role
from reviewapp.selectors import conflicts, protocol, screening, studies
from reviewapp.services import conflicts as services
from reviewapp.services.people import uid_of
from reviewapp.services.refusals import Clash, Refused
from reviewapp.web.base import ReviewView


class Conflicts(ReviewView):
    """Every conflict of a released round; before release the list is empty for everyone alike."""

    step = "titles"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them, open ones first."""
        listed = conflicts.conflicts(self.viewer)
        context = {
            "conflicts": listed,
            "open": sum(one.resolution is None for one in listed),
            "may_settle": self.viewer.has(Role.ADJUDICATOR),
        }
        return self.page("reviewapp/conflicts.html", context)


class Conflict(ReviewView):
    """One conflict: an adjudicator answers, then sees A and B, then settles."""

    step = "titles"

    def get(self, request: HttpRequest, round_: UUID, unit: UUID) -> HttpResponse:
        """Show it."""
        return self._show(round_, unit)

    def post(self, request: HttpRequest, round_: UUID, unit: UUID) -> HttpResponse:
        """Keep the adjudicator's first answer, or settle and go to the next conflict."""
        verdict = request.POST.get("verdict", "")
        try:
            if request.POST.get("first"):
                services.answer_first(actor=self.viewer, round_uid=round_, unit=unit, verdict=verdict)
                return self.go("conflict", round_, unit)
            reason = request.POST.get("reason", "")
            services.settle(
                actor=self.viewer,
                round_uid=round_,
                unit=unit,
                verdict=verdict,
                why=request.POST.get("why", "")[:5000],
                reason_uid=uid_of(reason) if reason else None,
                purpose=request.POST.get("purpose", ""),
            )
        except Clash as clash:
            return self._show(round_, unit, {"error": clash.message}, 409)
        except Refused as refused:
            typed = {key: request.POST.get(key, "") for key in ("verdict", "reason", "purpose", "why")}
            more = {"error": refused.message, "error_field": refused.field, "typed": typed}
            return self._show(round_, unit, more, 400)
        self.note(_("Settled."))
        waiting = conflicts.open_for_me(self.viewer)
        return self.go("conflict", waiting[0].round.uid, waiting[0].unit) if waiting else self.go("conflicts")

    def _show(
        self, round_: UUID, unit: UUID, more: dict[str, Any] | None = None, status: int = 200
    ) -> HttpResponse:
        sides = conflicts.sides(self.viewer, round_, unit)
        if sides is None:
            raise Http404
        is_text = sides.conflict.round.stage == Stage.FULL_TEXT
        self.step = "texts" if is_text else "titles"  # type: ignore[misc]
        may_settle = (
            self.viewer.has(Role.ADJUDICATOR)
            and not sides.conflict.mine
            and sides.conflict.resolution is None
        )
        hidden = may_settle and self.review.adjudicator_answers_first and not sides.answered_first
        context = {
            "conflict": sides.conflict,
            "record": sides.record,
            "study": sides.study,
            "links": screening.reports_of_study(self.viewer, sides.study.pk) if sides.study else [],
            "documents": studies.documents(self.viewer, sides.study) if sides.study else [],
            "sides": None if hidden else sides,
            "may_settle": may_settle,
            "is_text": is_text,
            "criteria": protocol.criteria_of(sides.conflict.round.criteria_id, sides.conflict.round.stage),
            "reasons": protocol.reasons(self.viewer) if is_text else (),
            "words": screening.highlight_words(self.viewer),
            "left": len(conflicts.open_for_me(self.viewer)),
        }
        return self.page("reviewapp/conflict.html", {**context, **(more or {})}, status)


urlpatterns = [
    path("r/<uuid:review>/conflicts/", Conflicts.as_view(), name="conflicts"),
    path("r/<uuid:review>/conflicts/<uuid:round_>/<uuid:unit>/", Conflict.as_view(), name="conflict"),
]
