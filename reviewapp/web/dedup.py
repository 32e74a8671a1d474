"""Duplicates: the pair that waits, side by side; what was merged; what a person settled."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from reviewapp.models.records import DuplicatePair
from reviewapp.selectors import dedup, jobs
from reviewapp.selectors.seats import may_curate
from reviewapp.services import dedup as services
from reviewapp.services.people import uid_of
from reviewapp.services.refusals import Gone, NotAllowed, Refused
from reviewapp.web.base import ReviewView
from reviewapp.web.jobs import drawn

LISTED = 30
PAGE = 25


class Duplicates(ReviewView):
    """The first pair that waits, the others below it."""

    step = "duplicates"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        waiting = dedup.open_pairs(self.viewer)
        shown = dedup.pair(self.viewer, waiting[0].uid) if waiting else None
        return self.page("reviewapp/duplicates.html", {"shown": shown, "first": True, **self._rest(waiting)})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Look for duplicates once more."""
        services.look_again(actor=self.viewer)
        return self.go("duplicates")

    def _rest(self, waiting: list[dedup.Open], without: UUID | None = None) -> dict[str, Any]:
        others = [one for one in waiting if one.uid != without]
        if without is None:
            others = others[1:]
        return {
            "waiting": len(waiting),
            "others": dedup.pairs_of(self.viewer, others[:LISTED]),
            "more": max(0, len(others) - LISTED),
            "merged": dedup.merged_count(self.viewer),
            "may_curate": may_curate(self.viewer),
            "work": [drawn(self, one) for one in jobs.running(self.viewer, "reviewapp.find_duplicates")],
        }


class Pair(Duplicates):
    """One pair, to settle or to look at again."""

    def get(self, request: HttpRequest, uid: UUID) -> HttpResponse:  # type: ignore[override]
        """Show it."""
        return self._show(uid)

    def post(self, request: HttpRequest, uid: UUID) -> HttpResponse:  # type: ignore[override]
        """Settle it and go to the next; or take back what was settled."""
        why = request.POST.get("why", "")[:2000]
        act = request.POST.get("act", "")
        try:
            self._act(act, uid, why, bool(request.POST.get("knowing")))
        except (Gone, NotAllowed):
            raise
        except Refused as refused:
            more = {"error": refused.message, "error_field": refused.field, "why": why, "act": act}
            return self._show(uid, more, 400)
        if act == "reopen":
            return self.go("pair", uid)
        return self.go("merged") if act == "undo" else self.go("duplicates")

    def _act(self, act: str, uid: UUID, why: str, knowing: bool) -> None:
        if act == "merge":
            services.merge(actor=self.viewer, pair_uid=uid, why=why, knowing=knowing)
            self.note(_("Merged. The merge can be taken back at any time."))
        elif act == "link":
            services.link(actor=self.viewer, pair_uid=uid, why=why)
            self.note(_("Linked as two reports of one study."))
        elif act == "apart":
            services.keep_apart(actor=self.viewer, pair_uid=uid, why=why)
            self.note(_("Kept apart."))
        elif act == "reopen":
            services.reopen(actor=self.viewer, pair_uid=uid, why=why)
            self.note(_("The pair waits again."))
        elif act == "undo":
            services.undo_merge(actor=self.viewer, pair_uid=uid, why=why)
            self.note(_("The merge was taken back: both records stand again."))
        else:
            raise Refused(_("Choose what to do with the pair."))

    def _show(self, uid: UUID, more: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        shown = dedup.pair(self.viewer, uid)
        if shown is None:
            raise Http404
        waiting = dedup.open_pairs(self.viewer)
        context = {"shown": shown, **self._rest(waiting, without=uid), **(more or {})}
        return self.page("reviewapp/duplicates.html", context, status)


class NamePair(ReviewView):
    """Name two records as a pair that no rule proposed."""

    def post(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Store the pair and go to it."""
        other = request.POST.get("other", "").strip().rstrip("/").rpartition("/")[2]
        pair = services.name_pair(
            actor=self.viewer,
            left_uid=uid,
            right_uid=uid_of(other),
            why=request.POST.get("why", "")[:2000],
        )
        return self.go("pair", pair.uid)


class Merged(ReviewView):
    """The records that were merged from copies, each merge with its reasons and a way back."""

    step = "duplicates"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of them."""
        page = Paginator(dedup.merged_records(self.viewer), PAGE).get_page(request.GET.get("page"))
        context = {
            "page": page,
            "groups": dedup.merges_of(self.viewer, list(page.object_list)),
            "may_curate": may_curate(self.viewer),
        }
        return self.page("reviewapp/merged.html", context)


class SettledPairs(ReviewView):
    """The pairs that a person kept apart, linked, or took apart again."""

    step = "duplicates"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of them."""
        page = Paginator(dedup.settled_pairs(self.viewer), PAGE).get_page(request.GET.get("page"))
        context = {
            "page": page,
            "may_curate": may_curate(self.viewer),
            "settled": DuplicatePair.Settled,
        }
        return self.page("reviewapp/settled_pairs.html", context)


urlpatterns = [
    path("r/<uuid:review>/duplicates/", Duplicates.as_view(), name="duplicates"),
    path("r/<uuid:review>/duplicates/merged/", Merged.as_view(), name="merged"),
    path("r/<uuid:review>/duplicates/settled/", SettledPairs.as_view(), name="settled_pairs"),
    path("r/<uuid:review>/duplicates/<uuid:uid>/", Pair.as_view(), name="pair"),
    path("r/<uuid:review>/records/<uuid:uid>/same/", NamePair.as_view(), name="name_pair"),
]
