"""Open and settled conflicts of released rounds; two answers as A and B in an order drawn for each record."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from reviewapp.gate import Viewer
from reviewapp.models.decisions import Decision, Resolution, Standing
from reviewapp.models.events import Event
from reviewapp.models.records import Record
from reviewapp.models.reviews import Review, Stage
from reviewapp.models.rounds import Assignment, Round
from reviewapp.models.seats import Role
from reviewapp.models.studies import Study
from reviewapp.pure.assigning import draw
from reviewapp.selectors.outcomes import outcomes, resolutions
from reviewapp.selectors.road import Todo


@dataclass(frozen=True, slots=True)
class Conflict:
    """One disagreement: what it is about, its kind, and how it was settled (None while open)."""

    round: Round
    unit: UUID
    title: str
    kind: str
    resolution: Resolution | None
    mine: bool


@dataclass(frozen=True, slots=True)
class Sides:
    """A conflict opened: the record or study, and the two answers."""

    conflict: Conflict
    record: Record | None
    study: Study | None
    a: Decision
    b: Decision
    answered_first: str


def conflicts(viewer: Viewer, stage: str = "") -> list[Conflict]:
    """Return the conflicts of every released round, open ones first; none of a round that is not released."""
    found: list[Conflict] = []
    closed = Round.objects.select_related("review").filter(
        review_id=viewer.review_id, closed_at__isnull=False
    )
    for round_ in closed.filter(stage=stage) if stage else closed:
        clashing = {unit: what for unit, what in outcomes(viewer, round_).items() if what.state == "conflict"}
        if not clashing:
            continue
        settled = resolutions(viewer, round_)
        own = set(
            Assignment.objects.of_author(viewer)
            .filter(round=round_, unit__in=clashing)
            .values_list("unit", flat=True)
        )
        titles = _titles(viewer, round_, list(clashing))
        found += [
            Conflict(round_, unit, titles[unit], what.kind or "", settled.get(unit), unit in own)
            for unit, what in clashing.items()
        ]
    return sorted(found, key=lambda one: (one.resolution is not None, draw(one.round.seed, str(one.unit))))


def _titles(viewer: Viewer, round_: Round, units: list[UUID]) -> dict[UUID, str]:
    here = {"review_id": viewer.review_id, "uid__in": units}
    if round_.stage == Stage.TITLE_ABSTRACT:
        return dict(Record.objects.filter(**here).values_list("uid", "title"))
    return dict(Study.objects.filter(**here).values_list("uid", "label"))


def open_for_me(viewer: Viewer) -> list[Conflict]:
    """Return the open conflicts that this seat may settle."""
    if not viewer.has(Role.ADJUDICATOR):
        return []
    return [one for one in conflicts(viewer) if one.resolution is None and not one.mine]


def sides(viewer: Viewer, round_uid: UUID, unit: UUID) -> Sides | None:
    """Open one conflict; None if there is none that the viewer may see."""
    one = next((one for one in conflicts(viewer) if one.unit == unit and one.round.uid == round_uid), None)
    if one is None:
        return None
    standing = list(
        Standing.objects.visible_to(viewer)
        .filter(round=one.round, unit=unit)
        .select_related("decision__reason", "author")
    )
    standing.sort(key=lambda row: draw(one.round.seed, "sides", str(unit), str(row.author.uid)))
    first = (
        Event.objects.of_author(viewer)
        .filter(round=one.round, unit=unit, verb="conflict.answered_first")
        .order_by("seq")
        .first()
    )
    of_record = one.round.stage == Stage.TITLE_ABSTRACT
    mine = {"review_id": viewer.review_id, "uid": unit}
    return Sides(
        conflict=one,
        record=Record.objects.filter(**mine).first() if of_record else None,
        study=None if of_record else Study.objects.filter(**mine).first(),
        a=standing[0].decision,
        b=standing[1].decision,
        answered_first=first.new["verdict"] if first else "",
    )


def todo(viewer: Viewer, review: Review) -> list[Todo]:
    """Return the conflicts that wait for this seat as one line."""
    from django.urls import reverse
    from django.utils.translation import gettext as _
    from django.utils.translation import ngettext

    waiting = len(open_for_me(viewer))
    if not waiting:
        return []
    title = ngettext("%d conflict waits for you", "%d conflicts wait for you", waiting) % waiting
    words = _("Both answers are in and released; you answered neither.")
    return [Todo(title, words, reverse("conflicts", args=[review.uid]), is_task=True)]
