"""The counts as the CSV that the PRISMA2020 flow diagram app reads: its keys, nodes and boxes; our words.

The app has three boxes of other methods (websites, organisations, citation searching). Whatever else was done
(experts, key authors, hand search) is counted with citation searching, and the text of that box says so. A cell of
reasons is "Reason, n; Reason, n" and always holds two pairs or more, because released versions of the app fail on
one. Numbers that are not released are empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reviewapp.pure.prisma import Counts, Reason, Reports

WEBSITES, ORGANISATIONS = ("websites",), ("organisations", "manufacturers")
CITATIONS = "citation_searching"
COLUMNS = ("data", "node", "box", "description", "boxtext", "tooltips", "url", "n")
AppRow = tuple[str, str, str, str, str, str, str, str]


def reasons_cell(reasons: Sequence[Reason]) -> str:
    """Return "Reason, n; Reason, n" with at least two pairs; commas and semicolons inside a reason become dashes."""
    pairs = [(_plain(reason.label), reason.n) for reason in reasons]
    while len(pairs) < 2:
        pairs.append(("Other" if not any(label == "Other" for label, _n in pairs) else "Other reasons", 0))
    return "; ".join(f"{label}, {n}" for label, n in pairs)


def _plain(label: str) -> str:
    return " ".join(label.replace(",", " –").replace(";", " –").split())


def _by_route(counts: Counts) -> tuple[int, int, int, str]:
    other = [source for source in counts.found if source.kind == "other"]
    websites = sum(source.n for source in other if source.route in WEBSITES)
    organisations = sum(source.n for source in other if source.route in ORGANISATIONS)
    rest = [source for source in other if source.route not in (*WEBSITES, *ORGANISATIONS)]
    mixed = counts.by_hand or any(source.route != CITATIONS and source.n for source in rest)
    words = "Citation searching, experts, key authors, hand search" if mixed else "Citation searching"
    return websites, organisations, sum(source.n for source in rest) + counts.by_hand, words


def app_rows(counts: Counts) -> list[AppRow]:
    """Return the rows of the CSV under ``COLUMNS``; the previous version of the review has zeros (a new review)."""
    websites, organisations, citations, words = _by_route(counts)
    titles, texts = counts.titles_released, counts.texts_released
    removed = counts.removed_otherwise
    studies, reports = (counts.studies, counts.reports) if texts else (None, None)
    dbr, oth = counts.databases, counts.others
    known = titles or bool(dbr.sought)
    rows: list[tuple[str, str, str, str, int | str | None]] = [
        ("", "node4", "prevstud", "Previous studies", 0),
        ("previous_studies", "node5", "box1", "Studies included in previous version of review", 0),
        ("previous_reports", "", "box1", "Reports of studies included in previous version of review", 0),
        ("", "node6", "newstud", "Identification of new studies via databases and registers", 0),
        ("database_results", "node7", "box2", "Databases", counts.from_kind("database")),
        ("register_results", "", "box2", "Registers", counts.from_kind("register")),
        ("", "node16", "othstud", "Identification of new studies via other methods", 0),
        ("website_results", "node17", "box11", "Websites", websites),
        ("organisation_results", "", "box11", "Organisations", organisations),
        ("citations_results", "", "box11", words, citations),
        ("duplicates", "node8", "box3", "Duplicate records", counts.duplicates),
        (
            "excluded_automatic",
            "",
            "box3",
            "Records marked as ineligible by automation tools",
            counts.automatic,
        ),
        ("excluded_other", "", "box3", "Records removed for other reasons", removed),
        ("records_screened", "node9", "box4", "Records screened", counts.screened if titles else None),
        ("records_excluded", "node10", "box5", "Records excluded", counts.excluded if titles else None),
        *_column_rows("dbr", dbr if known else None, ("node11", "box6", "node12", "box7"), texts),
        *_column_rows("other", oth, ("node18", "box12", "node19", "box13"), texts),
        ("new_studies", "node15", "box10", "New studies included in review", studies),
        ("new_reports", "", "box10", "Reports of new included studies", reports),
        ("total_studies", "node22", "box16", "Total studies included in review", studies),
        ("total_reports", "", "box16", "Reports of total included studies", reports),
        ("identification", "node1", "identification", "Identification", 0),
        ("screening", "node2", "screening", "Screening", 0),
        ("included", "node3", "included", "Included", 0),
    ]
    return [
        (key or "NA", node or "NA", box, text, text, text, "NA", "" if n is None else str(n))
        for key, node, box, text, n in rows
    ]


def _column_rows(
    key: str, reports: Reports | None, places: tuple[str, str, str, str], texts: bool
) -> Iterable[tuple[str, str, str, str, int | str | None]]:
    """The four boxes of one column; ``reports`` is None while nothing of it is released."""
    sought_node, sought_box, missing_node, missing_box = places
    assessed = ("node13", "box8") if key == "dbr" else ("node20", "box14")
    excluded = ("node14", "box9") if key == "dbr" else ("node21", "box15")
    sought = reports.sought if reports else None
    missing = reports.not_retrieved + reports.not_available if reports else None
    yield (f"{key}_sought_reports", sought_node, sought_box, "Reports sought for retrieval", sought)
    yield (f"{key}_notretrieved_reports", missing_node, missing_box, "Reports not retrieved", missing)
    yield (
        f"{key}_assessed",
        *assessed,
        "Reports assessed for eligibility",
        reports.assessed if reports else None,
    )
    yield (
        f"{key}_excluded",
        *excluded,
        "Reports excluded",
        reasons_cell(reports.excluded) if reports and texts else None,
    )
