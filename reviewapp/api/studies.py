"""Studies, their reports, where each document stands, grouping, files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from reviewapp.api.base import ReviewAPI
from reviewapp.selectors import studies
from reviewapp.services import fulltexts
from reviewapp.services import studies as services
from reviewapp.services.refusals import Gone, Refused

ANY = {200: dict}
PAGE = 50


class GroupIn(serializers.Serializer[Any]):
    """Studies to gather in one; ``into`` is the one that stays."""

    studies = serializers.ListField(child=serializers.UUIDField(), max_length=200)
    into = serializers.UUIDField(required=False, allow_null=True)
    why = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)


class SplitIn(serializers.Serializer[Any]):
    """Why a report is a study of its own, and the label of a new one."""

    why = serializers.CharField(allow_blank=True, max_length=2000)
    # "label" is also an attribute of every serializer field; as a declared field it is taken out of the class
    label = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)  # type: ignore[assignment]


class RetrievalIn(serializers.Serializer[Any]):
    """Where a document stands."""

    state = serializers.CharField(max_length=20)
    why = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)


class FileIn(serializers.Serializer[Any]):
    """A PDF."""

    file = serializers.FileField()


def _study(row: studies.StudyRow) -> dict[str, Any]:
    return {
        "uid": row.study.uid,
        "label": row.study.label,
        "reports": [studies.facts(report) for report in row.reports],
    }


class Studies(ReviewAPI):
    """The standing studies, 50 a page, by label."""

    @extend_schema(responses=ANY)
    def get(self, request: Request) -> Response:
        """List them; ``q`` and ``state`` filter, ``page`` counts from 1."""
        asked = request.query_params.get("page", "1")
        page = max(1, int(asked)) if asked.isdecimal() and len(asked) < 7 else 1
        found = studies.studies(
            self.viewer,
            words=request.query_params.get("q", "")[:200],
            state=request.query_params.get("state", ""),
        )
        shown = studies.rows(self.viewer, found[(page - 1) * PAGE : page * PAGE])
        return Response({"count": found.count(), "results": [_study(row) for row in shown]})


class StudyDetail(ReviewAPI):
    """One study with its reports."""

    @extend_schema(responses=ANY)
    def get(self, request: Request, uid: UUID) -> Response:
        """Show it."""
        shown = studies.study(self.viewer, uid)
        if shown is None:
            raise Gone("")
        return Response(_study(shown.row))


class Group(ReviewAPI):
    """Gather studies in one."""

    @extend_schema(request=GroupIn, responses=ANY)
    def post(self, request: Request) -> Response:
        """Do it; ``said`` tells what becomes of judgements."""
        asked = GroupIn(data=request.data)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data

        def act() -> tuple[int, dict[str, Any]]:
            done = services.group(
                actor=self.viewer, study_uids=data["studies"], why=data["why"], into=data.get("into")
            )
            gone = [str(study.uid) for study in done.retired]
            return status.HTTP_200_OK, {
                "study": str(done.study.uid),
                "retired": gone,
                "said": list(done.said),
            }

        return self.once(request, act)


class Split(ReviewAPI):
    """Make a report a study of its own."""

    @extend_schema(request=SplitIn, responses=ANY)
    def post(self, request: Request, uid: UUID) -> Response:
        """Do it; the body names the study."""
        asked = SplitIn(data=request.data)
        asked.is_valid(raise_exception=True)

        def act() -> tuple[int, dict[str, Any]]:
            study = services.split(actor=self.viewer, report_uid=uid, **asked.validated_data)
            return status.HTTP_200_OK, {"study": str(study.uid), "label": study.label}

        return self.once(request, act)


class ReportRetrieval(ReviewAPI):
    """Where a report's document stands."""

    @extend_schema(request=RetrievalIn, responses=ANY)
    def post(self, request: Request, uid: UUID) -> Response:
        """Set it."""
        asked = RetrievalIn(data=request.data)
        asked.is_valid(raise_exception=True)

        def act() -> tuple[int, dict[str, Any]]:
            services.set_retrieval(actor=self.viewer, report_uid=uid, **asked.validated_data)
            return status.HTTP_200_OK, {"report": str(uid), "state": asked.validated_data["state"]}

        return self.once(request, act)


class ReportFiles(ReviewAPI):
    """The documents of a report. A repeat needs no key: the same bytes are stored once."""

    parser_classes = (MultiPartParser,)

    @extend_schema(request=FileIn, responses=ANY)
    def post(self, request: Request, uid: UUID) -> Response:
        """Store one PDF: 201 if it is new, 200 if it is here already."""
        file = request.FILES.get("file")
        if file is None:
            raise Refused("Send the PDF as the part named file.", "file")
        done = fulltexts.upload(actor=self.viewer, report_uid=uid, name=file.name or "", content=file)
        body = {"uid": done.file.uid, "name": done.file.name, "pages": done.file.pages, "said": done.said}
        return Response(body, status=status.HTTP_201_CREATED if done.is_new else status.HTTP_200_OK)


urlpatterns = [
    path("r/<uuid:review>/studies/", Studies.as_view(), name="api_studies"),
    path("r/<uuid:review>/studies/group/", Group.as_view(), name="api_studies_group"),
    path("r/<uuid:review>/studies/<uuid:uid>/", StudyDetail.as_view(), name="api_study"),
    path("r/<uuid:review>/reports/<uuid:uid>/split/", Split.as_view(), name="api_report_split"),
    path(
        "r/<uuid:review>/reports/<uuid:uid>/retrieval/",
        ReportRetrieval.as_view(),
        name="api_report_retrieval",
    ),
    path("r/<uuid:review>/reports/<uuid:uid>/files/", ReportFiles.as_view(), name="api_report_files"),
]
