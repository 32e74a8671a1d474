"""Where this room's steps of the road stand for a viewer, and what waits for a decision."""

from __future__ import annotations

from reviewapp.gate import Viewer
from reviewapp.models.reviews import Review
from reviewapp.selectors import conflicts, protocol, screening
from reviewapp.selectors.road import Step, Todo


def steps(viewer: Viewer, review: Review) -> list[Step]:
    """Return this room's steps."""
    return [
        *screening.steps(viewer, review),
    ]


def todo(viewer: Viewer, review: Review) -> list[Todo]:
    """Return what the viewer must decide in this room."""
    return [
        *protocol.todo(viewer, review),
        *conflicts.todo(viewer, review),
        *screening.todo(viewer, review),
    ]
