"""Which studies are extracted: those that closed rounds of full texts include, and what each serves."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from reviewapp.gate import Viewer
from reviewapp.models.reviews import Stage
from reviewapp.models.rounds import Round
from reviewapp.models.studies import Study
from reviewapp.selectors.outcomes import settled

EXTRACTED = ("efficacy", "harms_only")
"""Purposes whose studies are extracted; a background study is only cited."""


@dataclass(frozen=True, slots=True)
class Included:
    """A study included at full text and its purpose: efficacy, harms_only or background."""

    study: Study
    purpose: str


def included(viewer: Viewer) -> dict[UUID, Included]:
    """Return the included studies by uid, in the order of their labels; nothing of a round that is not released."""
    purposes: dict[UUID, str] = {}
    closed = Round.objects.select_related("review").filter(
        review_id=viewer.review_id, stage=Stage.FULL_TEXT, closed_at__isnull=False
    )
    for round_ in closed:
        for unit, (verdict, purpose, _reason) in settled(viewer, round_).items():
            if verdict == "include":
                purposes[unit] = purpose
    studies = Study.objects.filter(review_id=viewer.review_id, uid__in=purposes, retired_at__isnull=True)
    return {study.uid: Included(study, purposes[study.uid]) for study in studies.order_by("label", "uid")}
