"""Which study forms are open to a viewer: both entries are in, or the study is reconciled."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from reviewapp.gate import Viewer
from reviewapp.models.rounds import Release


def opened(viewer: Viewer) -> set[UUID]:
    """Return the units whose two entries the viewer may see."""
    mine = Q(to_seat__isnull=True) | Q(to_seat_id=viewer.seat_id)
    kinds = (Release.Kind.ENTRIES, Release.Kind.STUDY)
    return _units(Release.objects.filter(mine, review_id=viewer.review_id, kind__in=kinds))


def reconciled(viewer: Viewer) -> set[UUID]:
    """Return the units whose finals are open to the whole review."""
    return _units(
        Release.objects.filter(review_id=viewer.review_id, kind=Release.Kind.STUDY, to_seat__isnull=True)
    )


def complete(viewer: Viewer) -> set[UUID]:
    """Return the units of which both entries are in, whoever may see them: for the lead, who hands out the work."""
    return _units(Release.objects.filter(review_id=viewer.review_id, kind=Release.Kind.ENTRIES))


def _units(rows: QuerySet[Release]) -> set[UUID]:
    return {unit for unit in rows.values_list("unit", flat=True) if unit is not None}
