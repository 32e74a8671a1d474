"""A reviewer's queue, progress and history: own rows only, never a count that another's answers change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviewapp.gate import Viewer
from reviewapp.models.decisions import Decision, Standing
from reviewapp.models.reviews import HighlightWord, Review, Stage
from reviewapp.models.rounds import Assignment, Round
from reviewapp.models.seats import Role
from reviewapp.models.studies import StudyLink
from reviewapp.selectors.road import Step, Todo

RECENT = 200


@dataclass(frozen=True, slots=True)
class RoundView:
    """A round as one seat may know it: own progress; for a lead also how many reviewers have finished."""

    round: Round
    total: int
    done: int
    finished: int | None = None
    reviewers: int | None = None

    @property
    def left(self) -> int:
        """Return how many of my answers are missing."""
        return self.total - self.done

    @property
    def is_open(self) -> bool:
        """Tell whether the round is not closed yet."""
        return self.round.closed_at is None

    @property
    def can_close(self) -> bool:
        """Tell whether every reviewer has finished (known to a lead only)."""
        return self.is_open and self.finished is not None and self.finished == self.reviewers


def own_rounds(viewer: Viewer) -> list[RoundView]:
    """Return the rounds of both stages with my own progress, in two queries."""
    answered = Standing.objects.of_author(viewer).filter(assignment_id=OuterRef("pk")).exclude(verdict="")
    mine = {
        round_id: (total, done)
        for round_id, total, done in Assignment.objects.of_author(viewer)
        .order_by()
        .values_list("round_id")
        .annotate(total=Count("pk"), done=Count("pk", filter=Exists(answered)))
    }
    listed = Round.objects.filter(review_id=viewer.review_id).order_by("stage", "number")
    return [RoundView(round_, *mine.get(round_.pk, (0, 0))) for round_ in listed]


def rounds(viewer: Viewer, stage: str) -> list[RoundView]:
    """Return the rounds of a stage with my own progress; for a lead also how many reviewers have finished."""
    listed = [view for view in own_rounds(viewer) if view.round.stage == stage]
    if not viewer.has(Role.LEAD) or not any(view.is_open for view in listed):
        return listed
    finished = _finished(viewer, stage)
    return [replace(view, **_known(finished.get(view.round.pk))) for view in listed]


def _known(finished: tuple[int, int] | None) -> dict[str, Any]:
    return {"finished": finished[0], "reviewers": finished[1]} if finished else {}


def _finished(viewer: Viewer, stage: str) -> dict[int, tuple[int, int]]:
    """Count reviewers who have finished each round: the one number a lead may know before release."""
    reason = "how many reviewers have finished: a declared release to the lead"
    handed = (
        Assignment.objects.for_system(reason)
        .filter(review_id=viewer.review_id, round__stage=stage, round__closed_at__isnull=True)
        .order_by()
        .values_list("round_id", "author_id")
        .annotate(n=Count("pk"))
    )
    cast = {
        (round_id, author): n
        for round_id, author, n in Standing.objects.for_system(reason)
        .filter(review_id=viewer.review_id, round__stage=stage, round__closed_at__isnull=True)
        .exclude(verdict="")
        .order_by()
        .values_list("round_id", "author_id")
        .annotate(n=Count("pk"))
    }
    found: dict[int, tuple[int, int]] = {}
    for round_id, author, n in handed:
        ready, everyone = found.get(round_id, (0, 0))
        found[round_id] = (ready + (cast.get((round_id, author), 0) >= n), everyone + 1)
    return found


def _own(viewer: Viewer, round_: Round) -> Any:
    answered = Standing.objects.of_author(viewer).filter(assignment_id=OuterRef("pk")).exclude(verdict="")
    return (
        Assignment.objects.of_author(viewer)
        .filter(round=round_)
        .annotate(answered=Exists(answered))
        .select_related("record", "study", "round", "round__criteria")
        .order_by("order")
    )


def queue(viewer: Viewer, round_: Round) -> list[tuple[Assignment, bool]]:
    """Return all my assignments of a round in my own order, each with whether my answer stands."""
    return [(one, bool(one.answered)) for one in _own(viewer, round_)]


def next_assignment(viewer: Viewer, round_: Round, *, after: int = 0) -> Assignment | None:
    """Return my next unanswered assignment, going on after an order and coming round to what was skipped."""
    waiting = _own(viewer, round_).filter(answered=False)
    found: Assignment | None = waiting.filter(order__gt=after).first() or waiting.first()
    return found


def before(viewer: Viewer, assignment: Assignment) -> Assignment | None:
    """Return my assignment before this one in my own order."""
    found: Assignment | None = _own(viewer, assignment.round).filter(order__lt=assignment.order).last()
    return found


def assignment(viewer: Viewer, uid: UUID) -> Assignment | None:
    """Return one of my own assignments."""
    found: Assignment | None = (
        Assignment.objects.of_author(viewer)
        .select_related("record", "study", "round", "round__criteria")
        .filter(uid=uid)
        .first()
    )
    return found


def standing_decision(viewer: Viewer, assignment: Assignment) -> Decision | None:
    """Return my answer that stands for an assignment, if any."""
    found: Decision | None = (
        Decision.objects.of_author(viewer)
        .filter(assignment=assignment)
        .select_related("reason")
        .order_by("-version")
        .first()
    )
    return found if found is not None and found.verdict else None


def last_answered(viewer: Viewer, round_: Round) -> Standing | None:
    """Return my latest standing answer in a round: what undo takes back."""
    found: Standing | None = (
        Standing.objects.of_author(viewer)
        .filter(round=round_)
        .exclude(verdict="")
        .select_related("assignment", "decision")
        .order_by("-at")
        .first()
    )
    return found


@dataclass(frozen=True, slots=True)
class Pace:
    """My own median time a record and the time the rest takes (seconds; None before 5 answers)."""

    median_seconds: float | None
    left_seconds: float | None

    @property
    def left_words(self) -> str:
        """Say how long the rest takes."""
        if self.left_seconds is None:
            return ""
        minutes = max(1, round(self.left_seconds / 60))
        hours, minutes = divmod(minutes, 60)
        if hours:
            return _("at your pace %(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
        return ngettext("at your pace %d minute", "at your pace %d minutes", minutes) % minutes


def pace(viewer: Viewer, view: RoundView) -> Pace:
    """Return my own pace in a round."""
    own = Standing.objects.of_author(viewer).filter(round=view.round)
    times = sorted(
        own.exclude(decision__dwell_ms=None)
        .order_by("-at")
        .values_list("decision__dwell_ms", flat=True)[:RECENT]
    )
    median = times[len(times) // 2] / 1000 if len(times) >= 5 else None
    return Pace(median, median * view.left if median is not None else None)


def history(viewer: Viewer, round_: Round) -> Sequence[Standing]:
    """Return my own standing answers in a round, latest first."""
    return list(
        Standing.objects.of_author(viewer)
        .filter(round=round_)
        .exclude(verdict="")
        .select_related("assignment__record", "assignment__study", "decision__reason")
        .order_by("-at")[:RECENT]
    )


def reports_of_study(viewer: Viewer, study_id: int) -> list[StudyLink]:
    """Return the current reports of a study with their records."""
    return list(
        StudyLink.objects.filter(review_id=viewer.review_id, study_id=study_id, is_current=True)
        .select_related("report__record")
        .order_by("-report__is_primary", "report__record__year", "report__uid")
    )


def highlight_words(viewer: Viewer) -> dict[str, list[str]]:
    """Return the review-wide words to mark, for and against."""
    words = HighlightWord.objects.filter(review_id=viewer.review_id).order_by("word")
    return {
        "for": [row.word for row in words if not row.against],
        "against": [row.word for row in words if row.against],
    }


def steps(viewer: Viewer, review: Review) -> list[Step]:
    """Return where the two stages of screening stand for me."""
    listed = own_rounds(viewer)
    return [
        _step(key, [view for view in listed if view.round.stage == stage])
        for key, stage in (("titles", Stage.TITLE_ABSTRACT), ("texts", Stage.FULL_TEXT))
    ]


def _step(key: str, listed: list[RoundView]) -> Step:
    if not listed:
        return Step(key, words=_("Opens when the lead opens a round"), mine=_("Not open yet"))
    wait = sum(view.left for view in listed if view.is_open)
    mine_total, mine_done = sum(view.total for view in listed), sum(view.done for view in listed)
    is_open = any(view.is_open for view in listed)
    words = (
        _("Round %(n)d is open; answers of others stay closed until it is released")
        if is_open
        else _("Released")
    )
    return Step(
        key,
        state="now" if is_open else "done",
        wait=wait,
        stands=str(mine_done) if mine_total else str(sum(view.round.size for view in listed)),
        unit=_("of %d are yours") % mine_total if mine_total else _("in rounds"),
        words=words % {"n": listed[-1].round.number} if is_open else words,
        mine=ngettext("%d waits for you", "%d wait for you", wait) % wait if wait else "",
    )


def todo(viewer: Viewer, review: Review) -> list[Todo]:
    """Tell the lead how far the open rounds are: how many have finished, never who or how."""
    if not viewer.has(Role.LEAD):
        return []
    found = []
    for stage, url in ((Stage.TITLE_ABSTRACT, "titles"), (Stage.FULL_TEXT, "texts")):
        for view in rounds(viewer, stage):
            if view.is_open and view.reviewers is not None:
                title = _("Release %(round)s") % {"round": view.round}
                words = _("%(n)d of %(m)d reviewers have finished.") % {
                    "n": view.finished,
                    "m": view.reviewers,
                }
                found.append(Todo(title, words, reverse(url, args=[review.uid])))
    return found
