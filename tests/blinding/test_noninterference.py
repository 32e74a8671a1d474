"""What a reviewer receives is byte for byte the same whatever another did, and whether they did anything at all."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.blinding import probes, worlds
from tests.blinding.settings_of_worlds import STAGES, Stage

pytestmark = pytest.mark.django_db

TRACES = int(os.environ.get("DYAD_TRACES", "8"))
"""Traces a stage; 2,000 in all by DYAD_TRACES=667."""
ROLES = ("alice", "dora", "carol", "olga", "eve", "nobody")


def player(stage: Stage) -> Callable[[worlds.World, Any, int], None]:
    """Return the function that plays one step; B's alternative is chosen by the world."""

    def play(world: worlds.World, step: Any, which: int) -> None:
        kind = step[0]
        if kind == "A":
            stage.act_a(world, step[1])
        elif kind == "B" and step[1 + which] is not None:
            with world.acting("bob"):
                stage.act_b(world, step[1 + which])
        elif kind == "look":
            look(world, random.Random(step[1]), *step[2:])
        elif kind == "finish":
            with world.acting("dora"):
                stage.finish(world)

    return play


def look(
    world: worlds.World,
    draw: random.Random,
    most: int,
    roles: tuple[str, ...] = ROLES,
    only: tuple[str, ...] = (),
) -> None:
    """Send a sample of the probes (all with ``most`` 0) as each role; ``only`` keeps paths with one of these words."""
    everything = [path for path in probes.paths(world) if not only or any(word in path for word in only)]
    world.clients.setdefault("nobody", Client())
    for role in roles:
        chosen = everything if not most else draw.sample(everything, min(most, len(everything)))
        for path in chosen:
            world.observe(role, world.things["people"].get(role), "get", path)


def a_trace(stage: Stage, seed: int) -> list[Any]:
    """Draw a trace: steps of A, B and looks."""
    draw = random.Random(f"{stage.name} {seed}")
    trace: list[Any] = [("B", stage.draw_b(draw), stage.draw_b(draw))]
    for _ in range(draw.randint(2, 6)):
        kind = draw.choice(("A", "B", "B", "look"))
        if kind == "A":
            trace.append(("A", stage.draw_a(draw)))
        elif kind == "B":
            trace.append(("B", stage.draw_b(draw), stage.draw_b(draw)))
        else:
            trace.append(("look", draw.random(), 4, ROLES))
    return trace


def compare(stage: Stage, trace: list[Any]) -> tuple[str | None, int]:
    """Run both worlds; return the first difference in words, and how many answers were compared."""
    one, two = (worlds.run(which, trace, stage.set_up, player(stage)) for which in (0, 1))
    assert len(one.seen) == len(two.seen)
    return worlds.difference(one, two), len(one.seen)


@pytest.mark.parametrize("seed", range(TRACES))
@pytest.mark.parametrize("name", STAGES)
def test_nothing_tells_what_the_other_did(name, seed):
    trace = [*a_trace(STAGES[name], seed), ("look", seed, 10, ROLES)]
    found, _count = compare(STAGES[name], trace)
    assert found is None, trace


@pytest.mark.parametrize("name", STAGES)
def test_a_full_sweep_of_every_url_sees_nothing(name):
    """A sweeps every URL; the other roles a part of them, which the traces widen."""
    stage = STAGES[name]
    draw = random.Random(name)
    acts = [act for act in (stage.draw_b(draw) for _ in range(40)) if act is not None]
    looks = [("look", 0, 0, ("alice",)), ("look", name, 25, ROLES[1:])]
    trace = [("A", stage.draw_a(draw)), ("B", None, acts[0]), ("B", acts[1], acts[2]), *looks]
    found, count = compare(stage, trace)
    assert found is None, trace
    assert count > 200


@pytest.mark.parametrize("name", STAGES)
def test_the_observer_is_not_blind(name):
    stage = STAGES[name]
    acts = {
        "titles": ((0, "exclude", "", None), (0, "include", "", None)),
        "texts": ((0, "exclude", "", None), (0, "include", "", None)),
        "entries": ((0, "submit", "89"), (0, "submit", "98")),
    }[name]
    trace = [("B", *acts), ("finish",), ("look", 0, 0, ("alice",), ("history", "conflicts", "reconcile"))]
    found, _count = compare(stage, trace)
    assert found is not None
