"""Studies with their reports, where each document stands, and the files to read. Says of nobody who did what, or when.

A study exists only for a record that advanced, which happens with a release, so nothing here tells of an open round.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviewapp.gate import Viewer
from reviewapp.models.records import Record
from reviewapp.models.reviews import Review, Stage
from reviewapp.models.rounds import Assignment, Round
from reviewapp.models.studies import FullText, Report, Retrieval, RetrievalState, Study, StudyLink
from reviewapp.selectors import study_links
from reviewapp.selectors.road import Step, Todo
from reviewapp.selectors.seats import may_curate

SEVERAL = "several"
ACTIVE = "fulltexts/active/"
"""Where files are kept that carry scripts or start programs: they are handed out to be saved, never shown in a page."""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One report: its record if it has one, where its document stands and why, its files."""

    report: Report
    record: Record | None
    state: str
    state_name: str
    why: str
    files: tuple[FullText, ...]
    link_why: str = ""

    @property
    def title(self) -> str:
        """Return the title as people know it."""
        return (self.record.title if self.record else "") or self.report.title


@dataclass(frozen=True, slots=True)
class StudyRow:
    """A study with its reports, the primary one first."""

    study: Study
    reports: tuple[ReportRow, ...]


def live(review_id: int) -> QuerySet[Study]:
    """Return the studies that stand."""
    return Study.objects.filter(review_id=review_id, retired_at__isnull=True)


def studies(viewer: Viewer, *, words: str = "", state: str = "") -> QuerySet[Study]:
    """Return the standing studies by label.

    Every word is looked for in the label and in the titles, authors and numbers of the reports. ``state`` keeps the
    studies with a report whose document stands so; "several" keeps those of more than one report.
    """
    found = live(viewer.review_id)
    links = StudyLink.objects.filter(review_id=viewer.review_id, is_current=True)
    for word in words.lower().split()[:12]:
        named = links.filter(Q(report__title__icontains=word) | Q(report__record__search__contains=word))
        found = found.filter(Q(label__icontains=word) | Q(pk__in=named.values("study_id")))
    if state in RetrievalState.values:
        standing = Retrieval.objects.filter(review_id=viewer.review_id, is_current=True, state=state)
        found = found.filter(
            pk__in=links.filter(report_id__in=standing.values("report_id")).values("study_id")
        )
    elif state == SEVERAL:
        many = links.order_by().values("study_id").annotate(n=Count("pk")).filter(n__gt=1)
        found = found.filter(pk__in=many.values("study_id"))
    return found.order_by("label", "uid")


def rows(viewer: Viewer, found: Iterable[Study]) -> list[StudyRow]:
    """Return these studies with their reports, states and files, in three queries."""
    listed = list(found)
    links = list(
        StudyLink.objects.filter(review_id=viewer.review_id, study__in=listed, is_current=True)
        .select_related("report__record")
        .order_by("-report__is_primary", "report__record__year", "report__title", "report__uid")
        .defer("report__record__abstract", "report__record__search", "report__record__keywords")
    )
    made = _reports(viewer.review_id, links)
    by_study: dict[int, list[ReportRow]] = defaultdict(list)
    for link in links:
        by_study[link.study_id].append(made[link.report_id])
    return [StudyRow(study, tuple(by_study[study.pk])) for study in listed]


def _reports(review_id: int, links: list[StudyLink]) -> dict[int, ReportRow]:
    ids = [link.report_id for link in links]
    standing = {
        row.report_id: row
        for row in Retrieval.objects.filter(review_id=review_id, report_id__in=ids, is_current=True)
    }
    files: dict[int, list[FullText]] = defaultdict(list)
    for file in FullText.objects.filter(
        review_id=review_id, report_id__in=ids, withdrawn_at__isnull=True
    ).order_by("name", "uid"):
        files[file.report_id].append(file)
    made = {}
    for link in links:
        row = standing.get(link.report_id)
        state = RetrievalState(row.state) if row else RetrievalState.SOUGHT
        made[link.report_id] = ReportRow(
            report=link.report,
            record=link.report.record,
            state=state.value,
            state_name=str(state.label),
            why=row.why if row else "",
            files=tuple(files[link.report_id]),
            link_why=link.why,
        )
    return made


