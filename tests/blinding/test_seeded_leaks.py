"""Tests of the test: leaks put in by hand, each of which the two worlds must tell apart."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from reviewapp.models.decisions import Decision, Standing
from reviewapp.models.events import Event
from reviewapp.models.rounds import Assignment
from reviewapp.services.refusals import Refused
from tests.blinding import worlds
from tests.blinding.settings_of_worlds import STAGES
from tests.blinding.test_noninterference import player

pytestmark = pytest.mark.django_db
STAGE = STAGES["titles"]
NOTHING_OR_INCLUDE = ("B", None, (0, "include", "secret words", 5000))
EXCLUDE_OR_INCLUDE = ("B", (0, "exclude", "", 5000), (0, "include", "", 5000))
A_ANSWERS = ("A", (1, "include", ""))


def everything(model: Any) -> Any:
    """Open all rows, as a careless hand would."""
    return model.objects.for_system("a leak put in on purpose")


def look_at(*names: str, role: str = "alice") -> Callable[[worlds.World], None]:
    """Return a look of one role at some pages."""

    def look(world: worlds.World) -> None:
        for name in names:
            args = [world.team.review.uid]
            if name == "screen":
                args.append(world.things["open"].uid)
            if name == "api_next":
                args.append(world.things["open"].uid)
            if name == "record":
                args.append(world.uids["record"][0])
            if name == "table_csv":
                args.append("votes_long")
            world.observe(role, world.things["people"][role], "get", reverse(name, args=args))

    return look


def footer(patch: Any, words: Callable[[], str]) -> None:
    from reviewapp.selectors import road

    patch.setattr(road, "foot", lambda viewer, review: words())


def header(patch: Any, value: Callable[[], str], name: str = "X-State") -> None:
    from reviewapp.web import middleware

    before = middleware.PolicyHeaders.__call__

    def call(self: Any, request: Any) -> Any:
        response = before(self, request)
        response.headers[name] = value()
        return response

    patch.setattr(middleware.PolicyHeaders, "__call__", call)


def n_votes(patch: Any) -> None:
    footer(patch, lambda: f"{everything(Standing).count()} answers")


def somebody_acted(patch: Any) -> None:
    footer(patch, lambda: "busy" if everything(Decision).exists() else "quiet")


def last_change(patch: Any) -> None:
    footer(patch, lambda: str(everything(Event).filter(verb="screening.decided").order_by("-at").first()))


def etag_of_everything(patch: Any) -> None:
    header(patch, lambda: f'"{everything(Decision).count()}"', "ETag")


def last_modified(patch: Any) -> None:
    header(
        patch,
        lambda: str(everything(Standing).order_by("-at").values_list("at", flat=True).first()),
        "Last-Modified",
    )


def agreement_early(patch: Any) -> None:
    header(patch, lambda: str(everything(Standing).filter(verdict="include").count()), "X-Kappa")


def progress_of_all(patch: Any) -> None:
    from reviewapp.selectors import screening

    before = screening.own_rounds

    def leaky(viewer: Any) -> Any:
        from dataclasses import replace

        done = everything(Standing).exclude(verdict="").count()
        return [replace(view, done=min(view.total, done)) for view in before(viewer)]

    patch.setattr(screening, "own_rounds", leaky)


def queue_by_others(patch: Any) -> None:
    from reviewapp.selectors import screening

    def leaky(viewer: Any, round_: Any, *, after: int = 0) -> Any:
        answered = list(everything(Standing).exclude(author_id=viewer.seat_id).values_list("unit", flat=True))
        waiting = screening._own(viewer, round_).filter(answered=False)
        return waiting.filter(unit__in=answered).first() or waiting.last()

    patch.setattr(screening, "next_assignment", leaky)


def history_of_all(patch: Any) -> None:
    from reviewapp.selectors import history

    patch.setattr(
        history,
        "events",
        lambda viewer, **k: (
            everything(Event).filter(review_id=viewer.review_id).select_related("author").order_by("-at")
        ),
    )


def verbs_of_all(patch: Any) -> None:
    from reviewapp.selectors import history

    patch.setattr(
        history, "verbs", lambda viewer: sorted(set(everything(Event).values_list("verb", flat=True)))
    )


def conflicts_before_release(patch: Any) -> None:
    from reviewapp.selectors import conflicts

    def leaky(viewer: Any, stage: str = "") -> Any:
        from reviewapp.models.rounds import Round

        round_ = Round.objects.first()
        units = everything(Standing).filter(verdict="exclude").values_list("unit", flat=True)
        return [conflicts.Conflict(round_, unit, "A conflict", "eligibility", None, False) for unit in units]

    patch.setattr(conflicts, "conflicts", leaky)


def rule_of_everything(patch: Any) -> None:
    from django.db.models import Q

    from reviewapp.gate import Viewer

    patch.setattr(Viewer, "may_see", lambda self: Q(review_id=self.review_id))


def lead_sees_counts(patch: Any) -> None:
    from reviewapp.selectors import screening

    before = screening._finished
    patch.setattr(
        screening,
        "_finished",
        lambda viewer, stage: {
            k: (everything(Standing).count(), m) for k, (_n, m) in before(viewer, stage).items()
        },
    )


def error_message(patch: Any) -> None:
    from reviewapp.services import screening

    before = screening.decide

    def leaky(**given: Any) -> Any:
        if not Assignment.objects.of_author(given["actor"]).filter(author__name="Alice").exists():
            return before(**given)
        raise Refused(f"{everything(Decision).count()} answers so far", "verdict")

    patch.setattr(screening, "decide", leaky)


def already_decided(patch: Any) -> None:
    from reviewapp.services import screening

    before = screening.decide

    def leaky(*, actor: Any, assignment_uid: Any, **given: Any) -> Any:
        mine = Assignment.objects.of_author(actor).get(uid=assignment_uid)
        if everything(Standing).filter(unit=mine.unit).exclude(author_id=actor.seat_id).exists():
            raise Refused("Your partner answered this one already.", "verdict")
        return before(actor=actor, assignment_uid=assignment_uid, **given)

    patch.setattr(screening, "decide", leaky)


def sequential_key(patch: Any) -> None:
    header(
        patch, lambda: str(everything(Decision).order_by("-pk").values_list("pk", flat=True).first()), "X-Id"
    )


def log_line(patch: Any) -> None:
    header(
        patch,
        lambda: logging.getLogger("dyad").warning("answers: %s", everything(Decision).count()) or "",
        "X-Log",
    )


def mail_to_partner(patch: Any) -> None:
    from reviewapp.services import screening

    before = screening._append

    def leaky(actor: Any, assignment: Any, **given: Any) -> Any:
        from django.core.mail import send_mail

        send_mail("An answer was given", "...", None, ["alice@example.org"])
        return before(actor, assignment, **given)

    patch.setattr(screening, "_append", leaky)


def table_of_all_votes(patch: Any) -> None:
    header(patch, lambda: ",".join(everything(Standing).values_list("verdict", flat=True)), "X-Votes")


def record_touched(patch: Any) -> None:
    from reviewapp.models.records import Record

    def words() -> str:
        record = Record.objects.order_by("uid").first()
        return "touched" if everything(Standing).filter(unit=record.uid).exists() else "untouched"

    footer(patch, words)


def who_is_here(patch: Any) -> None:
    footer(patch, lambda: ", ".join(sorted(set(everything(Decision).values_list("author__name", flat=True)))))


LEAKS: dict[str, tuple[Callable[[Any], None], tuple[Any, ...], Callable[[worlds.World], None] | None]] = {
    "the number of answers": (n_votes, (NOTHING_OR_INCLUDE,), look_at("review")),
    "that somebody acted": (somebody_acted, (NOTHING_OR_INCLUDE,), look_at("team")),
    "the time of the last answer": (last_change, (NOTHING_OR_INCLUDE,), look_at("records")),
    "an ETag over all answers": (etag_of_everything, (NOTHING_OR_INCLUDE,), look_at("titles")),
    "Last-Modified of the latest answer": (last_modified, (NOTHING_OR_INCLUDE,), look_at("studies")),
    "agreement before release": (agreement_early, (EXCLUDE_OR_INCLUDE,), look_at("titles")),
    "progress that counts both": (progress_of_all, (NOTHING_OR_INCLUDE,), look_at("titles")),
    "a queue that follows the other": (
        queue_by_others,
        tuple(("B", None, (at, "include", "", 5)) for at in range(3)),
        look_at("screen"),
    ),
    "a history of everyone": (history_of_all, (EXCLUDE_OR_INCLUDE,), look_at("history")),
    "a filter of everyone's acts": (verbs_of_all, (NOTHING_OR_INCLUDE,), look_at("history")),
    "conflicts before release": (conflicts_before_release, (EXCLUDE_OR_INCLUDE,), look_at("conflicts")),
    "conflicts for the adjudicator": (
        conflicts_before_release,
        (EXCLUDE_OR_INCLUDE,),
        look_at("conflicts", role="carol"),
    ),
    "a gate that opens all": (rule_of_everything, (EXCLUDE_OR_INCLUDE,), look_at("history", "table_csv")),
    "the lead's count of answers": (lead_sees_counts, (NOTHING_OR_INCLUDE,), look_at("titles", role="dora")),
    "an error that counts": (error_message, (NOTHING_OR_INCLUDE, A_ANSWERS), None),
    "a refusal that the partner was first": (
        already_decided,
        (("B", None, (0, "include", "", 5)), *(("A", (at, "include", "")) for at in range(4))),
        None,
    ),
    "a key that counts rows": (sequential_key, (NOTHING_OR_INCLUDE,), look_at("api_rounds")),
    "a log line with a count": (log_line, (NOTHING_OR_INCLUDE,), look_at("review")),
    "a mail at each answer": (mail_to_partner, (NOTHING_OR_INCLUDE,), look_at("review")),
    "verdicts in a header": (table_of_all_votes, (EXCLUDE_OR_INCLUDE,), look_at("table_csv")),
    "that a record was touched": (
        record_touched,
        (
            ("B", None, (0, "maybe", "", 5)),
            ("B", None, (1, "maybe", "", 5)),
            ("B", None, (2, "maybe", "", 5)),
        ),
        look_at("record"),
    ),
    "who has been here": (who_is_here, (NOTHING_OR_INCLUDE,), look_at("api_review", "review")),
}


@pytest.mark.parametrize("name", LEAKS)
def test_the_leak_is_caught(name, monkeypatch):
    leak, trace, look = LEAKS[name]
    play = player(STAGE)

    def step(world: worlds.World, one: Any, which: int) -> None:
        if callable(one):
            one(world)
        else:
            play(world, one, which)

    def both() -> str | None:
        whole = [*trace, *([look] if look else [])]
        one, two = (worlds.run(which, whole, STAGE.set_up, step) for which in (0, 1))
        return worlds.difference(one, two)

    assert both() is None, "without the leak the worlds are the same"
    leak(monkeypatch)
    assert both() is not None
