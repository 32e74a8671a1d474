"""The flow in numbers, the tables of every room as JSON rows or CSV."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import FileResponse, Http404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from reviewapp.api.base import ReviewAPI
from reviewapp.pure.prisma import sums
from reviewapp.pure.tables import to_objects
from reviewapp.selectors.flow import flow
from reviewapp.selectors.snapshot import snapshot
from synthesis.exports.registry import csv_file, offers, table

ANY = {200: dict}
WAYS = [
    OpenApiParameter(
        "public", OpenApiTypes.INT, description="1: for publication, without names and abstracts"
    ),
    OpenApiParameter("bom", OpenApiTypes.INT, description="1: with a byte order mark (CSV)"),
    OpenApiParameter("raw", OpenApiTypes.INT, description="1: without the formula guard (CSV)"),
]


class Flow(ReviewAPI):
    """The PRISMA flow as the caller may know it."""

    @extend_schema(responses=ANY)
    def get(self, request: Request) -> Response:
        """Return the counts and the sums that they obey."""
        counts = flow(self.viewer)
        held = [{"words": one.words, "formula": one.formula, "holds": one.holds} for one in sums(counts)]
        return Response({"counts": asdict(counts), "sums": held})


class Tables(ReviewAPI):
    """The tables that can be downloaded."""

    @extend_schema(responses=ANY)
    def get(self, request: Request) -> Response:
        """List them."""
        return Response(
            [{"name": offer.name, "room": offer.room, "holds": offer.words} for offer in offers().values()]
        )


class TableRows(ReviewAPI):
    """One table as JSON."""

    @extend_schema(responses=ANY, parameters=WAYS[:1])
    def get(self, request: Request, name: str) -> Response:
        """Return its columns and rows; numbers with a decimal point are text, so nothing is rounded."""
        with snapshot():
            made = table(self.viewer, name, public=request.query_params.get("public") == "1")
            if made is None:
                raise Http404
            columns: list[dict[str, Any]] = [asdict(column) for column in made.columns]
            rows = list(to_objects(made))
        return Response({"name": made.name, "title": made.title, "columns": columns, "rows": rows})


class TableCsv(ReviewAPI):
    """One table as CSV."""

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR}, parameters=WAYS)
    def get(self, request: Request, name: str) -> FileResponse:
        """Return the CSV."""
        ways = {way.name: request.query_params.get(way.name) == "1" for way in WAYS}
        file = csv_file(self.viewer, name, **ways)
        if file is None:
            raise Http404
        return FileResponse(
            file, as_attachment=True, filename=f"{name}.csv", content_type="text/csv; charset=utf-8"
        )


urlpatterns = [
    path("r/<uuid:review>/flow/", Flow.as_view(), name="api_flow"),
    path("r/<uuid:review>/tables/", Tables.as_view(), name="api_tables"),
    path("r/<uuid:review>/tables/<slug:name>/", TableRows.as_view(), name="api_table"),
    path("r/<uuid:review>/tables/<slug:name>.csv", TableCsv.as_view(), name="api_table_csv"),
]
