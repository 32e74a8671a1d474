"""The same viewer for the REST API: review, seat, viewer, or the one 404; errors in words, JSON only."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.db import transaction
from django.http import Http404
from drf_spectacular.openapi import AutoSchema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from reviewapp.gate import Viewer
from reviewapp.models.people import User
from reviewapp.models.reviews import Review
from reviewapp.models.seats import Seat
from reviewapp.selectors.seats import viewer_for
from reviewapp.services import once
from reviewapp.services.refusals import Clash, Gone, NotAllowed, Refused

NOT_FOUND = {"detail": "Not found."}


class Schema(AutoSchema):
    """Names every operation after its module, class and method, so that no two names meet."""

    def get_operation_id(self) -> str:
        """Return the name, such as "screening_Rounds_get"."""
        kind = type(self.view)
        return f"{kind.__module__.rsplit('.', 1)[-1]}_{kind.__name__}_{self.method.lower()}"


class ReviewAPI(APIView):
    """An endpoint of one review. An unsafe call may carry ``Idempotency-Key``: a repeat gets the same reply."""

    roles: ClassVar[tuple[str, ...]] = ()
    review: Review
    seat: Seat
    viewer: Viewer

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find the viewer's place before the handler runs."""
        super().initial(request, *args, **kwargs)
        place = viewer_for(request.user, self.kwargs["review"])
        if place is None or (self.roles and not place.viewer.has(*self.roles)):
            raise Http404
        self.review, self.seat, self.viewer = place.review, place.seat, place.viewer
        self.kwargs.pop("review")

    def once(self, request: Request, act: Any) -> Response:
        """Run ``act() -> (status, body)`` under the request's key, in one transaction with it."""
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            code, body = act()
            return Response(body, status=code)
        assert isinstance(request.user, User)
        asked = once.request_hash(request.path, request.data, request.FILES)
        with transaction.atomic():
            row, is_new = once.claim(user_id=request.user.pk, key=key, asked=asked)
            if not is_new and row.reply is not None:
                return Response(json.loads(row.reply["body"]), status=row.reply["status"])
            code, body = act()
            # As text: PostgreSQL would put a JSON object's keys in an order of its own.
            once.remember(row, {"status": code, "body": json.dumps(body, default=str)})
            return Response(body, status=code)


def answer_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """Translate refusals into 400, 403, 404 and 409; the 404 is one constant body."""
    if isinstance(error, Gone | Http404):
        return Response(NOT_FOUND, status=status.HTTP_404_NOT_FOUND)
    if isinstance(error, NotAllowed):
        return Response({"detail": error.message}, status=status.HTTP_403_FORBIDDEN)
    if isinstance(error, Clash):
        return Response({"detail": error.message}, status=status.HTTP_409_CONFLICT)
    if isinstance(error, Refused):
        return Response({"detail": error.message, "field": error.field}, status=status.HTTP_400_BAD_REQUEST)
    if isinstance(error, exceptions.NotFound):
        return Response(NOT_FOUND, status=status.HTTP_404_NOT_FOUND)
    return exception_handler(error, context)
