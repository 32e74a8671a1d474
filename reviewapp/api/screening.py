"""Reviews, rounds, one's own queue and answers, conflicts, history."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from reviewapp.api.base import ReviewAPI
from reviewapp.models.people import User
from reviewapp.models.reviews import Stage
from reviewapp.selectors import conflicts, history, protocol, screening
from reviewapp.selectors.seats import seats_of_user, team
from reviewapp.services import conflicts as conflict_services
from reviewapp.services import screening as services
from reviewapp.services.refusals import Gone

ANY = {200: dict}


class DecisionIn(serializers.Serializer[Any]):
    """An answer."""

    verdict = serializers.CharField(allow_blank=True)
    reason = serializers.UUIDField(required=False, allow_null=True)
    purpose = serializers.CharField(required=False, allow_blank=True, default="")
    note = serializers.CharField(required=False, allow_blank=True, default="")
    dwell_ms = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=10**9)


class SettleIn(serializers.Serializer[Any]):
    """How a conflict is settled."""

    verdict = serializers.CharField()
    why = serializers.CharField(required=False, allow_blank=True, default="")
    reason = serializers.UUIDField(required=False, allow_null=True)
    purpose = serializers.CharField(required=False, allow_blank=True, default="")


class Reviews(APIView):
    """The caller's reviews."""

    @extend_schema(responses=ANY)
    def get(self, request: Request) -> Response:
        """List them."""
        assert isinstance(request.user, User)
        listed = seats_of_user(request.user)
        return Response(
            [{"uid": seat.review.uid, "title": seat.review.title, "roles": seat.roles} for seat in listed]
        )


class ReviewDetail(ReviewAPI):
    """One review: protocol and seats."""

    @extend_schema(responses=ANY)
    def get(self, request: Request) -> Response:
        """Show it."""
        shown = protocol.protocol(self.viewer, self.review)
        return Response(
            {
                "uid": self.review.uid,
                "title": self.review.title,
                "question": self.review.question,
                "roles": sorted(self.viewer.roles),
                "release_setting": self.review.release_setting,
                "advance_rule": self.review.advance_rule,
                "disagreement_process": self.review.disagreement_process,
                "criteria": [
                    {"stage": row.stage, "sense": row.sense, "text": row.text} for row in shown.criteria
                ],
                "reasons": [{"uid": reason.uid, "label": reason.label} for reason in shown.reasons],
                "team": [
                    {"uid": seat.uid, "name": seat.name, "roles": seat.roles} for seat in team(self.viewer)
                ],
            }
        )


class Rounds(ReviewAPI):
    """The rounds with the caller's own progress."""

    @extend_schema(responses=ANY)
    def get(self, request: Request) -> Response:
        """List them."""
        return Response(
            [
                {
                    "uid": view.round.uid,
                    "stage": view.round.stage,
                    "number": view.round.number,
                    "size": view.round.size,
                    "open": view.is_open,
                    "mine": view.total,
                    "answered": view.done,
                    "finished": view.finished,
                }
                for stage in Stage.values
                for view in screening.rounds(self.viewer, stage)
            ]
        )


def _assignment(row: Any, decision: Any) -> dict[str, Any]:
    about = row.record or row.study
    return {
        "uid": row.uid,
        "order": row.order,
        "unit": row.unit,
        "title": about.title if row.record else about.label,
        "abstract": about.abstract if row.record else "",
        "verdict": decision.verdict if decision else "",
        "note": decision.note if decision else "",
    }


class Next(ReviewAPI):
    """The caller's next unanswered assignment of a round."""

    @extend_schema(responses=ANY)
    def get(self, request: Request, round_: UUID) -> Response:
        """Return it, or null when all are answered."""
        view = next(
            (view for view in screening.own_rounds(self.viewer) if view.round.uid == round_ and view.total),
            None,
        )
        if view is None:
            raise Gone("")
        row = screening.next_assignment(self.viewer, view.round) if view.left else None
        return Response({"assignment": _assignment(row, None) if row else None, "left": view.left})


