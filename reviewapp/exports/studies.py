"""Tables of reports and studies: what was sought, what is linked, what was excluded and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from reviewapp.gate import Viewer
from reviewapp.models.records import Record
from reviewapp.models.reviews import Stage
from reviewapp.models.studies import Retrieval, Study, StudyLink
from reviewapp.pure.tables import Column, Table
from reviewapp.selectors import flow, votes

STUDY_UID = Column("study_uid", "Study id", "uid", "Id of the study")
STUDY = Column("study", "Study", "text", "Name of the study: first author and year")
REASON = Column("reason", "Reason", "text", "Primary reason of exclusion: the first of the protocol's list")
PURPOSE = Column("purpose", "Purpose", "text", "efficacy (and harms), harms_only or background")


def reports(viewer: Viewer) -> Table:
    """Every report once, with its record, its study, and where it ends in the flow."""
    columns = (
        Column("report_uid", "Report id", "uid", "Id of the report"),
        Column("record_uid", "Record id", "uid", "Its record; empty when it was entered by hand"),
        STUDY_UID,
        STUDY,
        Column("title", "Title", "text", "Title"),
        Column("authors", "Authors", "text", "Authors in order, joined by semicolons"),
        Column("year", "Year", "integer", "Year of publication"),
        Column("kind", "Kind", "text", "Kind of document"),
        Column("is_primary", "Primary", "boolean", "Whether it is the study's main report"),
        Column("via", "Column", "text", "database (databases and registers) or other (other methods)"),
        Column(
            "retrieval",
            "Document",
            "text",
            "sought, retrieved, not_retrieved, not_available (to us), awaiting (classification), ongoing",
        ),
        Column("retrieval_why", "Why", "text", "What was done to get the document"),
        Column(
            "end",
            "End",
            "text",
            "Where it ends in the flow: seeking, not_retrieved, not_available, unassigned, in_rounds (not released), "
            "unsettled, awaiting, ongoing, excluded, included",
        ),
        REASON,
    )
    return Table("reports", "Reports", columns, _reports(viewer))


def _reports(viewer: Viewer) -> Iterator[list[object]]:
    where = flow.places(viewer)
    records = Record.objects.filter(review_id=viewer.review_id).in_bulk(list(where.reported))
    whys = dict(
        Retrieval.objects.filter(review_id=viewer.review_id, is_current=True).values_list("report_id", "why")
    )
    for place in sorted(
        where.reports, key=lambda one: (one.study.label if one.study else "", str(one.report.uid))
    ):
        record = records.get(place.record_id) if place.record_id is not None else None
        end, reason = flow.end_of(where, place)
        yield [
            place.report.uid,
            record.uid if record else None,
            place.study.uid if place.study else None,
            place.study.label if place.study else "",
            (record.title if record else "") or place.report.title,
            "; ".join(record.authors) if record else "",
            record.year if record else None,
            place.report.kind,
            place.report.is_primary,
            "database" if place.by_database else "other",
            place.retrieval,
            whys.get(place.report.pk, ""),
            end,
            reason,
        ]


def studies(viewer: Viewer) -> Table:
    """Every study that stands, with how it was judged as far as it is released."""
    columns = (
        STUDY_UID,
        STUDY,
        Column("reports", "Reports", "integer", "Reports of the study", "reports"),
        Column(
            "state", "State", "text", "unassigned, in_round (not released), unsettled, include or exclude"
        ),
        Column("round", "Round", "integer", "Number of its latest round of full texts"),
        PURPOSE,
        REASON,
        Column("resolved", "Resolved", "boolean", "Whether a resolution of a conflict decided"),
    )
    return Table("studies", "Studies", columns, _studies(viewer))


def _studies(viewer: Viewer) -> Iterator[list[object]]:
    where = flow.places(viewer)
    held: dict[UUID, int] = defaultdict(int)
    for place in where.reports:
        if place.study:
            held[place.study.uid] += 1
    rows = Study.objects.filter(review_id=viewer.review_id, retired_at__isnull=True)
    for row in rows.order_by("label", "uid"):
        at = where.texts.get(row.uid)
        if at is None:
            yield [row.uid, row.label, held[row.uid], "unassigned", None, "", "", None]
            continue
        resolved = at.resolved if at.state in {"include", "exclude"} else None
        yield [
            row.uid,
            row.label,
            held[row.uid],
            at.state,
            at.round.number,
            at.purpose,
            at.reason,
            resolved,
        ]


def links(viewer: Viewer) -> Table:
    """Which report belongs to which study: every version, so that a regrouping can be followed."""
    columns = (
        Column("report_uid", "Report id", "uid", "Id of the report"),
        STUDY_UID,
        STUDY,
        Column("version", "Version", "integer", "Version of the link, from 1"),
        Column("is_current", "Current", "boolean", "Whether this version counts"),
        Column("why", "Why", "text", "Why it was linked so"),
    )
    rows = (
        StudyLink.objects.filter(review_id=viewer.review_id)
        .select_related("report", "study")
        .order_by("report__uid", "version")
    )
    told = (
        [row.report.uid, row.study.uid, row.study.label, row.version, row.is_current, row.why]
        for row in rows.iterator(chunk_size=2000)
    )
    return Table("links", "Links of reports to studies", columns, told)


def excluded_studies(viewer: Viewer) -> Table:
    """Studies that were read in full and excluded, each with its reason: the table that PRISMA and MECIR ask for."""
    columns = (
        STUDY_UID,
        STUDY,
        REASON,
        Column("why", "Explained", "text", "What the resolution said, or the reviewers' notes"),
        Column("reports", "Reports", "text", "Its reports, joined by vertical bars"),
    )
    return Table("excluded_studies", "Excluded studies with reasons", columns, _excluded(viewer))


def _excluded(viewer: Viewer) -> Iterator[list[object]]:
    where = flow.places(viewer)
    cited: dict[UUID, list[str]] = defaultdict(list)
    reasons: dict[UUID, str] = {}
    labels: dict[UUID, str] = {}
    for place in where.reports:
        end, reason = flow.end_of(where, place)
        if end == "excluded" and place.study:
            cited[place.study.uid].append(place.report.title)
            reasons[place.study.uid] = reason
            labels[place.study.uid] = place.study.label
    whys = _whys(viewer) if labels else {}
    for uid in sorted(labels, key=lambda one: (labels[one], str(one))):
        told = " | ".join(sorted(filter(None, cited[uid])))
        yield [uid, labels[uid], reasons[uid], whys.get(uid, ""), told]


def _whys(viewer: Viewer) -> dict[UUID, str]:
    found: dict[UUID, str] = {}
    for pair in votes.pairs(viewer, Stage.FULL_TEXT):
        if pair.final:
            notes = " | ".join(dict.fromkeys(side.note for side in pair.sides if side.note))
            found[pair.unit] = pair.resolution.why if pair.resolution else notes
    return found