@dataclass(frozen=True, slots=True)
class Counts:
    """How many studies and reports there are, and how many reports' documents stand where."""

    studies: int
    reports: int
    states: Counter[str]

    @property
    def shown(self) -> list[tuple[str, str, int]]:
        """Return (state, its words, number of reports) of the states that occur, in their order."""
        return [
            (state.value, str(state.label), self.states[state.value])
            for state in RetrievalState
            if self.states[state.value]
        ]


def counts(viewer: Viewer) -> Counts:
    """Return the counts of the review, in one query."""
    state = Retrieval.objects.filter(report_id=OuterRef("report_id"), is_current=True).values("state")[:1]
    found = list(
        StudyLink.objects.filter(
            review_id=viewer.review_id, is_current=True, study__retired_at__isnull=True
        ).values_list("study_id", Subquery(state))
    )
    states = Counter(state or RetrievalState.SOUGHT.value for _study, state in found)
    return Counts(len({study for study, _state in found}), len(found), states)


@dataclass(frozen=True, slots=True)
class Place:
    """A full-text round that holds a study; says nothing of any answer."""

    round: Round

    @property
    def is_open(self) -> bool:
        """Tell whether the round is not released yet."""
        return self.round.closed_at is None


def places(review_id: int, study_ids: Iterable[int]) -> dict[int, Place]:
    """Return the full-text round of each of these studies (by row id) that is in one; the latest, open ones first."""
    handed = (
        Assignment.objects.for_system("in which round a study is; carries no answer")
        .filter(review_id=review_id, study_id__in=list(study_ids), round__stage=Stage.FULL_TEXT)
        .order_by("round__number")
        .values_list("study_id", "round_id")
        .distinct()
    )
    listed = list(handed)
    known = Round.objects.in_bulk({round_id for _study, round_id in listed})
    found: dict[int, Place] = {}
    for study_id, round_id in listed:
        if study_id not in found or not found[study_id].is_open:
            found[study_id] = Place(known[round_id])
    return found


def judges_now(viewer: Viewer, study_id: int) -> bool:
    """Tell whether the viewer has this study to judge in an open round."""
    own = Assignment.objects.of_author(viewer).filter(study_id=study_id, round__closed_at__isnull=True)
    return bool(own.exists())


@dataclass(frozen=True, slots=True)
class Move:
    """A report came into this study, or left it for another: why, and from or to where."""

    report: Report
    other: Study
    came: bool
    why: str


@dataclass(frozen=True, slots=True)
class StudyPage:
    """One study: its reports, how they came together, and the round that judges it."""

    row: StudyRow
    moves: tuple[Move, ...]
    place: Place | None

    @property
    def study(self) -> Study:
        """Return the study."""
        return self.row.study


def study(viewer: Viewer, uid: UUID) -> StudyPage | None:
    """Return a standing study of the viewer's review; None alike for missing, foreign and retired ones."""
    found = live(viewer.review_id).filter(uid=uid).first()
    if found is None:
        return None
    place = places(viewer.review_id, [found.pk]).get(found.pk)
    return StudyPage(rows(viewer, [found])[0], tuple(_moves(viewer.review_id, found)), place)


def _moves(review_id: int, about: Study) -> list[Move]:
    here = StudyLink.objects.filter(review_id=review_id, study=about).values("report_id")
    links = (
        StudyLink.objects.filter(review_id=review_id, report_id__in=here)
        .select_related("report__record", "study")
        .order_by("report__title", "report__uid", "version")
    )
    moves: list[Move] = []
    before: StudyLink | None = None
    for link in links:
        if before is not None and before.report_id == link.report_id:
            if link.study_id == about.pk:
                moves.append(Move(link.report, before.study, True, link.why))
            elif before.study_id == about.pk:
                moves.append(Move(link.report, link.study, False, link.why))
        before = link
    return moves


