"""Where this room's steps of the road stand for a viewer."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extraction.models.definitions import StudyForm
from extraction.selectors import entries, pairs
from extraction.selectors.releases import released
from reviewapp.gate import Viewer
from reviewapp.models.reviews import Review
from reviewapp.selectors.road import Step


def steps(viewer: Viewer, review: Review) -> list[Step]:
    """Return this room's steps: what I have to fill, and the pairs that I may reconcile."""
    handed_out = StudyForm.objects.filter(review_id=viewer.review_id).count()
    if not handed_out:
        return [Step("extraction", words=_("Opens when studies are included"), mine=_("Not open yet"))]
    known = released(viewer)
    to_fill = len(entries.to_fill(viewer))
    to_reconcile = len(pairs.to_reconcile(viewer, known))
    done = len(known.reconciled)
    parts = []
    if to_fill:
        parts.append(ngettext("%d form to fill", "%d forms to fill", to_fill) % to_fill)
    if to_reconcile:
        parts.append(ngettext("%d pair to reconcile", "%d pairs to reconcile", to_reconcile) % to_reconcile)
    return [
        Step(
            "extraction",
            state="done" if done == handed_out else "now",
            wait=to_fill + to_reconcile,
            stands=str(done),
            unit=_("of %d reconciled") % handed_out,
            words=_("Two fill each form; neither sees the other's before both are in"),
            mine=" · ".join(parts),
        )
    ]
