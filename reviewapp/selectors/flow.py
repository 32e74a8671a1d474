"""The numbers of the PRISMA flow, from what is in the review now and what is released.

A record that is in a round that is not released counts there, in its own field, and nowhere else: no number here
changes with what anybody has answered and not released (BLINDING.md, channel 7).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast
from uuid import UUID

from django.db.models import Case, Count, Value, When
from django.utils.translation import gettext as _

from reviewapp.gate import Viewer
from reviewapp.models.decisions import Purpose
from reviewapp.models.records import Citation, ImportBatch, Membership, Record, Route, Source, SourceKind
from reviewapp.models.reviews import Stage
from reviewapp.models.rounds import Round
from reviewapp.models.studies import Report, Retrieval, RetrievalState, Study, StudyLink
from reviewapp.pure.prisma import Counts, Found, Reason, Reports
from reviewapp.pure.prisma import SourceKind as Kind
from reviewapp.selectors.dedup import merged_into, root
from reviewapp.selectors.records import live
from reviewapp.selectors.verdicts import Placed, placed

VISIBLE = ImportBatch.State.VISIBLE


@dataclass(frozen=True, slots=True)
class ReportPlace:
    """A report with its record (row id, None when entered by hand), its study and how its document stands."""

    report: Report
    record_id: int | None
    study: Study | None
    retrieval: str
    by_database: bool


@dataclass(frozen=True, slots=True)
class Places:
    """Everything the flow counts: live records by row id, reports once each, and where they stand in the rounds."""

    records: dict[int, tuple[UUID, str]]
    reports: list[ReportPlace]
    titles: dict[UUID, Placed]
    texts: dict[UUID, Placed]
    reported: frozenset[int]


def places(viewer: Viewer) -> Places:
    """Return where every record, report and study stands, as far as everybody may know it."""
    records = {pk: (uid, via) for pk, uid, via in live(viewer.review_id).values_list("pk", "uid", "via")}
    reports = _reports(viewer, records)
    return Places(
        records=records,
        reports=reports,
        reported=frozenset(place.record_id for place in reports if place.record_id is not None),
        titles=placed(viewer, Stage.TITLE_ABSTRACT),
        texts=placed(viewer, Stage.FULL_TEXT),
    )


def _reports(viewer: Viewer, records: Mapping[int, tuple[UUID, str]]) -> list[ReportPlace]:
    """Return each report once: those of records that were merged count as one."""
    mine = {"review_id": viewer.review_id}
    states = dict(Retrieval.objects.filter(**mine, is_current=True).values_list("report_id", "state"))
    links = StudyLink.objects.filter(**mine, is_current=True).select_related("study")
    studies = {link.report_id: link.study for link in links}
    found: list[ReportPlace] = []
    seen: set[int] = set()
    rows = sorted(Report.objects.filter(**mine), key=lambda one: (one.record_id not in records, str(one.uid)))
    lost = [row.record_id for row in rows if row.record_id is not None and row.record_id not in records]
    parents = merged_into(viewer.review_id, lost)
    for row in rows:
        record = None if row.record_id is None else root(parents, row.record_id)
        if record is not None and (record not in records or record in seen):
            continue
        if record is not None:
            seen.add(record)
        by_database = record is not None and records[record][1] == Record.Via.DATABASE
        state = states.get(row.pk, RetrievalState.SOUGHT.value)
        found.append(ReportPlace(row, record, studies.get(row.pk), state, by_database))
    return found


def flow(viewer: Viewer) -> Counts:
    """Return the counts of the flow as the viewer may know them now."""
    return counts_of(viewer, places(viewer))


def counts_of(viewer: Viewer, where: Places) -> Counts:
    """Return the counts of the flow from places that were read already."""
    found, alive, gone = _identified(viewer)
    by_via = Counter(via for _uid, via in where.records.values())
    database, other = by_via[Record.Via.DATABASE], by_via[Record.Via.OTHER]
    screening = _screening(where)
    unreported = sum(
        via == Record.Via.OTHER and pk not in where.reported for pk, (_uid, via) in where.records.items()
    )
    by_hand = sum(place.record_id is None for place in where.reports)
    efficacy, efficacy_reports = _included(where, harms_only=False)
    harms_only, harms_only_reports = _included(where, harms_only=True)
    closed = set(
        Round.objects.filter(review_id=viewer.review_id, closed_at__isnull=False).values_list(
            "stage", flat=True
        )
    )
    return Counts(
        found=found,
        duplicates=alive["database", Record.Via.DATABASE] - database,
        removed_otherwise=gone["database"] + alive["database", Record.Via.OTHER],
        records=database,
        screened=screening["screened"],
        in_rounds=screening["in_round"],
        unassigned=screening["unassigned"],
        direct=screening["direct"],
        excluded=screening["exclude"],
        unsettled=screening["unsettled"],
        going_on=screening["include"],
        by_hand=by_hand,
        other_duplicates=alive["other", Record.Via.OTHER] - other,
        already_identified=alive["other", Record.Via.DATABASE],
        other_removed=gone["other"],
        other_records=other + by_hand,
        other_waiting=unreported,
        databases=_column(where, by_database=True),
        others=_column(where, by_database=False),
        efficacy=efficacy,
        efficacy_reports=efficacy_reports,
        harms_only=harms_only,
        harms_only_reports=harms_only_reports,
        titles_released=Stage.TITLE_ABSTRACT in closed,
        texts_released=Stage.FULL_TEXT in closed,
    )


def _identified(viewer: Viewer) -> tuple[tuple[Found, ...], Counter[tuple[str, str]], Counter[str]]:
    """Count citations: per source; in live records by (column of the source, column of the record); in none."""
    mine = {"review_id": viewer.review_id}
    sources = {source.pk: source for source in Source.objects.filter(**mine)}
    given = {
        (source, route): n
        for source, route, n in Citation.objects.filter(**mine, batch__state=VISIBLE)
        .order_by()
        .values_list("batch__source_id", "route")
        .annotate(n=Count("pk"))
    }
    alive: Counter[tuple[str, str]] = Counter()
    gone: Counter[str] = Counter()
    for (source, _route), n in given.items():
        gone[_side(sources[source])] += n
    is_live = Case(
        When(record__retired_at__isnull=True, record__batch__state=VISIBLE, then=Value(1)), default=Value(0)
    )
    held = (
        Membership.objects.filter(**mine, is_current=True, citation__batch__state=VISIBLE)
        .annotate(alive=is_live)
        .filter(alive=1)
        .order_by()
        .values_list("citation__batch__source_id", "record__via")
        .annotate(n=Count("pk"))
    )
    for source, via, n in held:
        side = _side(sources[source])
        alive[side, via] += n
        gone[side] -= n
    return _found(sources, given), alive, gone


def _side(source: Source) -> str:
    return "other" if source.kind == SourceKind.OTHER else "database"


def _found(sources: Mapping[int, Source], given: Mapping[tuple[int, str], int]) -> tuple[Found, ...]:
    """Name what each source gave; a file that holds several routes has a line for each."""
    names = Counter(source.name for source in sources.values())
    routes = Counter(source for source, _route in given)
    listed = []
    for (pk, route), n in given.items():
        source = sources[pk]
        name = source.name
        if names[name] > 1:
            name = _("{name}, search {n}").format(name=name, n=source.wave)
        if routes[pk] > 1:
            name = f"{name}: {Route(route or source.route).label}"
        kind = cast(Kind, str(source.kind))
        listed.append(Found(name, kind, n, route or source.route))
    return tuple(sorted(listed, key=lambda one: (one.kind, -one.n, one.name, one.route)))


def title_state(where: Places, record_id: int) -> str:
    """Return where a record stands at titles and abstracts.

    One of: sought (it has a report, and its screening is released), direct (it has a report without a released
    screening), in_round, unassigned, unsettled, include (its report is not made yet), exclude.
    """
    uid, _via = where.records[record_id]
    at = where.titles.get(uid)
    if record_id in where.reported:
        return "direct" if at is None or at.state == "in_round" else "sought"
    return at.state if at else "unassigned"


def _screening(where: Places) -> Counter[str]:
    """Count the records of databases and registers by where they stand; "screened" are those of released rounds."""
    found = Counter(
        title_state(where, pk) for pk, (_uid, via) in where.records.items() if via != Record.Via.OTHER
    )
    found["screened"] = sum(found[state] for state in ("sought", "unsettled", "include", "exclude"))
    return found


Ends = Literal[
    "seeking",
    "not_retrieved",
    "not_available",
    "excluded",
    "included",
    "awaiting",
    "ongoing",
    "unsettled",
    "in_rounds",
    "unassigned",
]


def end_of(where: Places, place: ReportPlace) -> tuple[Ends, str]:
    """Return where a report ends in the flow, and the reason when it is excluded.

    A document that is not available to us is assessed once a round holds its study; a study that serves as
    background only is not included in the review.
    """
    at = where.texts.get(place.study.uid) if place.study else None
    early: dict[str, Ends] = {
        RetrievalState.SOUGHT.value: "seeking",
        RetrievalState.NOT_RETRIEVED.value: "not_retrieved",
    }
    if place.retrieval in early:
        return early[place.retrieval], ""
    if at and at.state == "exclude":
        return "excluded", at.reason or _("No reason given")
    if at and at.state == "include":
        background = at.purpose == Purpose.BACKGROUND
        return ("excluded", _("Kept as background")) if background else ("included", "")
    waiting: dict[str, Ends] = {
        RetrievalState.AWAITING.value: "awaiting",
        RetrievalState.ONGOING.value: "ongoing",
    }
    if place.retrieval in waiting:
        return waiting[place.retrieval], ""
    if at:
        return ("in_rounds" if at.state == "in_round" else "unsettled"), ""
    return ("not_available" if place.retrieval == RetrievalState.NOT_AVAILABLE else "unassigned"), ""


def _column(where: Places, *, by_database: bool) -> Reports:
    ends: Counter[Ends] = Counter()
    reasons: Counter[str] = Counter()
    listed = [place for place in where.reports if place.by_database is by_database]
    for place in listed:
        end, reason = end_of(where, place)
        ends[end] += 1
        if reason:
            reasons[reason] += 1
    ordered = sorted(reasons.items(), key=lambda one: (-one[1], one[0]))
    missing = ends["seeking"] + ends["not_retrieved"] + ends["not_available"]
    return Reports(
        sought=len(listed),
        seeking=ends["seeking"],
        not_retrieved=ends["not_retrieved"],
        not_available=ends["not_available"],
        assessed=len(listed) - missing,
        excluded=tuple(Reason(label, n) for label, n in ordered),
        included=ends["included"],
        awaiting=ends["awaiting"],
        ongoing=ends["ongoing"],
        unsettled=ends["unsettled"],
        in_rounds=ends["in_rounds"],
        unassigned=ends["unassigned"],
    )


def _included(where: Places, *, harms_only: bool) -> tuple[int, int]:
    """Count the included studies that serve this purpose, and their assessed reports."""
    reports: dict[UUID, int] = defaultdict(int)
    for place in where.reports:
        if place.study is None or (at := where.texts.get(place.study.uid)) is None:
            continue
        counts = at.state == "include" and at.purpose != Purpose.BACKGROUND
        if counts and (at.purpose == Purpose.HARMS) is harms_only:
            reports[place.study.uid] += end_of(where, place)[0] == "included"
    return len(reports), sum(reports.values())
