"""Duplicates among citations: proposed with reasons, merged only where no person would doubt.

Normalise, block, compare, decide, cluster. Errata, abstracts, registry records, protocols and other
versions of a review are linked as reports of one study and never merged.
"""

from collections.abc import Sequence
from dataclasses import replace

from .blocking import candidate_pairs
from .cluster import Clusters, best_per_cluster_pair, by_strength
from .decide import forbids, judge
from .model import Evidence, Grouping, Item, PairVerdict
from .prepare import prepare

__all__ = ["Evidence", "Grouping", "Item", "PairVerdict", "find_duplicates"]


def find_duplicates(items: Sequence[Item]) -> Grouping:
    """Group citations that are one record, and name the pairs that a person must see or that are linked.

    Raises ValueError where two items share a key. The order of the result depends on the input alone.
    """
    places = {item.key: place for place, item in enumerate(items)}
    if len(places) != len(items):
        raise ValueError("Every item needs a key of its own.")
    prepared = [prepare(place, item) for place, item in enumerate(items)]
    verdicts = [
        verdict
        for left, right in candidate_pairs(prepared)
        if (verdict := judge(prepared[left], prepared[right])) is not None
    ]
    clusters = Clusters(len(items), lambda left, right: forbids(prepared[left], prepared[right]))
    ask = [verdict for verdict in verdicts if verdict.kind == "ask"]
    merged: list[PairVerdict] = []
    for verdict in by_strength([verdict for verdict in verdicts if verdict.kind == "merge"], places):
        if clusters.join(places[verdict.left], places[verdict.right]):
            merged.append(verdict)
        else:
            ask.append(replace(verdict, kind="ask", evidence=(*verdict.evidence, _CHAIN)))
    links = best_per_cluster_pair((v for v in verdicts if v.kind == "link"), places, clusters)
    linked = {frozenset((clusters.find(places[v.left]), clusters.find(places[v.right]))) for v in links}
    open_pairs = best_per_cluster_pair(ask, places, clusters)
    return Grouping(
        groups=tuple(tuple(items[place].key for place in group) for group in clusters.groups()),
        ask=tuple(
            v
            for v in open_pairs
            if frozenset((clusters.find(places[v.left]), clusters.find(places[v.right]))) not in linked
        ),
        links=links,
        merged_pairs=tuple(merged),
    )


_CHAIN = Evidence("group", "another copy in one of the two groups contradicts the other group", "against")
