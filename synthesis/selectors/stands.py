"""Where this room's steps of the road stand for a viewer."""

from __future__ import annotations

from django.utils.translation import gettext as _

from reviewapp.gate import Viewer
from reviewapp.models.reviews import Review
from reviewapp.models.rounds import Round
from reviewapp.selectors.road import Step


def steps(viewer: Viewer, review: Review) -> list[Step]:
    """Return this room's steps."""
    return [
        _report(viewer),
    ]


def _report(viewer: Viewer) -> Step:
    """The report can be opened at any time; it stands once a round is released. One cheap question, for every page."""
    released = Round.objects.filter(review_id=viewer.review_id, closed_at__isnull=False).exists()
    words = _("The flow, every table, one bundle") if released else _("Fills with every release")
    return Step("report", state="now" if released else "shut", words=words)
