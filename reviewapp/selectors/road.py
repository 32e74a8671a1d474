"""The road of a review: eight steps, each with where it stands and what waits for the viewer.

Rooms above this one add their steps by name (settings.ROAD), so that no import points upward.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reviewapp.gate import Viewer
from reviewapp.models.reviews import Review


@dataclass(frozen=True, slots=True)
class Step:
    """One step: ``state`` done, now or shut; ``wait`` what waits for me; ``stands`` and ``unit`` the count shown."""

    key: str
    state: str = "shut"
    wait: int = 0
    stands: str = "–"
    unit: str = ""
    words: str = ""
    mine: str = ""


NAMES: dict[str, tuple[Any, Any, str]] = {
    "sources": (gettext_lazy("Sources"), gettext_lazy("Sources"), "sources"),
    "duplicates": (gettext_lazy("Duplicates"), gettext_lazy("Dupl."), "duplicates"),
    "titles": (gettext_lazy("Titles and abstracts"), gettext_lazy("Titles"), "titles"),
    "texts": (gettext_lazy("Full texts"), gettext_lazy("Texts"), "texts"),
    "studies": (gettext_lazy("Studies"), gettext_lazy("Studies"), "studies"),
    "extraction": (gettext_lazy("Extraction"), gettext_lazy("Extract"), "extraction"),
    "synthesis": (gettext_lazy("Synthesis"), gettext_lazy("Synth."), "synthesis"),
    "report": (gettext_lazy("Report"), gettext_lazy("Report"), "report"),
}
Provider = Callable[[Viewer, Review], list[Step]]


@cache
def _providers() -> tuple[Provider, ...]:
    from django.conf import settings

    return tuple(import_string(name) for name in settings.ROAD)


def all_steps(viewer: Viewer, review: Review) -> dict[str, Step]:
    """Return every step by key, as far as the viewer may know."""
    found = {key: Step(key) for key in NAMES}
    for provider in _providers():
        for step in provider(viewer, review):
            found[step.key] = step
    return found


def drawn(stands: dict[str, Step], review: Review, *, current: str) -> list[dict[str, Any]]:
    """Return the eight steps as the shell draws them."""
    listed = []
    for number, (key, step) in enumerate(stands.items(), start=1):
        name, short, url = NAMES[key]
        listed.append(
            {
                "n": number,
                "key": key,
                "name": name,
                "short": short,
                "url": reverse(url, args=[review.uid]),
                "state": step.state,
                "wait": step.wait,
                "current": key == current,
                "step": step,
            }
        )
    return listed


def next_task(listed: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the first step where something waits for the viewer, else None."""
    waiting = [step for step in listed if step["wait"]]
    preferred = [step for step in waiting if step["key"] in {"titles", "texts", "extraction"}]
    return next(iter(preferred or waiting), None)


@dataclass(frozen=True, slots=True)
class Todo:
    """Something the lead, curator or adjudicator must decide; ``is_task`` makes it the page's one strong action."""

    title: str
    words: str
    url: str
    is_task: bool = False


def todo(viewer: Viewer, review: Review) -> list[Todo]:
    """Return what the viewer must decide, from every room (settings.TODO)."""
    from django.conf import settings

    return [item for name in settings.TODO for item in import_string(name)(viewer, review)]


def foot(viewer: Viewer, review: Review) -> str:
    """Return the line under the road."""
    return _("You see your own answers only, until a round is released.")
