"""The audit trail that a viewer may read: own acts, shared acts, and what was released."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from reviewapp.gate import Viewer
from reviewapp.models.events import Event

PAGE = 50


def events(viewer: Viewer, *, subject: UUID | None = None, verb: str = "", mine: bool = False) -> Any:
    """Return visible events, latest first; no number of theirs spans seats."""
    rows = Event.objects.visible_to(viewer).select_related("author")
    if subject is not None:
        rows = rows.filter(subject_uid=subject)
    if verb:
        rows = rows.filter(verb=verb)
    if mine:
        rows = rows.filter(author_id=viewer.seat_id)
    return rows.order_by("-at", "-uid")


def verbs(viewer: Viewer) -> list[str]:
    """Return the kinds of act among the visible events."""
    return sorted(set(Event.objects.visible_to(viewer).order_by().values_list("verb", flat=True).distinct()))
