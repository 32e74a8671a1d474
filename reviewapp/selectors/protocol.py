"""The protocol as pages and exports show it."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from reviewapp.gate import Viewer
from reviewapp.models.reviews import CriteriaVersion, Criterion, ExclusionReason, HighlightWord, Review, Stage
from reviewapp.models.rounds import Round
from reviewapp.models.seats import Role
from reviewapp.selectors.road import Todo


@dataclass(frozen=True, slots=True)
class ProtocolView:
    """A review's protocol: the current criteria, reasons and words, and whether screening has started."""

    review: Review
    version: CriteriaVersion | None
    criteria: tuple[Criterion, ...]
    reasons: tuple[ExclusionReason, ...]
    words: tuple[HighlightWord, ...]
    started: bool

    @property
    def missing(self) -> bool:
        """Tell whether something must be written before a round can open (MECIR C39)."""
        return not (self.criteria and self.reasons and self.review.disagreement_process.strip())


def protocol(viewer: Viewer, review: Review) -> ProtocolView:
    """Return the protocol of the viewer's review."""
    version = CriteriaVersion.objects.filter(review_id=viewer.review_id).order_by("-number").first()
    return ProtocolView(
        review=review,
        version=version,
        criteria=tuple(Criterion.objects.filter(version=version)) if version else (),
        reasons=reasons(viewer),
        words=tuple(HighlightWord.objects.filter(review_id=viewer.review_id).order_by("against", "word")),
        started=Round.objects.filter(review_id=viewer.review_id).exists(),
    )


def reasons(viewer: Viewer) -> tuple[ExclusionReason, ...]:
    """Return the standing exclusion reasons in order."""
    return tuple(ExclusionReason.objects.filter(review_id=viewer.review_id, retired_at__isnull=True))


def criteria_of(version_id: int | None, stage: str) -> tuple[Criterion, ...]:
    """Return the criteria of one version that are judged at a stage.

    At full text those of titles stand as well, but for what is answered maybe: maybe exists at titles only.
    """
    if version_id is None:
        return ()
    rows = Criterion.objects.filter(version_id=version_id)
    if stage == Stage.TITLE_ABSTRACT:
        return tuple(rows.filter(stage=stage))
    return tuple(rows.exclude(sense=Criterion.Sense.MAYBE))


def todo(viewer: Viewer, review: Review) -> list[Todo]:
    """Tell the lead that the protocol lacks what a round needs."""
    if not viewer.has(Role.LEAD) or not protocol(viewer, review).missing:
        return []
    words = _("Criteria, exclusion reasons and how disagreements are settled must stand before screening.")
    return [Todo(_("Complete the protocol"), words, reverse("protocol", args=[review.uid]))]
