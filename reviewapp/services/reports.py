"""Reports: found by their id, added by hand, the primary one of a study. Shared acts of a curator or lead."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext as _

from reviewapp.audit import audited, nothing_written, tell
from reviewapp.gate import Viewer
from reviewapp.models.seats import Role
from reviewapp.models.studies import Report, Retrieval, RetrievalState, Study, StudyLink
from reviewapp.selectors.studies import live
from reviewapp.services.advancing import free_label, study_label
from reviewapp.services.grouping import lock
from reviewapp.services.refusals import Gone, Refused
from reviewapp.services.reviews import needs

LONGEST_LABEL = 200
LONGEST_WHY = 2000


def begin(actor: Viewer) -> None:
    """Let a curator or lead begin, one at a time in a review. Raises NotAllowed for any other seat."""
    needs(actor, Role.CURATOR, Role.LEAD)
    lock(actor.review_id)


def studies_named(actor: Viewer, uids: Iterable[UUID]) -> dict[UUID, Study]:
    """Return standing studies of the actor's review by uid. Raises Gone if one is missing, foreign or retired."""
    asked = set(uids)
    found = {study.uid: study for study in live(actor.review_id).filter(uid__in=asked)}
    if len(found) != len(asked):
        raise Gone(_("There is no such study."))
    return found


def link_of(actor: Viewer, report_uid: UUID) -> StudyLink:
    """Return the current link of a report, with report, record and study. Raises Gone for a foreign report."""
    found = (
        StudyLink.objects.select_related("report__record", "study")
        .filter(review_id=actor.review_id, report__uid=report_uid, is_current=True)
        .first()
    )
    if found is None:
        raise Gone(_("There is no such report."))
    return found


def links_of(study: Study) -> list[StudyLink]:
    """Return the current links of a study with their reports and records, the primary report first."""
    return list(
        StudyLink.objects.filter(review_id=study.review_id, study=study, is_current=True)
        .select_related("report__record")
        .order_by("-report__is_primary", "report__record__year", "report__title", "report__uid")
    )


def own_label(actor: Viewer, report: Report, label: str) -> str:
    """Return a label that no study of the review has: the wanted one, else after the record, else after the title."""
    taken = set(Study.objects.filter(review_id=actor.review_id).values_list("label", flat=True))
    words = " ".join(report.title.split()[:4])
    wanted = label.strip() or (study_label(report.record) if report.record else words)
    return free_label(wanted[: LONGEST_LABEL - 10] or _("Untitled"), taken)


@audited("report.made_primary")
def mark_primary(*, actor: Viewer, report_uid: UUID) -> Report:
    """Make a report the primary one of its study; the others are secondary."""
    begin(actor)
    link = link_of(actor, report_uid)
    ids = {one.report_id for one in links_of(link.study)}
    was = Report.objects.filter(pk__in=ids, is_primary=True).values_list("uid", flat=True)
    old = [str(uid) for uid in was]
    if old == [str(link.report.uid)]:
        nothing_written()
        return link.report
    Report.objects.filter(pk__in=ids).update(is_primary=False)
    Report.objects.filter(pk=link.report_id).update(is_primary=True)
    link.report.is_primary = True
    tell(
        actor=actor,
        subject="report",
        subject_uid=link.report.uid,
        old={"primary": old},
        new={"primary": [str(link.report.uid)], "study": str(link.study.uid)},
        shared=True,
    )
    return link.report


@audited("report.added")
def add_report(
    *, actor: Viewer, title: str, why: str, kind: str = "", study_uid: UUID | None = None, label: str = ""
) -> Report:
    """Add a report that no record stands for (from an author, a thesis, a registry), to a study or as one of its own.

    Raises Refused without a title or without words of where it came from.
    """
    begin(actor)
    title = " ".join(title.split())
    if not title:
        raise Refused(_("Write the title."), "title")
    if not why.strip():
        raise Refused(_("Say where the report came from."), "why")
    study = studies_named(actor, [study_uid])[study_uid] if study_uid else None
    report = Report.objects.create(
        review_id=actor.review_id, title=title[:5000], kind=kind.strip()[:60], is_primary=study is None
    )
    if study is None:
        study = Study.objects.create(review_id=actor.review_id, label=own_label(actor, report, label))
    StudyLink.objects.create(
        review_id=actor.review_id, report=report, study=study, why=why.strip()[:LONGEST_WHY]
    )
    Retrieval.objects.create(review_id=actor.review_id, report=report, state=RetrievalState.SOUGHT)
    tell(
        actor=actor,
        subject="report",
        subject_uid=report.uid,
        new={"title": report.title, "kind": report.kind, "study": str(study.uid), "label": study.label},
        why=why.strip(),
        shared=True,
    )
    return report
