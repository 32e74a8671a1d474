"""Where this room's steps of the road stand for a viewer, and what waits for a decision."""

from __future__ import annotations

from reviewapp.gate import Viewer
from reviewapp.models.reviews import Review
from reviewapp.selectors import conflicts, dedup, importing, protocol, screening, studies
from reviewapp.selectors.road import Step, Todo


def steps(viewer: Viewer, review: Review) -> list[Step]:
    """Return this room's steps."""
    return [
        importing.step(viewer, review),
        dedup.step(viewer, review),
        *screening.steps(viewer, review),
        studies.step(viewer, review),
    ]


def todo(viewer: Viewer, review: Review) -> list[Todo]:
    """Return what the viewer must decide in this room."""
    return [
        *protocol.todo(viewer, review),
        *dedup.todo(viewer, review),
        *conflicts.todo(viewer, review),
        *screening.todo(viewer, review),
        *studies.todo(viewer, review),
    ]
