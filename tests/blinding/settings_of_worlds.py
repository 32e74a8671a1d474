"""The stages at which the two worlds are compared: titles, full texts, extraction. Each with what B may do there."""

from __future__ import annotations

import random
from typing import Any

from reviewapp.models.rounds import Assignment
from reviewapp.services import rounds, screening
from tests.blinding import probes
from tests.blinding.worlds import World
from tests.conftest import add_records, make_team

VERDICTS = ("include", "maybe", "exclude")
B_UNITS = 3  # of 4: so that B never finishes, which the lead alone may know


class Stage:
    """A stage: how the world is set up, what A and B do in one step, and how the round ends."""

    name = ""

    def set_up(self, world: World) -> None:
        """Make the team and what is open at this stage."""
        from reviewapp.models.people import User
        from reviewapp.services.reviews import seat_person

        team = world.team = make_team()
        olga = User.objects.create_user("olga@example.org", "x", name="Olga")
        seat_person(actor=team.dora.viewer, user=olga, roles=["observer"])
        world.things["people"] = {
            "alice": team.alice.user,
            "dora": team.dora.user,
            "carol": team.carol.user,
            "olga": olga,
            "eve": team.eve,
        }
        self.open(world)
        probes.fill(world)

    def open(self, world: World) -> None:
        """Open the work of this stage."""
        raise NotImplementedError

    def draw_a(self, draw: random.Random) -> Any:
        """Draw what A does."""
        raise NotImplementedError

    def draw_b(self, draw: random.Random) -> Any:
        """Draw what B does in one of the worlds; None is nothing at all."""
        raise NotImplementedError

    def act_a(self, world: World, act: Any) -> None:
        """Let A act through the pages, observed."""
        raise NotImplementedError

    def act_b(self, world: World, act: Any) -> None:
        """Let B act."""
        raise NotImplementedError

    def finish(self, world: World) -> None:
        """End the stage, so that the observer must see a difference."""
        raise NotImplementedError


class Titles(Stage):
    """A round of titles and abstracts."""

    name = "titles"
    stage = "title_abstract"

    def open(self, world: World) -> None:
        team = world.team
        add_records(team, 4, other=1)
        self._open(world)

    def _open(self, world: World) -> None:
        team = world.team
        opened = rounds.open_round(
            actor=team.dora.viewer, stage=self.stage, seats=[team.alice.seat.uid, team.bob.seat.uid], seed="s"
        )
        world.things["open"] = opened
        for name, person in (("alice", team.alice), ("bob", team.bob)):
            world.things[f"queue {name}"] = list(
                Assignment.objects.of_author(person.viewer).filter(round=opened).order_by("order")
            )

    def draw_a(self, draw: random.Random) -> Any:
        return (draw.randrange(4), draw.choice(VERDICTS), draw.choice(("", "note")))

    def draw_b(self, draw: random.Random) -> Any:
        kind = draw.choice(("nothing", "answer", "answer", "undo"))
        if kind == "nothing":
            return None
        at = draw.randrange(B_UNITS)
        if kind == "undo":
            return (at, None, "", None)
        return (at, draw.choice(VERDICTS), draw.choice(("", "secret words")), draw.choice((None, 5000)))

    def form(self, world: World, verdict: str) -> dict[str, Any]:
        """Return what the form of this stage sends beside the verdict."""
        return {}

    def act_a(self, world: World, act: Any) -> None:
        at, verdict, note = act
        team = world.team
        path = f"/r/{team.review.uid}/screen/{world.things['open'].uid}/"
        data = {"assignment": world.things["queue alice"][at].uid, "verdict": verdict, "note": note}
        world.observe("alice", team.alice.user, "post", path, {**data, **self.form(world, verdict)})

    def act_b(self, world: World, act: Any) -> None:
        at, verdict, note, dwell = act
        uid = world.things["queue bob"][at].uid
        bob = world.team.bob.viewer
        if verdict is None:
            screening.undo(actor=bob, assignment_uid=uid)
            return
        more = {("reason_uid" if k == "reason" else k): v for k, v in self.form(world, verdict).items()}
        screening.decide(actor=bob, assignment_uid=uid, verdict=verdict, note=note, dwell_ms=dwell, **more)

    def finish(self, world: World) -> None:
        from reviewapp.selectors.screening import standing_decision

        team = world.team
        for name, person in (("alice", team.alice), ("bob", team.bob)):
            for one in world.things[f"queue {name}"]:
                if standing_decision(person.viewer, one) is None:
                    screening.decide(
                        actor=person.viewer,
                        assignment_uid=one.uid,
                        verdict="exclude",
                        **{
                            f"{k}_uid" if k == "reason" else k: v
                            for k, v in self.form(world, "exclude").items()
                        },
                    )
        rounds.close_round(actor=team.dora.viewer, round_uid=world.things["open"].uid)


