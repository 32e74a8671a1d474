"""Sources, imports, records, duplicate pairs and one's own jobs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from reviewapp.api import record_shapes as shapes
from reviewapp.api.base import ReviewAPI
from reviewapp.selectors import dedup, importing, jobs, records
from reviewapp.services import dedup as dedup_services
from reviewapp.services import importing as import_services
from reviewapp.services import sources as source_services
from reviewapp.services import work as work_services
from reviewapp.services.people import uid_of

PAGE = 50
MOST_PAGE = 500
ACTS: dict[str, Any] = {
    "link": dedup_services.link,
    "apart": dedup_services.keep_apart,
    "reopen": dedup_services.reopen,
    "undo": dedup_services.undo_merge,
}


class Sources(ReviewAPI):
    """The sources of a review."""

    @extend_schema(responses=shapes.SourceOut(many=True), operation_id="sources_list")
    def get(self, request: Request) -> Response:
        """List them with their counts."""
        return Response(shapes.SourceOut(importing.sources(self.viewer), many=True).data)

    @extend_schema(request=shapes.SourceIn, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        """Add one."""
        taken = shapes.SourceIn(data=request.data)
        taken.is_valid(raise_exception=True)

        def act() -> tuple[int, dict[str, Any]]:
            added = source_services.add(actor=self.viewer, values=dict(taken.validated_data))
            return status.HTTP_201_CREATED, {"uid": str(added.uid)}

        return self.once(request, act)


class Files(ReviewAPI):
    """Bring a file into a source."""

    parser_classes = [MultiPartParser]

    @extend_schema(request=shapes.UploadIn, responses={202: OpenApiTypes.OBJECT})
    def post(self, request: Request, uid: UUID) -> Response:
        """Store the file and start reading it; the answer names the import and the job."""
        taken = shapes.UploadIn(data=request.data)
        taken.is_valid(raise_exception=True)
        file = taken.validated_data["file"]

        def act() -> tuple[int, dict[str, Any]]:
            batch = import_services.start(
                actor=self.viewer,
                source_uid=uid,
                name=file.name,
                content=file,
                read_as=taken.validated_data["read_as"],
            )
            return status.HTTP_202_ACCEPTED, {"uid": str(batch.uid), "job": str(batch.job)}

        return self.once(request, act)


class Batches(ReviewAPI):
    """The imports of a review."""

    @extend_schema(responses=shapes.BatchOut(many=True), operation_id="imports_list")
    def get(self, request: Request) -> Response:
        """List them, newest first."""
        return Response(shapes.BatchOut(importing.batches(self.viewer), many=True).data)


class Batch(ReviewAPI):
    """One import and what became of every record of its file."""

    @extend_schema(responses=shapes.BatchDetail, operation_id="imports_read")
    def get(self, request: Request, uid: UUID) -> Response:
        """Show it."""
        report = importing.report(self.viewer, uid)
        if report is None:
            raise Http404
        return Response(shapes.BatchDetail(report.batch).data)


def _number(text: str, default: int, most: int) -> int:
    return max(1, min(int(text), most)) if text.isascii() and text.isdigit() else default


class Records(ReviewAPI):
    """The live records."""

    @extend_schema(
        operation_id="records_list",
        parameters=[
            OpenApiParameter(
                "q", str, description="words that title, authors, journal, year or numbers hold"
            ),
            OpenApiParameter("source", OpenApiTypes.UUID),
            OpenApiParameter("via", str, enum=["database", "other"]),
            OpenApiParameter("page", int),
            OpenApiParameter("size", int, description=f"at most {MOST_PAGE}"),
        ],
        responses=shapes.RecordPageOut,
    )
    def get(self, request: Request) -> Response:
        """Search them, a page at a time."""
        asked = request.query_params
        source = uid_of(asked["source"]) if asked.get("source") else None
        found = records.records(
            self.viewer, words=asked.get("q", "")[:200], source=source, via=asked.get("via", "")
        )
        pages = Paginator(found, _number(asked.get("size", ""), PAGE, MOST_PAGE))
        page = pages.get_page(_number(asked.get("page", ""), 1, 10**6))
        answer = {
            "count": pages.count,
            "page": page.number,
            "pages": pages.num_pages,
            "results": page.object_list,
        }
        return Response(shapes.RecordPageOut(answer).data)


class Record(ReviewAPI):
    """One record and its copies."""

    @extend_schema(responses=shapes.RecordDetail, operation_id="records_read")
    def get(self, request: Request, uid: UUID) -> Response:
        """Show it."""
        found = records.record(self.viewer, uid)
        if found is None:
            raise Http404
        body = shapes.RecordOut(found.record).data
        for name in ("abstract", "keywords", "registry_ids", "publication_types", "language"):
            body[name] = getattr(found.record, name)
        body["copies"] = shapes.CopyOut(found.copies, many=True).data
        body["part_of"] = str(found.part_of.uid) if found.part_of else None
        return Response(body)


class Pairs(ReviewAPI):
    """The pairs that wait for a person."""

    @extend_schema(responses=shapes.PairOut(many=True), operation_id="pairs_list")
    def get(self, request: Request) -> Response:
        """List them, those to ask first."""
        waiting = dedup.pairs_of(self.viewer, dedup.open_pairs(self.viewer))
        return Response(shapes.PairOut(waiting, many=True).data)


class Pair(ReviewAPI):
    """One pair."""

    @extend_schema(responses=shapes.PairOut, operation_id="pairs_read")
    def get(self, request: Request, uid: UUID) -> Response:
        """Show it."""
        found = dedup.pair(self.viewer, uid)
        if found is None:
            raise Http404
        return Response(shapes.PairOut(found).data)

    @extend_schema(request=shapes.SettlePairIn, responses=shapes.PairOut)
    def post(self, request: Request, uid: UUID) -> Response:
        """Merge, link, keep apart, open again, or take a merge back."""
        taken = shapes.SettlePairIn(data=request.data)
        taken.is_valid(raise_exception=True)
        asked = taken.validated_data

        def act() -> tuple[int, dict[str, Any]]:
            if asked["act"] == "merge":
                dedup_services.merge(
                    actor=self.viewer, pair_uid=uid, why=asked["why"], knowing=asked["knowing"]
                )
            else:
                ACTS[asked["act"]](actor=self.viewer, pair_uid=uid, why=asked["why"])
            return status.HTTP_200_OK, dict(shapes.PairOut(dedup.pair(self.viewer, uid)).data)

        return self.once(request, act)


class Job(ReviewAPI):
    """One's own job; another's gives the same 404 as none."""

    @extend_schema(responses=shapes.JobOut, operation_id="jobs_read")
    def get(self, request: Request, uid: UUID) -> Response:
        """Show how far it is."""
        found = jobs.work(self.viewer, uid)
        if found is None:
            raise Http404
        return Response(shapes.JobOut(found).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, uid: UUID) -> Response:
        """Ask it to stop."""
        work_services.cancel(actor=self.viewer, job_uid=uid)
        return Response(status=status.HTTP_204_NO_CONTENT)


urlpatterns = [
    path("r/<uuid:review>/sources/", Sources.as_view(), name="api_sources"),
    path("r/<uuid:review>/sources/<uuid:uid>/files/", Files.as_view(), name="api_files"),
    path("r/<uuid:review>/imports/", Batches.as_view(), name="api_imports"),
    path("r/<uuid:review>/imports/<uuid:uid>/", Batch.as_view(), name="api_import"),
    path("r/<uuid:review>/records/", Records.as_view(), name="api_records"),
    path("r/<uuid:review>/records/<uuid:uid>/", Record.as_view(), name="api_record"),
    path("r/<uuid:review>/pairs/", Pairs.as_view(), name="api_pairs"),
    path("r/<uuid:review>/pairs/<uuid:uid>/", Pair.as_view(), name="api_pair"),
    path("r/<uuid:review>/jobs/<uuid:uid>/", Job.as_view(), name="api_job"),
]
