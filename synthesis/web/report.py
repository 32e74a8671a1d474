"""The report: the flow figure with its numbers, every table as CSV, and the whole as one bundle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.urls import NoReverseMatch, path, register_converter, reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviewapp.models.reviews import Stage
from reviewapp.pure.prisma import Counts, sums
from reviewapp.pure.prisma_boxes import flow as boxes
from reviewapp.pure.prisma_svg import draw, standalone
from reviewapp.selectors import screening
from reviewapp.selectors.flow import flow
from reviewapp.web.base import ReviewView
from synthesis.exports.bundle import bundle, take
from synthesis.exports.registry import ROOMS, csv_file, offers
from synthesis.services.exporting import record_export

CSV_TYPE = "text/csv; charset=utf-8"
SVG_POLICY = "default-src 'none'; style-src 'none'; sandbox"
BEHIND = {
    "found": ("records", "?via=database"),
    "removed": ("duplicates", ""),
    "other_found": ("records", "?via=other"),
    "screened": ("titles", ""),
    "excluded": ("titles", ""),
    "sought": ("studies", ""),
    "missing": ("studies", ""),
    "assessed": ("texts", ""),
    "other_sought": ("studies", ""),
    "other_missing": ("studies", ""),
    "other_assessed": ("texts", ""),
    "included": ("studies", ""),
}
"""Box → the page with what it counts; what is not here opens a table."""
TABLE_BEHIND = {"reasons": "excluded_studies", "other_reasons": "excluded_studies"}


class TableName:
    """A table's name in an address: small letters, digits, underscores."""

    regex = "[a-z0-9_]{1,60}"

    def to_python(self, value: str) -> str:
        """Return it as it is."""
        return value

    def to_url(self, value: str) -> str:
        """Return it as it is."""
        return value


register_converter(TableName, "table")


def asked(request: HttpRequest) -> dict[str, bool]:
    """Return the ways of writing a table that the address asks for."""
    return {name: request.GET.get(name) == "1" for name in ("public", "bom", "raw")}


class Report(ReviewView):
    """The flow, the sums, the tables."""

    step = "report"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        counts = flow(self.viewer)
        drawn, links = boxes(counts, _), self._links()
        held = sums(counts, _)
        context = {
            "counts": counts,
            "wide": mark_safe(draw(drawn, links=links, ident="flow-w")),  # noqa: S308
            "narrow": mark_safe(draw(drawn, wide=False, links=links, ident="flow-n")),  # noqa: S308
            "downloads": self._downloads(),
            "caption": caption(counts),
            "sums": held,
            "hold": sum(one.holds for one in held),
            "rooms": self._rooms(),
            "unreleased": [
                view.round
                for stage in Stage.values
                for view in screening.rounds(self.viewer, stage)
                if view.is_open
            ],
        }
        return self.page("synthesis/report.html", context)

    def _links(self) -> dict[str, str]:
        found = {key: url + more for key, (name, more) in BEHIND.items() if (url := self._url(name))}
        return found | {key: self._url("table_csv", name) for key, name in TABLE_BEHIND.items()}

    def _url(self, name: str, *args: str) -> str:
        try:
            return reverse(name, args=[self.review.uid, *args])
        except NoReverseMatch:
            return ""

    def _downloads(self) -> list[dict[str, str]]:
        return [
            {"name": _("SVG"), "url": self._url("prisma_svg")},
            {"name": _("SVG, narrow"), "url": self._url("prisma_svg") + "?narrow=1"},
            {"name": _("CSV"), "url": self._url("table_csv", "prisma")},
        ]

    def _rooms(self) -> list[dict[str, Any]]:
        listed = offers().values()
        return [
            {"name": name, "tables": [offer for offer in listed if offer.room == room]}
            for room, name in ROOMS.items()
            if any(offer.room == room for offer in listed)
        ]


def caption(counts: Counts) -> str:
    """Return what must be said under the figure."""
    said = [
        _(
            "Records are counted after merging; a report is excluded once, for its first reason in the protocol."
        )
    ]
    if counts.titles_released:
        said.append(_("Every record was excluded by people, none by automation."))
    waiting = counts.in_rounds + counts.databases.in_rounds + counts.others.in_rounds
    if waiting:
        text = ngettext(
            "%d record or report is in a round that is not released: it counts as neither excluded nor included.",
            "%d records and reports are in rounds that are not released: they count as neither excluded nor included.",
            waiting,
        )
        said.append(text % waiting)
    return " ".join(said)


class PrismaSvg(ReviewView):
    """The flow figure as a file."""

    step = "report"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Send it, wide or narrow."""
        wide = request.GET.get("narrow") != "1"
        response = HttpResponse(
            standalone(boxes(flow(self.viewer), _), wide=wide), content_type="image/svg+xml"
        )
        name = "prisma.svg" if wide else "prisma-narrow.svg"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Content-Security-Policy"] = SVG_POLICY
        return response


class TableCsv(ReviewView):
    """One table as CSV."""

    step = "report"

    def get(self, request: HttpRequest, name: str) -> FileResponse:
        """Send it: ``bom=1`` for older spreadsheets, ``raw=1`` without formula guard, ``public=1`` for publication."""
        file = csv_file(self.viewer, name, **asked(request))
        if file is None:
            raise Http404
        return FileResponse(file, as_attachment=True, filename=f"{name}.csv", content_type=CSV_TYPE)


class BundleZip(ReviewView):
    """Everything as one zip. The act is recorded before anything is sent."""

    step = "report"

    def post(self, request: HttpRequest) -> FileResponse:
        """Make it, record it, send it."""
        public = request.POST.get("public") == "1"
        made = bundle(self.viewer, folder=Path(settings.MEDIA_ROOT) / "bundles", public=public)
        file = os.fdopen(take(made), "rb")
        try:
            record_export(
                actor=self.viewer, uid=made.uid, sha256=made.sha256, rows=made.rows, public=made.public
            )
        except BaseException:
            file.close()
            raise
        return FileResponse(file, as_attachment=True, filename=made.name, content_type="application/zip")


urlpatterns = [
    path("r/<uuid:review>/report/", Report.as_view(), name="report"),
    path("r/<uuid:review>/report/prisma.svg", PrismaSvg.as_view(), name="prisma_svg"),
    path("r/<uuid:review>/report/bundle/", BundleZip.as_view(), name="bundle"),
    path("r/<uuid:review>/tables/<table:name>.csv", TableCsv.as_view(), name="table_csv"),
]