class Texts(Titles):
    """A round of full texts, after a released round of titles."""

    name = "texts"
    stage = "full_text"

    def open(self, world: World) -> None:
        from reviewapp.models.reviews import ExclusionReason
        from reviewapp.models.studies import Report, Retrieval, RetrievalState, Study, StudyLink

        team = world.team
        add_records(team, 1)
        for number in range(4):
            study = Study.objects.create(review=team.review, label=f"Author{number} 2001")
            report = Report.objects.create(review=team.review, title=f"Report {number}")
            StudyLink.objects.create(review=team.review, report=report, study=study)
            Retrieval.objects.create(review=team.review, report=report, state=RetrievalState.RETRIEVED)
        world.things["reason"] = ExclusionReason.objects.filter(review=team.review).first().uid
        self._open(world)

    def draw_a(self, draw: random.Random) -> Any:
        return (draw.randrange(4), draw.choice(("include", "exclude")), draw.choice(("", "note")))

    def draw_b(self, draw: random.Random) -> Any:
        act = super().draw_b(draw)
        return act and (act[0], "exclude" if act[1] == "maybe" else act[1], *act[2:])

    def form(self, world: World, verdict: str) -> dict[str, Any]:
        return {"purpose": "efficacy"} if verdict == "include" else {"reason": world.things["reason"]}


class Entries(Stage):
    """Two blind entries of a study; A only drafts, so that nothing is released."""

    name = "entries"

    def open(self, world: World) -> None:
        from tests.extraction.included import hand_out, include

        team = world.team
        add_records(team, 1)
        studies = include(team, {"Henderson 2002": "efficacy", "Acott 2005": "efficacy"})
        world.things["forms"] = [one.uid for one in hand_out(team, studies).values()]

    def draw_a(self, draw: random.Random) -> Any:
        return (draw.randrange(2), draw.choice(("6", "12")))

    def draw_b(self, draw: random.Random) -> Any:
        kind = draw.choice(("nothing", "draft", "submit"))
        return None if kind == "nothing" else (draw.randrange(2), kind, draw.choice(("89", "98")))

    def _draft(self, person: Any, unit: Any, mean: str) -> Any:
        from extraction.models.entries import Draft
        from extraction.services.entries import save_draft
        from tests.extraction.entries import change, payload, study, two_arms

        whole = payload(
            study=study(),
            arms=two_arms(),
            change=[change("c1", "a1", n="6", mean=mean, spread_kind="se", spread="21")],
        )
        before = Draft.objects.of_author(person.viewer).filter(study_form__uid=unit).first()
        save_draft(actor=person.viewer, unit=unit, payload=whole, version=before.version if before else 0)
        return whole

    def act_a(self, world: World, act: Any) -> None:
        with world.acting("alice draft"):
            self._draft(world.team.alice, world.things["forms"][act[0]], act[1])

    def act_b(self, world: World, act: Any) -> None:
        from extraction.models.entries import Entry
        from extraction.services.entries import submit

        at, kind, mean = act
        unit, bob = world.things["forms"][at], world.team.bob
        if Entry.objects.of_author(bob.viewer).filter(unit=unit).exists():
            return
        whole = self._draft(bob, unit, mean)
        if kind == "submit":
            submit(actor=bob.viewer, unit=unit, payload=whole)

    def finish(self, world: World) -> None:
        from extraction.models.entries import Entry
        from extraction.services.entries import submit

        for unit in world.things["forms"]:
            for person in (world.team.alice, world.team.bob):
                if not Entry.objects.of_author(person.viewer).filter(unit=unit).exists():
                    submit(actor=person.viewer, unit=unit, payload=self._draft(person, unit, "50"))


STAGES = {stage.name: stage for stage in (Titles(), Texts(), Entries())}
