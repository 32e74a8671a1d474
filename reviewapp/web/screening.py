"""Rounds, the screening page of both stages, and undo."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from reviewapp.models.reviews import Stage
from reviewapp.models.seats import Role
from reviewapp.selectors import protocol, screening, studies
from reviewapp.selectors.seats import seats_with
from reviewapp.services import rounds
from reviewapp.services import screening as services
from reviewapp.services.people import uid_of
from reviewapp.services.refusals import Refused
from reviewapp.web.base import ReviewView


class Rounds(ReviewView):
    """The rounds of a stage: my progress; for a lead, open and release."""

    stage: ClassVar[str] = Stage.TITLE_ABSTRACT.value

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        return self._show()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Open a round, or release one."""
        if request.POST.get("close"):
            rounds.close_round(actor=self.viewer, round_uid=uid_of(request.POST["close"]))
            self.note(_("The round is released. Conflicts can be settled now."))
            return self.go(self.step)
        size = request.POST.get("size", "").strip()
        try:
            if size and not size.isdecimal():
                raise Refused(_("Give the number of records in digits, or nothing for all."), "size")
            rounds.open_round(
                actor=self.viewer,
                stage=self.stage,
                seats=[uid_of(text) for text in request.POST.getlist("seats")],
                size=int(size) if size else None,
                kind=request.POST.get("kind", "batch"),
            )
        except Refused as refused:
            return self._show({"error": refused.message, "error_field": refused.field, "size": size}, 400)
        self.note(_("The round is open."))
        return self.go(self.step)

    def _show(self, more: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        is_lead = self.viewer.has(Role.LEAD)
        context = {
            "rounds": screening.rounds(self.viewer, self.stage),
            "stage": self.stage,
            "stage_name": Stage(self.stage).label,
            "is_lead": is_lead,
            "waiting": len(rounds.waiting_units(self.review, self.stage)) if is_lead else None,
            "reviewers": seats_with(self.review.pk, Role.REVIEWER) if is_lead else [],
            "protocol": protocol.protocol(self.viewer, self.review),
        }
        return self.page("reviewapp/rounds.html", {**context, **(more or {})}, status)


class TitleRounds(Rounds):
    """Rounds of titles and abstracts."""

    step = "titles"
    stage = Stage.TITLE_ABSTRACT.value


class TextRounds(Rounds):
    """Rounds of full texts."""

    step = "texts"
    stage = Stage.FULL_TEXT.value


class Screen(ReviewView):
    """One record (or study) and its answers; the next at once. Only my own rows are read."""

    light = True

    def _view(self, uid: UUID) -> screening.RoundView:
        for view in screening.own_rounds(self.viewer):
            if view.round.uid == uid and view.total:
                self.step = "titles" if view.round.stage == Stage.TITLE_ABSTRACT else "texts"  # type: ignore[misc]
                return view
        raise Http404

    def get(self, request: HttpRequest, round_: UUID) -> HttpResponse:
        """Show the assignment asked for, or my next."""
        view = self._view(round_)
        assignment = self._asked(request, view)
        if assignment is None:
            context = {
                "view": view,
                "pace": screening.pace(self.viewer, view),
                "history": screening.history(self.viewer, view.round),
            }
            return self.page("reviewapp/screened.html", context)
        return self._show(view, assignment)

    def _asked(self, request: HttpRequest, view: screening.RoundView) -> Any:
        asked = request.GET.get("a")
        if asked:
            found = screening.assignment(self.viewer, uid_of(asked))
            if found is None or found.round_id != view.round.pk:
                raise Http404
            return found
        after = request.GET.get("after", "0")
        if not view.left:
            return None
        return screening.next_assignment(
            self.viewer, view.round, after=int(after) if after.isdecimal() and len(after) < 10 else 0
        )

    def _show(
        self,
        view: screening.RoundView,
        assignment: Any,
        more: dict[str, Any] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        is_text = view.round.stage == Stage.FULL_TEXT
        links = screening.reports_of_study(self.viewer, assignment.study_id) if is_text else []
        context = {
            "view": view,
            "assignment": assignment,
            "record": assignment.record,
            "study": assignment.study,
            "links": links,
            "documents": studies.documents(self.viewer, assignment.study) if is_text else [],
            "decision": screening.standing_decision(self.viewer, assignment),
            "last": screening.last_answered(self.viewer, view.round),
            "previous": screening.before(self.viewer, assignment),
            "pace": screening.pace(self.viewer, view),
            "criteria": protocol.criteria_of(assignment.round.criteria_id, view.round.stage),
            "reasons": protocol.reasons(self.viewer) if is_text else (),
            "words": screening.highlight_words(self.viewer),
        }
        template = "reviewapp/judge.html" if is_text else "reviewapp/screen.html"
        return self.page(template, {**context, **(more or {})}, status)

    def post(self, request: HttpRequest, round_: UUID) -> HttpResponse:
        """Store the answer and go to the next record, or take the last answer back."""
        view = self._view(round_)
        here = reverse("screen", args=[self.review.uid, round_])
        uid = uid_of(request.POST.get("assignment", ""))
        if request.POST.get("undo"):
            services.undo(actor=self.viewer, assignment_uid=uid)
            return self._go(f"{here}?a={uid}")
        assignment = screening.assignment(self.viewer, uid)
        if assignment is None or assignment.round_id != view.round.pk:
            raise Http404
        dwell = request.POST.get("dwell", "")
        reason = request.POST.get("reason", "")
        try:
            services.decide(
                actor=self.viewer,
                assignment_uid=uid,
                verdict=request.POST.get("verdict", ""),
                reason_uid=uid_of(reason) if reason else None,
                purpose=request.POST.get("purpose", ""),
                note=request.POST.get("note", ""),
                dwell_ms=int(dwell) if dwell.isdecimal() and len(dwell) < 10 else None,
            )
        except Refused as refused:
            typed = {key: request.POST.get(key, "") for key in ("verdict", "reason", "purpose", "note")}
            more = {"error": refused.message, "error_field": refused.field, "typed": typed}
            return self._show(view, assignment, more, 400)
        return self._go(f"{here}?after={assignment.order}")

    def _go(self, url: str) -> HttpResponse:
        from django.http import HttpResponseRedirect

        return HttpResponseRedirect(url)


urlpatterns = [
    path("r/<uuid:review>/titles/", TitleRounds.as_view(), name="titles"),
    path("r/<uuid:review>/texts/", TextRounds.as_view(), name="texts"),
    path("r/<uuid:review>/screen/<uuid:round_>/", Screen.as_view(), name="screen"),
]
