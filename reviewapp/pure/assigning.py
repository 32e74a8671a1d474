"""Who gets which record, and in which order: balanced, fixed, reproducible from a seed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations


@dataclass(frozen=True, slots=True)
class Handed:
    """One thing handed to one seat: ``slot`` 1 or 2, ``order`` the place in that seat's private queue (from 1)."""

    unit: str
    seat: str
    slot: int
    order: int


def draw(*parts: str) -> str:
    """Return a reproducible random text for a seed and what it is about (SHA-256)."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def assign(units: Sequence[str], seats: Sequence[str], *, seed: str, each: int = 2) -> list[Handed]:
    """Hand every unit to ``each`` of the seats.

    All groups of ``each`` seats take turns in a seeded order, so the loads differ by at most the number of groups
    that one seat sits in. A seat's queue is its own seeded order (BLINDING.md, channel 11). Raises ValueError with
    fewer seats than ``each``.
    """
    if len(set(seats)) < each:
        raise ValueError(f"{each} different seats are needed, {len(set(seats))} given")
    groups = sorted(combinations(sorted(set(seats)), each), key=lambda group: draw(seed, "group", *group))
    shuffled = sorted(set(units), key=lambda unit: draw(seed, "unit", unit))
    of_seat: dict[str, list[tuple[str, int]]] = {seat: [] for seat in seats}
    for number, unit in enumerate(shuffled):
        group = groups[number % len(groups)]
        for slot, seat in enumerate(sorted(group, key=lambda seat: draw(seed, "slot", unit, seat)), start=1):
            of_seat[seat].append((unit, slot))
    handed = []
    for seat, mine in of_seat.items():
        mine.sort(key=lambda pair: draw(seed, "queue", seat, pair[0]))
        handed += [Handed(unit, seat, slot, order) for order, (unit, slot) in enumerate(mine, start=1)]
    return handed
