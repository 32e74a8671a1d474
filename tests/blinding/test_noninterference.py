"""What a reviewer receives is byte for byte the same whatever another did, and whether they did anything at all."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from reviewapp.models.rounds import Assignment
from reviewapp.services import rounds, screening
from tests.blinding import probes, worlds

pytestmark = pytest.mark.django_db

TRACES = int(os.environ.get("DYAD_TRACES", "12"))
VERDICTS = ("include", "maybe", "exclude")
ROLES = ("alice", "dora", "carol", "olga", "eve", "nobody")
B_UNITS = 3  # of 4: so that the reviewer never finishes, which the lead alone may know


def setting(world: worlds.World) -> None:
    """Open a round and seat an observer beside the usual people."""
    from reviewapp.models.people import User
    from reviewapp.services.reviews import seat_person

    worlds.titles(world)
    team = world.team
    assert team is not None
    olga = User.objects.create_user("olga@example.org", "x", name="Olga")
    seat_person(actor=team.dora.viewer, user=olga, roles=["observer"])
    world.things["people"] = {
        "alice": team.alice.user,
        "dora": team.dora.user,
        "carol": team.carol.user,
        "olga": olga,
        "eve": team.eve,
    }
    round_ = world.things.pop("round")
    world.things["open"] = round_
    world.things["alice"] = list(Assignment.objects.of_author(team.alice.viewer).order_by("order"))
    world.things["bob"] = list(Assignment.objects.of_author(team.bob.viewer).order_by("order"))
    probes.fill(world)


def play(world: worlds.World, step: Any, which: int) -> None:
    """Play one step; B's alternative is chosen by the world."""
    team = world.team
    assert team is not None
    kind = step[0]
    if kind == "A":
        _kind, at, verdict, note = step
        path = f"/r/{team.review.uid}/screen/{world.things['open'].uid}/"
        data = {"assignment": world.things["alice"][at].uid, "verdict": verdict, "note": note}
        world.observe("alice", team.alice.user, "post", path, data)
    elif kind == "B":
        act = step[2 + which]
        if act is not None:
            with world.acting("bob"):
                uid = world.things["bob"][step[1]].uid
                if act == "undo":
                    screening.undo(actor=team.bob.viewer, assignment_uid=uid)
                else:
                    screening.decide(
                        actor=team.bob.viewer, assignment_uid=uid, verdict=act[0], note=act[1], dwell_ms=act[2]
                    )
    elif kind == "look":
        look(world, random.Random(step[1]), step[2])
    elif kind == "close":
        with world.acting("dora"):
            finish(world)


def finish(world: worlds.World) -> None:
    """Let both answer whatever is missing, and release the round."""
    team = world.team
    assert team is not None
    for person in (team.alice, team.bob):
        for one in Assignment.objects.of_author(person.viewer):
            if not screening_answered(person, one):
                screening.decide(actor=person.viewer, assignment_uid=one.uid, verdict="exclude")
    rounds.close_round(actor=team.dora.viewer, round_uid=world.things["open"].uid)


def screening_answered(person: Any, assignment: Any) -> bool:
    """Tell whether a person has a standing answer."""
    from reviewapp.selectors.screening import standing_decision

    return standing_decision(person.viewer, assignment) is not None


def look(world: worlds.World, draw: random.Random, most: int) -> None:
    """Send a sample of the probes (all with ``most`` 0) as every role."""
    everything = probes.paths(world)
    for role in ROLES:
        chosen = everything if not most else draw.sample(everything, min(most, len(everything)))
        for path in chosen:
            if role == "nobody":
                world.clients.setdefault("nobody", __import__("django.test", fromlist=["Client"]).Client())
            world.observe(role, world.things["people"].get(role), "get", path)


def a_trace(seed: int) -> list[Any]:
    """Draw a trace: steps of A and B and looks, ending in a full sweep."""
    draw = random.Random(seed)
    trace: list[Any] = []
    for _ in range(draw.randint(2, 7)):
        kind = draw.choice(("A", "B", "B", "look"))
        if kind == "A":
            trace.append(("A", draw.randrange(4), draw.choice(VERDICTS), draw.choice(("", "note"))))
        elif kind == "B":
            trace.append(("B", draw.randrange(B_UNITS), b_act(draw), b_act(draw)))
        else:
            trace.append(("look", draw.random(), 6))
    if not any(step[0] == "B" for step in trace):
        trace.append(("B", 0, None, ("include", "x", 1000)))
    return trace


def b_act(draw: random.Random) -> Any:
    """Draw what B does in one world: nothing, an answer, or an undo."""
    kind = draw.choice(("nothing", "answer", "answer", "undo"))
    if kind == "nothing":
        return None
    if kind == "undo":
        return "undo"
    return (draw.choice(VERDICTS), draw.choice(("", "secret words")), draw.choice((None, 5000)))


@pytest.mark.parametrize("seed", range(TRACES))
def test_nothing_tells_what_the_other_did(seed):
    trace = [*a_trace(seed), ("look", seed, 12)]
    one, two = (worlds.run(which, trace, setting, play) for which in (0, 1))
    assert len(one.seen) == len(two.seen)
    assert worlds.difference(one, two) is None, trace


@pytest.mark.parametrize(
    "trace",
    [
        [("B", 0, None, ("include", "secret words", 5000)), ("look", 0, 0)],
        [("A", 0, "include", ""), ("B", 0, ("exclude", "", None), ("include", "x", 9)), ("look", 0, 0)],
    ],
)
def test_a_full_sweep_of_every_url_by_every_role_sees_nothing(trace):
    one, two = (worlds.run(which, trace, setting, play) for which in (0, 1))
    assert len(one.seen) > 100
    assert worlds.difference(one, two) is None


def test_the_observer_is_not_blind():
    trace = [("B", 0, ("exclude", "", None), ("include", "", None)), ("close",), ("look", 0, 0)]
    one, two = (worlds.run(which, trace, setting, play) for which in (0, 1))
    assert worlds.difference(one, two) is not None
