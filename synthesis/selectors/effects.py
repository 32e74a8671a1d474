"""Who has opened the effects: a decision to pool says whether it was taken with or without sight of them."""

from __future__ import annotations

from reviewapp.gate import Viewer
from reviewapp.models.events import Event

VERB = "synthesis.effects_opened"


def opened(viewer: Viewer) -> bool:
    """Tell whether the viewer's own seat has opened the effects."""
    return bool(Event.objects.of_author(viewer).filter(verb=VERB).exists())


def opened_by_anyone(viewer: Viewer) -> bool:
    """Tell whether any seat of the review has opened them; opening is an act that all may see."""
    return bool(
        Event.objects.visible_to(viewer).filter(review_id=viewer.review_id, verb=VERB, shared=True).exists()
    )
