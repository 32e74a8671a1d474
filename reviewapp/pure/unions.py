"""Which records a set of proposed merges would make one, when some pairs must stay apart."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edge:
    """A proposed merge of two records; ``why`` is the caller's own place of its evidence."""

    left: int
    right: int
    score: float
    why: int


@dataclass(frozen=True, slots=True)
class Union:
    """Records that become one, by the edges that join them."""

    members: tuple[int, ...]
    edges: tuple[Edge, ...]

    def joined_to(self, start: int) -> dict[int, Edge]:
        """Return for every other member the edge by which it is reached from ``start``, nearest first."""
        reached: dict[int, Edge] = {}
        waiting = deque([start])
        while waiting:
            here = waiting.popleft()
            for edge in self.edges:
                if here not in (edge.left, edge.right):
                    continue
                other = edge.right if edge.left == here else edge.left
                if other != start and other not in reached:
                    reached[other] = edge
                    waiting.append(other)
        return reached


def unite(
    edges: Iterable[Edge], *, apart: Iterable[frozenset[int]], held: Collection[int]
) -> tuple[list[Union], list[Edge]]:
    """Join records along the edges, the best first; returns the unions and the edges that a person must see.

    A union that would put two records together that a person keeps apart is refused silently: that was settled.
    One that would put two ``held`` records together (both are being screened) is refused and returned.
    """
    enemies: dict[int, set[int]] = defaultdict(set)
    for two in apart:
        for one in two:
            enemies[one] |= two - {one}
    cluster: dict[int, set[int]] = {}
    used: dict[int, list[Edge]] = defaultdict(list)
    asked: list[Edge] = []
    for edge in sorted(edges, key=lambda edge: (-edge.score, edge.left, edge.right, edge.why)):
        mine = cluster.setdefault(edge.left, {edge.left})
        theirs = cluster.setdefault(edge.right, {edge.right})
        if mine is theirs or any(enemies[one] & theirs for one in mine):
            continue
        if mine & set(held) and theirs & set(held):
            asked.append(edge)
            continue
        edges_here = [*used.pop(min(mine), []), *used.pop(min(theirs), []), edge]
        mine |= theirs
        for one in theirs:
            cluster[one] = mine
        used[min(mine)] = edges_here
    unions = [Union(tuple(sorted(cluster[first])), tuple(found)) for first, found in sorted(used.items())]
    return unions, _once(asked)


def _once(edges: Sequence[Edge]) -> list[Edge]:
    """Keep the best edge of any two records."""
    best: dict[frozenset[int], Edge] = {}
    for edge in edges:
        best.setdefault(frozenset((edge.left, edge.right)), edge)
    return list(best.values())
