"""Which study forms are open to a viewer: both entries are in, or the study is reconciled."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from reviewapp.gate import Viewer
from reviewapp.models.rounds import Release


@dataclass(frozen=True, slots=True)
class Released:
    """Units (uids of study forms): ``to_me`` both entries open to the viewer; ``reconciled`` open to the whole review.

    ``complete`` are those of which both entries are in, whoever may see them: for the lead, who hands out the work.
    """

    to_me: frozenset[UUID]
    reconciled: frozenset[UUID]
    complete: frozenset[UUID]


def released(viewer: Viewer) -> Released:
    """Return the released units of the viewer's review, in one query."""
    kinds = (Release.Kind.ENTRIES, Release.Kind.STUDY)
    rows = [
        (unit, kind, seat)
        for unit, kind, seat in Release.objects.filter(
            review_id=viewer.review_id, round__isnull=True, kind__in=kinds
        ).values_list("unit", "kind", "to_seat_id")
        if unit is not None
    ]
    return Released(
        to_me=frozenset(unit for unit, _kind, seat in rows if seat is None or seat == viewer.seat_id),
        reconciled=frozenset(
            unit for unit, kind, seat in rows if kind == Release.Kind.STUDY and seat is None
        ),
        complete=frozenset(unit for unit, kind, _seat in rows if kind == Release.Kind.ENTRIES),
    )
