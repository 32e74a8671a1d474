"""From pairs to clusters, without chains that join what may not be joined."""

from collections.abc import Callable, Iterable, Sequence

from .model import PairVerdict


class Clusters:
    """Disjoint sets of item places that refuse a union in which any two members exclude each other."""

    def __init__(self, size: int, forbidden: Callable[[int, int], bool]) -> None:
        self._parent = list(range(size))
        self._members: dict[int, list[int]] = {}
        self._forbidden = forbidden

    def find(self, place: int) -> int:
        """The representative of the cluster that holds `place`."""
        root = place
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[place] != root:
            self._parent[place], place = root, self._parent[place]
        return root

    def members(self, root: int) -> list[int]:
        """All places of the cluster with this representative."""
        return self._members.get(root, [root])

    def join(self, left: int, right: int) -> bool:
        """Unite two clusters; False where a pair across them is forbidden."""
        one, two = sorted((self.find(left), self.find(right)))
        if one == two:
            return True
        mine, theirs = self.members(one), self.members(two)
        if any(
            self._forbidden(a, b)
            for a in mine
            for b in theirs
            if (a, b) != (left, right) and (b, a) != (left, right)
        ):
            return False
        self._parent[two] = one
        self._members[one] = sorted(mine + theirs)
        self._members.pop(two, None)
        return True

    def groups(self) -> list[list[int]]:
        """All clusters of two or more, members and clusters in order of place."""
        return sorted(sorted(group) for group in self._members.values() if len(group) > 1)


def best_per_cluster_pair(
    verdicts: Iterable[PairVerdict], places: dict[str, int], clusters: Clusters
) -> tuple[PairVerdict, ...]:
    """Keep the highest-scored verdict for any two clusters, and none inside one cluster."""
    best: dict[tuple[int, int], PairVerdict] = {}
    for verdict in verdicts:
        one, two = sorted((clusters.find(places[verdict.left]), clusters.find(places[verdict.right])))
        known = best.get((one, two))
        if one != two and (known is None or _order(verdict, places) < _order(known, places)):
            best[one, two] = verdict
    return tuple(sorted(best.values(), key=lambda verdict: _order(verdict, places)))


def _order(verdict: PairVerdict, places: dict[str, int]) -> tuple[float, int, int]:
    return (-verdict.score, places[verdict.left], places[verdict.right])


def by_strength(verdicts: Sequence[PairVerdict], places: dict[str, int]) -> list[PairVerdict]:
    """Verdicts from the surest to the least sure, ties in order of place."""
    return sorted(verdicts, key=lambda verdict: _order(verdict, places))
