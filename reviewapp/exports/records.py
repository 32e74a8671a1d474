"""Tables of what was found: sources, citations, records, duplicate pairs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from reviewapp.gate import Viewer
from reviewapp.models.records import Citation, DuplicatePair, ImportBatch, Membership, Record, Source
from reviewapp.pure.tables import Column, Table
from reviewapp.selectors import flow, records

VISIBLE = ImportBatch.State.VISIBLE
BIBLIOGRAPHY = (
    Column("title", "Title", "text", "Title as the source gave it"),
    Column("authors", "Authors", "text", "Authors in order, joined by semicolons"),
    Column("year", "Year", "integer", "Year of publication"),
    Column("journal", "Journal", "text", "Journal or book"),
    Column("volume", "Volume", "text", "Volume"),
    Column("issue", "Issue", "text", "Issue"),
    Column("pages", "Pages", "text", "Pages"),
    Column("doi", "DOI", "text", "Digital object identifier"),
    Column("pmid", "PMID", "text", "PubMed number"),
    Column("registry_ids", "Registry numbers", "text", "Trial registry numbers, joined by semicolons"),
    Column("language", "Language", "text", "Language as the source gave it"),
    Column("publication_types", "Publication types", "text", "Publication types, joined by semicolons"),
    Column("keywords", "Keywords", "text", "Keywords, joined by semicolons"),
    Column("abstract", "Abstract", "text", "Abstract; left out of a bundle for publication"),
)


def joined(values: Sequence[object]) -> str:
    """Return a list as one cell."""
    return "; ".join(str(value) for value in values)


def _bibliography(row: Citation | Record) -> list[object]:
    return [
        row.title,
        joined(row.authors),
        row.year,
        row.journal,
        row.volume,
        row.issue,
        row.pages,
        row.doi,
        row.pmid,
        joined(row.registry_ids),
        row.language,
        joined(row.publication_types),
        joined(row.keywords),
        row.abstract,
    ]


def sources(viewer: Viewer) -> Table:
    """Every source with its search, as PRISMA-S wants it reported."""
    columns = (
        Column("source_uid", "Source id", "uid", "Id of the source"),
        Column("name", "Source", "text", "Database, register or other method"),
        Column("kind", "Kind", "text", "database, register or other"),
        Column("route", "Route", "text", "How records were found by another method"),
        Column("platform", "Platform", "text", "Platform or interface of the search"),
        Column("issue", "Issue", "text", "Issue or version of the database"),
        Column("searched_on", "Searched on", "date", "Day of the search"),
        Column(
            "searched_words", "Searched (words)", "text", "Day of the search as reported, where it is no date"
        ),
        Column("strategy", "Strategy", "text", "The full search strategy"),
        Column("limits", "Limits", "text", "Limits and filters"),
        Column("hits", "Hits", "integer", "Hits that the platform reported", "citations"),
        Column("citations", "Citations", "integer", "Citations in the review", "citations"),
        Column("wave", "Search", "integer", "First search is 1, an update is 2 and so on"),
        Column("note", "Note", "text", "Note"),
        Column("withdrawn", "Withdrawn", "boolean", "Whether the source was withdrawn"),
    )
    return Table("sources", "Sources and searches", columns, _sources(viewer))


def _sources(viewer: Viewer) -> Iterator[list[object]]:
    mine = {"review_id": viewer.review_id}
    held = Counter(
        Citation.objects.filter(**mine, batch__state=VISIBLE)
        .order_by()
        .values_list("batch__source_id", flat=True)
        .iterator(chunk_size=5000)
    )
    for row in Source.objects.filter(**mine).order_by("wave", "name", "uid"):
        told = [row.uid, row.name, row.kind, row.route, row.platform, row.issue, row.searched_on]
        search = [row.searched_words, row.strategy, row.limits, row.hits, held[row.pk]]
        yield [*told, *search, row.wave, row.note, row.withdrawn_at is not None]


def citations(viewer: Viewer) -> Table:
    """Every imported row, with the record that it belongs to."""
    columns = (
        Column("citation_uid", "Citation id", "uid", "Id of the imported row"),
        Column("record_uid", "Record id", "uid", "The record that it is a copy of"),
        Column("source", "Source", "text", "Source that gave it"),
        Column("file", "File", "text", "Name of the imported file"),
        Column("position", "Position", "integer", "Place in the file, from 1"),
        Column("line", "Line", "integer", "Line of the file where it starts"),
        Column("route", "Route", "text", "How it was found, where it differs from its source"),
        Column("accession", "Accession", "text", "Accession number of the source"),
        Column("url", "Address", "text", "Web address"),
        *BIBLIOGRAPHY,
    )
    return Table("citations", "Citations as they came", columns, _citations(viewer))


def _citations(viewer: Viewer) -> Iterator[list[object]]:
    mine = {"review_id": viewer.review_id}
    record_of = dict(
        Membership.objects.filter(**mine, is_current=True).values_list("citation_id", "record__uid")
    )
    rows = (
        Citation.objects.filter(**mine, batch__state=VISIBLE)
        .select_related("batch__source")
        .defer("raw", "fields")
        .order_by("batch__source__wave", "batch__source__name", "batch__sha256", "batch__uid", "position")
    )
    for row in rows.iterator(chunk_size=2000):
        place = [row.uid, record_of.get(row.pk), row.batch.source.name, row.batch.file_name]
        yield [*place, row.position, row.line, row.route, row.accession, row.url, *_bibliography(row)]


def records_table(viewer: Viewer) -> Table:
    """Every live record: its bibliography, its copies, and where it stands as far as it is released."""
    columns = (
        Column("record_uid", "Record id", "uid", "Id of the record"),
        Column("via", "Column", "text", "database (databases and registers) or other (other methods)"),
        Column("copies", "Copies", "integer", "Citations gathered in the record", "citations"),
        Column("sources", "Sources", "text", "Sources that gave it, joined by semicolons"),
        Column(
            "state",
            "State",
            "text",
            "unassigned, in_round (not released), unsettled, exclude, include, sought (it has a report), direct (a "
            "report without a released screening)",
        ),
        Column("round", "Round", "integer", "Number of its latest round of titles and abstracts"),
        *BIBLIOGRAPHY,
    )
    return Table("records", "Records after duplicates were removed", columns, _records(viewer))


def _records(viewer: Viewer) -> Iterator[list[object]]:
    where = flow.places(viewer)
    given: dict[int, list[str]] = defaultdict(list)
    rows = Membership.objects.filter(
        review_id=viewer.review_id, is_current=True, citation__batch__state=VISIBLE
    ).values_list("record_id", "citation__batch__source__name")
    for record_id, name in rows.order_by("citation__batch__source__name").iterator(chunk_size=5000):
        given[record_id].append(name)
    listed = records.live(viewer.review_id).defer("search").order_by("title", "uid")
    for row in listed.iterator(chunk_size=2000):
        if row.pk not in where.records:
            continue
        at = where.titles.get(row.uid)
        names = dict.fromkeys(given[row.pk])
        state = flow.title_state(where, row.pk)
        place = [row.uid, row.via, len(given[row.pk]), joined(list(names)), state]
        yield [*place, at.round.number if at else None, *_bibliography(row)]


def duplicate_pairs(viewer: Viewer) -> Table:
    """Every pair that was proposed as duplicates or as reports of one study, with its reasons and its answer."""
    columns = (
        Column("pair_uid", "Pair id", "uid", "Id of the pair"),
        Column("left_uid", "Record id, left", "uid", "The one record (it stands when the two were merged)"),
        Column("right_uid", "Record id, right", "uid", "The other record"),
        Column("left_title", "Title, left", "text", "Title of the one record"),
        Column("right_title", "Title, right", "text", "Title of the other record"),
        Column(
            "kind", "Proposed as", "text", "merge, ask (perhaps the same), link (two reports of one study)"
        ),
        Column("score", "Score", "decimal", "Score of the match"),
        Column("evidence", "Evidence", "text", "What speaks for and against, joined by semicolons"),
        Column("settled", "Settled", "text", "merged, apart, linked, undone, or empty while open"),
        Column("by_rule", "By rule", "boolean", "Whether a rule settled it, not a person"),
        Column("why", "Why", "text", "Why it was settled so"),
    )
    return Table("duplicate_pairs", "Pairs proposed as duplicates or linked reports", columns, _pairs(viewer))


def _pairs(viewer: Viewer) -> Iterator[list[object]]:
    rows = DuplicatePair.objects.filter(
        review_id=viewer.review_id, left__batch__state=VISIBLE, right__batch__state=VISIBLE
    ).select_related("left", "right")
    for row in rows.order_by("left__uid", "right__uid").iterator(chunk_size=2000):
        said = [item.get("says", "") if isinstance(item, dict) else str(item) for item in row.evidence]
        sides = [row.uid, row.left.uid, row.right.uid, row.left.title, row.right.title]
        yield [*sides, row.kind, row.score, joined(said), row.settled, row.settled_by_rule, row.settled_why]