class OwnAssignment(ReviewAPI):
    """One of the caller's own assignments."""

    @extend_schema(responses=ANY)
    def get(self, request: Request, uid: UUID) -> Response:
        """Show it with the caller's own answer."""
        row = screening.assignment(self.viewer, uid)
        if row is None:
            raise Gone("")
        return Response(_assignment(row, screening.standing_decision(self.viewer, row)))

    @extend_schema(request=DecisionIn, responses=ANY)
    def post(self, request: Request, uid: UUID) -> Response:
        """Answer it; a blank verdict takes the answer back. Safe to repeat with an Idempotency-Key."""
        asked = DecisionIn(data=request.data)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data

        def act() -> tuple[int, dict[str, Any]]:
            if not data["verdict"]:
                services.undo(actor=self.viewer, assignment_uid=uid)
                return status.HTTP_200_OK, {"assignment": str(uid), "verdict": ""}
            decision = services.decide(
                actor=self.viewer,
                assignment_uid=uid,
                verdict=data["verdict"],
                reason_uid=data.get("reason"),
                purpose=data["purpose"],
                note=data["note"],
                dwell_ms=data.get("dwell_ms"),
            )
            said = {"assignment": str(uid), "verdict": decision.verdict, "version": decision.version}
            return status.HTTP_200_OK, {**said, "independent": decision.independent}

        return self.once(request, act)


class Conflicts(ReviewAPI):
    """Conflicts of released rounds."""

    @extend_schema(responses=ANY)
    def get(self, request: Request) -> Response:
        """List them."""
        return Response(
            [
                {
                    "round": one.round.uid,
                    "unit": one.unit,
                    "title": one.title,
                    "kind": one.kind,
                    "settled": one.resolution.verdict if one.resolution else None,
                    "why": one.resolution.why if one.resolution else None,
                }
                for one in conflicts.conflicts(self.viewer)
            ]
        )


class Conflict(ReviewAPI):
    """Settle one conflict."""

    @extend_schema(request=SettleIn, responses=ANY)
    def post(self, request: Request, round_: UUID, unit: UUID) -> Response:
        """Settle it; the body is that of the settled conflict."""
        asked = SettleIn(data=request.data)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data

        def act() -> tuple[int, dict[str, Any]]:
            row = conflict_services.settle(
                actor=self.viewer,
                round_uid=round_,
                unit=unit,
                verdict=data["verdict"],
                why=data["why"],
                reason_uid=data.get("reason"),
                purpose=data["purpose"],
            )
            return status.HTTP_200_OK, {"unit": str(unit), "verdict": row.verdict}

        return self.once(request, act)


class Events(ReviewAPI):
    """The history that the caller may read, 50 a page."""

    @extend_schema(responses=inline_serializer("Event", {"verb": serializers.CharField()}, many=True))
    def get(self, request: Request) -> Response:
        """List it, latest first; ``page`` counts from 1."""
        asked = request.query_params.get("page", "1")
        page = max(1, int(asked)) if asked.isdecimal() and len(asked) < 7 else 1
        rows = history.events(self.viewer)[(page - 1) * history.PAGE : page * history.PAGE]
        return Response(
            [
                {
                    "uid": event.uid,
                    "at": event.at,
                    "who": event.author.name if event.author else None,
                    "verb": event.verb,
                    "subject": event.subject,
                    "subject_uid": event.subject_uid,
                    "old": event.old,
                    "new": event.new,
                    "why": event.why,
                }
                for event in rows
            ]
        )


urlpatterns = [
    path("reviews/", Reviews.as_view(), name="api_reviews"),
    path("r/<uuid:review>/", ReviewDetail.as_view(), name="api_review"),
    path("r/<uuid:review>/rounds/", Rounds.as_view(), name="api_rounds"),
    path("r/<uuid:review>/rounds/<uuid:round_>/next/", Next.as_view(), name="api_next"),
    path("r/<uuid:review>/assignments/<uuid:uid>/", OwnAssignment.as_view(), name="api_assignment"),
    path("r/<uuid:review>/conflicts/", Conflicts.as_view(), name="api_conflicts"),
    path("r/<uuid:review>/conflicts/<uuid:round_>/<uuid:unit>/", Conflict.as_view(), name="api_conflict"),
    path("r/<uuid:review>/events/", Events.as_view(), name="api_events"),
]
