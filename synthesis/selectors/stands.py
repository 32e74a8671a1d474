"""Where this room's steps of the road stand for a viewer."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviewapp.gate import Viewer
from reviewapp.models.reviews import Review
from reviewapp.models.rounds import Round
from reviewapp.selectors.road import Step
from synthesis.models.snapshots import Snapshot
from synthesis.selectors.snapshots import SUMMARY


def steps(viewer: Viewer, review: Review) -> list[Step]:
    """Return this room's steps."""
    return [_synthesis(viewer), _report(viewer)]


def _synthesis(viewer: Viewer) -> Step:
    """The last summary counts; what no summary holds yet is not told."""
    studies = (
        Snapshot.objects.filter(review_id=viewer.review_id, kind=SUMMARY)
        .order_by("-made_at", "-pk")
        .values_list("result__counts__studies", flat=True)
        .first()
    )
    if studies is None:
        return Step("synthesis", words=_("Opens with the first final values"), mine=_("Not computed yet"))
    return Step(
        "synthesis",
        state="now",
        stands=str(studies),
        unit=ngettext("study summarised", "studies summarised", studies),
        words=_("Change, harms, pooling and agreement"),
    )


def _report(viewer: Viewer) -> Step:
    """The report can be opened at any time; it stands once a round is released. One cheap question, for every page."""
    released = Round.objects.filter(review_id=viewer.review_id, closed_at__isnull=False).exists()
    words = _("The flow, every table, one bundle") if released else _("Fills with every release")
    return Step("report", state="now" if released else "shut", words=words)
