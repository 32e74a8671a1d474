"""Which reports look like reports of one study: linked pairs of records, one registry number, merged records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from reviewapp.gate import Viewer
from reviewapp.models.records import DuplicatePair, Record
from reviewapp.models.studies import StudyLink
from reviewapp.selectors.dedup import merged_into, root

Settled = DuplicatePair.Settled


@dataclass(frozen=True, slots=True)
class Proposed:
    """Two reports (by the row ids of their links) in different studies, why they may belong together, and the pair."""

    left: int
    right: int
    words: tuple[str, ...]
    pair: UUID | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed link to show: the two links with report, record and study, the reasons, the pair that says so."""

    left: StudyLink
    right: StudyLink
    words: tuple[str, ...]
    pair: UUID | None

    @property
    def sides(self) -> tuple[StudyLink, StudyLink]:
        """Return both links."""
        return self.left, self.right


@dataclass(frozen=True, slots=True)
class _Held:
    link: int
    study: int
    registry_ids: tuple[str, ...]


def _reported(viewer: Viewer) -> list[tuple[int, _Held]]:
    links = StudyLink.objects.filter(
        review_id=viewer.review_id,
        is_current=True,
        study__retired_at__isnull=True,
        report__record__isnull=False,
    ).order_by("study__label", "report__uid")
    return [
        (record, _Held(link, study, tuple(numbers or ())))
        for record, link, study, numbers in links.values_list(
            "report__record_id", "pk", "study_id", "report__record__registry_ids"
        )
    ]


def _from_pairs(
    pairs: list[DuplicatePair], parents: Mapping[int, int], held: Mapping[int, list[_Held]]
) -> Iterator[Proposed]:
    for pair in pairs:
        for one in held.get(root(parents, pair.left_id), ()):
            for other in held.get(root(parents, pair.right_id), ()):
                words = [item["says"] for item in pair.evidence if item.get("weighs") != "against"]
                yield Proposed(one.link, other.link, tuple(words or [pair.reason]), pair.uid)


def _from_records(held: Mapping[int, list[_Held]]) -> Iterator[Proposed]:
    for same in held.values():
        for other in same[1:]:
            yield Proposed(same[0].link, other.link, (_("their records were merged into one"),))


def _from_registries(held: Mapping[int, list[_Held]]) -> Iterator[Proposed]:
    numbers: dict[str, list[_Held]] = defaultdict(list)
    for same in held.values():
        for one in same:
            for number in one.registry_ids:
                numbers[number.upper()].append(one)
    for number, same in sorted(numbers.items()):
        for other in same[1:]:
            words = _("the same registry number, %(number)s") % {"number": number}
            yield Proposed(same[0].link, other.link, (words,))


def proposed(viewer: Viewer) -> list[Proposed]:
    """Return the proposed links between standing studies, each two studies once; confirmed pairs first.

    Two records that a person kept apart are not proposed for any reason.
    """
    listed = _reported(viewer)
    if len(listed) < 2:
        return []
    pairs = list(
        DuplicatePair.objects.filter(
            review_id=viewer.review_id, settled__in=[Settled.OPEN, Settled.LINKED, Settled.APART]
        )
        .exclude(settled=Settled.OPEN, kind__in=[DuplicatePair.Kind.ASK, DuplicatePair.Kind.MERGE])
        .order_by("-settled", "-score", "uid")
    )
    ends = {end for pair in pairs for end in (pair.left_id, pair.right_id)}
    parents = merged_into(viewer.review_id, ends | {record for record, _held in listed})
    held: dict[int, list[_Held]] = defaultdict(list)
    for record, one in listed:
        held[root(parents, record)].append(one)
    apart = [pair for pair in pairs if pair.settled == Settled.APART]
    standing = [pair for pair in pairs if pair.settled != Settled.APART]
    study_of = {one.link: one.study for same in held.values() for one in same}
    refused = {frozenset((one.left, one.right)) for one in _from_pairs(apart, parents, held)}
    found = [*_from_pairs(standing, parents, held), *_from_records(held), *_from_registries(held)]
    return _each_once(found, study_of, refused)


def _each_once(
    found: list[Proposed], study_of: Mapping[int, int], refused: set[frozenset[int]]
) -> list[Proposed]:
    kept: dict[frozenset[int], Proposed] = {}
    for one in found:
        studies = frozenset((study_of[one.left], study_of[one.right]))
        if len(studies) == 2 and frozenset((one.left, one.right)) not in refused:
            kept.setdefault(studies, one)
    return list(kept.values())


def waiting(viewer: Viewer) -> int:
    """Return how many links wait to be confirmed."""
    return len(proposed(viewer))


def proposals(viewer: Viewer, most: int) -> tuple[list[Proposal], int]:
    """Return the first proposals with their reports and records, and how many there are in all."""
    found = proposed(viewer)
    shown = found[:most]
    links = (
        StudyLink.objects.select_related("report__record", "study")
        .defer("report__record__abstract", "report__record__search")
        .in_bulk([end for one in shown for end in (one.left, one.right)])
    )
    return [Proposal(links[one.left], links[one.right], one.words, one.pair) for one in shown], len(found)


def shared_numbers(left: Record | None, right: Record | None) -> set[str]:
    """Return the registry numbers that two records share."""
    if left is None or right is None:
        return set()
    return {one.upper() for one in left.registry_ids} & {one.upper() for one in right.registry_ids}