def study_of_report(viewer: Viewer, report_uid: UUID) -> Study | None:
    """Return the study that holds a report now; None alike for missing and foreign reports."""
    link = (
        StudyLink.objects.select_related("study")
        .filter(review_id=viewer.review_id, report__uid=report_uid, is_current=True)
        .first()
    )
    return link.study if link else None


@dataclass(frozen=True, slots=True)
class Document:
    """A file to read: of which report, how many pages, and whether a page may show it."""

    uid: UUID
    title: str
    name: str
    pages: int | None
    shown: bool
    is_primary: bool


def documents(viewer: Viewer, study: Study) -> list[Document]:
    """Return the files of a study's reports: those a page may show first, the primary report's before others.

    Neutral facts only: no uploader, no time.
    """
    if study.review_id != viewer.review_id:
        return []
    reports = StudyLink.objects.filter(review_id=viewer.review_id, study=study, is_current=True)
    files = (
        FullText.objects.select_related("report__record")
        .filter(
            review_id=viewer.review_id, report_id__in=reports.values("report_id"), withdrawn_at__isnull=True
        )
        .order_by("-report__is_primary", F("report__record__year").asc(nulls_last=True), "name", "uid")
        .defer("report__record__abstract", "report__record__search")
    )
    listed = [
        Document(
            uid=file.uid,
            title=(file.report.record.title if file.report.record else "") or file.report.title,
            name=file.name,
            pages=file.pages,
            shown=may_show(file),
            is_primary=file.report.is_primary,
        )
        for file in files
    ]
    return sorted(listed, key=lambda one: not one.shown)


def may_show(file: FullText) -> bool:
    """Tell whether a file may be shown in a page; one with active content is only handed out to be saved."""
    return not (file.file.name or "").startswith(ACTIVE)


def file(viewer: Viewer, uid: UUID) -> FullText | None:
    """Return a standing file of the viewer's review; None alike for missing, foreign and withdrawn ones."""
    return FullText.objects.filter(review_id=viewer.review_id, uid=uid, withdrawn_at__isnull=True).first()


def step(viewer: Viewer, review: Review) -> Step:
    """Return where the studies stand; links to confirm wait for those who may."""
    counted = counts(viewer)
    if not counted.studies:
        return Step("studies", words=_("Begins when records go on to full text"), mine=_("Not open yet"))
    wait = study_links.waiting(viewer) if may_curate(viewer) else 0
    words = ngettext(
        "%d document is still sought", "%d documents are still sought", counted.states[RetrievalState.SOUGHT]
    )
    return Step(
        "studies",
        state="now" if wait or counted.states[RetrievalState.SOUGHT] else "done",
        wait=wait,
        stands=f"{counted.studies:,}",
        unit=ngettext("studies, %d report", "studies, %d reports", counted.reports) % counted.reports,
        words=words % counted.states[RetrievalState.SOUGHT],
        mine=ngettext("%d link waits for you", "%d links wait for you", wait) % wait if wait else "",
    )


def todo(viewer: Viewer, review: Review) -> list[Todo]:
    """Tell the curator how many pairs of reports wait to be grouped."""
    wait = study_links.waiting(viewer) if may_curate(viewer) else 0
    if not wait:
        return []
    title = ngettext("%d link between reports to confirm", "%d links between reports to confirm", wait) % wait
    words = _("Reports of one investigation are judged together: group them before the full texts.")
    return [Todo(title, words, reverse("studies", args=[review.uid]))]


def facts(row: ReportRow) -> dict[str, Any]:
    """Return what the API says of a report: neutral facts only."""
    record = row.record
    return {
        "uid": row.report.uid,
        "title": row.title,
        "kind": row.report.kind,
        "primary": row.report.is_primary,
        "state": row.state,
        "why": row.why,
        "record": record.uid if record else None,
        "authors": record.authors if record else [],
        "year": record.year if record else None,
        "journal": record.journal if record else "",
        "doi": record.doi if record else "",
        "files": [{"uid": one.uid, "name": one.name, "pages": one.pages} for one in row.files],
    }
