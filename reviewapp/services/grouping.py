"""How citations are gathered into records: the moves below merging and taking a merge back.

Everything here runs inside the transaction of the service that calls it, and tells no event of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone

from reviewapp.models.records import Citation, ImportBatch, Membership, Record, Source, SourceKind
from reviewapp.models.reviews import Review
from reviewapp.pure.projection import Best, Copy, best_of

FIELDS = (
    "title",
    "authors",
    "year",
    "journal",
    "volume",
    "issue",
    "pages",
    "doi",
    "pmid",
    "abstract",
    "keywords",
    "language",
    "publication_types",
    "registry_ids",
    "search",
    "via",
    "batch",
)
_KINDS: dict[str, int] = {SourceKind.DATABASE: 0, SourceKind.REGISTER: 1, SourceKind.OTHER: 2}


def lock(review_id: int) -> None:
    """Make merges of one review take turns, without standing in the way of screening."""
    Review.objects.select_for_update(no_key=True).only("pk").get(pk=review_id)


def copy_of(citation: Citation, source: Source) -> Copy:
    """Return a citation as the projection sees it; a fuller copy from a database is trusted most."""
    told = (
        citation.title,
        citation.authors,
        citation.year,
        citation.journal,
        citation.pages,
        citation.doi,
        citation.pmid,
        citation.abstract,
    )
    missing = sum(not value for value in told)
    return Copy(
        rank=(_KINDS[source.kind] * 10 + missing, source.name, citation.position, str(citation.uid)),
        from_database=source.kind != SourceKind.OTHER,
        title=citation.title,
        authors=tuple(citation.authors),
        year=citation.year,
        journal=citation.journal,
        volume=citation.volume,
        issue=citation.issue,
        pages=citation.pages,
        doi=citation.doi,
        pmid=citation.pmid,
        pmcid=citation.pmcid,
        abstract=citation.abstract,
        keywords=tuple(citation.keywords),
        language=citation.language,
        publication_types=tuple(citation.publication_types),
        registry_ids=tuple(citation.registry_ids),
    )


def projection(copies: Sequence[Copy]) -> dict[str, Any]:
    """Return the columns of a record with these copies."""
    best: Best = best_of(copies)
    values: dict[str, Any] = {}
    for name in FIELDS:
        if name in {"via", "batch"}:
            continue
        value = getattr(best, name)
        values[name] = list(value) if isinstance(value, tuple) else value
    values["via"] = Record.Via.DATABASE if best.from_database else Record.Via.OTHER
    return values


def rebuild(records: Iterable[Record]) -> None:
    """Write each record's projection anew from the copies it holds now; one without a visible copy stays as it is."""
    by_id = {record.pk: record for record in records}
    held: dict[int, list[Citation]] = defaultdict(list)
    rows = (
        Membership.objects.filter(
            record_id__in=by_id, is_current=True, citation__batch__state=ImportBatch.State.VISIBLE
        )
        .select_related("citation__batch__source")
        .defer("citation__raw", "citation__fields")
    )
    for row in rows:
        held[row.record_id].append(row.citation)
    changed = []
    for pk, citations in held.items():
        record = by_id[pk]
        best_first = sorted(citations, key=lambda one: copy_of(one, one.batch.source).rank)
        for name, value in projection([copy_of(one, one.batch.source) for one in citations]).items():
            setattr(record, name, value)
        record.batch = best_first[0].batch
        changed.append(record)
    Record.objects.bulk_update(changed, FIELDS, batch_size=200)


def move(review_id: int, to: Mapping[int, int], why: str) -> None:
    """Give citations (by row id) to other records (by row id): a new version of each membership counts from now on."""
    current = list(Membership.objects.filter(review_id=review_id, is_current=True, citation_id__in=to))
    Membership.objects.filter(pk__in=[row.pk for row in current]).update(is_current=False)
    Membership.objects.bulk_create(
        [
            Membership(
                review_id=review_id,
                citation_id=row.citation_id,
                record_id=to[row.citation_id],
                version=row.version + 1,
                why=why[:500],
            )
            for row in current
        ],
        batch_size=500,
    )


def gather(review_id: int, folds: Mapping[int, int], why: str) -> dict[int, list[str]]:
    """Merge: give all citations of each loser to its survivor (loser row id → survivor row id) and retire the losers.

    Returns the uids of the citations that each loser gave up, in a stable order; that is what an undo needs.
    """
    rows = list(
        Membership.objects.filter(review_id=review_id, is_current=True, record_id__in=folds)
        .order_by("citation__uid")
        .values_list("citation_id", "citation__uid", "record_id")
    )
    gave: dict[int, list[str]] = {loser: [] for loser in folds}
    for _pk, uid, loser in rows:
        gave[loser].append(str(uid))
    move(review_id, {pk: folds[loser] for pk, _uid, loser in rows}, why)
    Record.objects.filter(review_id=review_id, pk__in=folds).update(retired_at=timezone.now())
    rebuild(Record.objects.filter(pk__in=set(folds.values())))
    return gave


def give_back(review_id: int, *, loser: Record, holder: Record, citations: Sequence[str], why: str) -> int:
    """Undo a merge: the loser stands again with those of these citations that ``holder`` holds now.

    A citation that an earlier undo gave to its own record stays there. Returns how many citations moved.
    """
    held = Membership.objects.filter(
        review_id=review_id, is_current=True, record=holder, citation__uid__in=citations
    ).values_list("citation_id", flat=True)
    to = dict.fromkeys(held, loser.pk)
    move(review_id, to, why)
    Record.objects.filter(pk=loser.pk).update(retired_at=None)
    loser.retired_at = None
    rebuild([loser, holder])
    return len(to)
