"""The documents of reports: files in, files withdrawn, and where each document stands.

A file is judged by its content, and read before the transaction begins. It is kept under a name that the server made.
Its events carry the study and are open to their author until the study is released: whoever reads the file learns
neither who brought it nor when (BLINDING, channel 13). The state that follows from a file is an event of the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.core.files import File
from django.utils import timezone
from django.utils.translation import gettext as _

from reviewapp.audit import audited, nothing_written, tell
from reviewapp.gate import Viewer
from reviewapp.models.seats import Role
from reviewapp.models.studies import FullText, Report, Retrieval, RetrievalState, StudyLink
from reviewapp.selectors.studies import judges_now
from reviewapp.services import pdfs
from reviewapp.services.refusals import Gone, Refused
from reviewapp.services.reports import LONGEST_WHY, begin, link_of
from reviewapp.services.reviews import needs

SAYS_ITSELF = {RetrievalState.SOUGHT.value}
"""States that need no words of why."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A stored file, whether it is new, and what is to be said of it (empty when nothing is)."""

    file: FullText
    is_new: bool
    said: str = ""


def upload(*, actor: Viewer, report_uid: UUID, name: str, content: File[bytes]) -> Uploaded:
    """Store a PDF of a report; its document is then retrieved. The same bytes a second time change nothing.

    Raises Refused in words for what is no readable PDF, is locked, or is too large; NotAllowed, Gone.
    """
    needs(actor, Role.CURATOR, Role.LEAD)
    link_of(actor, report_uid)
    name = pdfs.plain_name(name)
    return _store(
        actor=actor, report_uid=report_uid, name=name, content=content, pdf=pdfs.examine(name, content)
    )


@audited("fulltext.uploaded")
def _store(*, actor: Viewer, report_uid: UUID, name: str, content: File[bytes], pdf: pdfs.Pdf) -> Uploaded:
    begin(actor)
    link = link_of(actor, report_uid)
    same = FullText.objects.select_related("report__record").filter(
        review_id=actor.review_id, sha256=pdf.sha256, withdrawn_at__isnull=True
    )
    here = same.filter(report=link.report).first()
    if here is not None:
        nothing_written()
        words = _("%(name)s is here already, as %(other)s. Nothing was stored.")
        return Uploaded(here, False, words % {"name": name, "other": here.name})
    file = FullText(
        review_id=actor.review_id,
        report=link.report,
        name=name,
        sha256=pdf.sha256,
        size=pdf.size,
        pages=pdf.pages,
    )
    file.file.save(f"{'active/' if pdf.active else ''}{uuid4()}.pdf", content, save=False)
    try:
        file.save(force_insert=True)
        old = _append_state(link.report, RetrievalState.RETRIEVED, "")
        _tell(actor, link, file, old=old, new=RetrievalState.RETRIEVED)
    except BaseException:
        file.file.delete(save=False)
        raise
    return Uploaded(file, True, _remark(pdf, same.exclude(report=link.report).first()))


def _remark(pdf: pdfs.Pdf, elsewhere: FullText | None) -> str:
    said = []
    if elsewhere is not None:
        record = elsewhere.report.record
        title = (record.title if record else "") or elsewhere.report.title
        said.append(_("The same file is also with the report \u201c%(title)s\u201d.") % {"title": title})
    if pdf.active:
        said.append(_("It carries scripts: it is handed out to be saved and not shown in a page."))
    return " ".join(said)


def _tell(actor: Viewer, link: StudyLink, file: FullText, *, old: str, new: str, why: str = "") -> None:
    tell(
        actor=actor,
        subject="fulltext",
        subject_uid=file.uid,
        old={"state": old},
        new={
            "report": str(link.report.uid),
            "file": file.name,
            "sha256": file.sha256,
            "bytes": file.size,
            "pages": file.pages,
            "state": new,
        },
        why=why,
        unit=link.study.uid,
    )


@audited("fulltext.withdrawn")
def withdraw(*, actor: Viewer, file_uid: UUID, why: str) -> FullText:
    """Withdraw a file with a reason; nothing is erased. Without a file left, the document is sought again."""
    begin(actor)
    file = (
        FullText.objects.select_related("report")
        .filter(review_id=actor.review_id, uid=file_uid, withdrawn_at__isnull=True)
        .first()
    )
    if file is None:
        raise Gone(_("There is no such file."))
    why = why.strip()[:LONGEST_WHY]
    if not why:
        raise Refused(_("Say why the file is withdrawn."), "why")
    file.withdrawn_at, file.withdrawn_why = timezone.now(), why
    file.save(update_fields=["withdrawn_at", "withdrawn_why"])
    report = file.report
    now = Retrieval.objects.filter(report=report, is_current=True).values_list("state", flat=True).first()
    new = now or ""
    if now == RetrievalState.RETRIEVED and not _has_files(report):
        new = RetrievalState.SOUGHT.value
        _append_state(report, new, _("The file was withdrawn."))
    _tell(actor, link_of(actor, report.uid), file, old=now or "", new=new, why=why)
    return file


def _has_files(report: Report) -> bool:
    return FullText.objects.filter(report=report, withdrawn_at__isnull=True).exists()


def _append_state(report: Report, state: str, why: str) -> str:
    last = Retrieval.objects.filter(review_id=report.review_id, report=report, is_current=True).first()
    if last is not None:
        Retrieval.objects.filter(pk=last.pk).update(is_current=False)
    Retrieval.objects.create(
        review_id=report.review_id,
        report=report,
        state=state,
        version=last.version + 1 if last else 1,
        why=why[:LONGEST_WHY],
    )
    return last.state if last else ""


@audited("report.retrieval_set")
def set_retrieval(*, actor: Viewer, report_uid: UUID, state: str, why: str = "") -> Report:
    """Say where a report's document stands; the words say where it was sought, or why it is not here.

    Refused: an unknown state, no words, a file that contradicts it, and a study that the actor has to judge in an open
    round, because the state would speak for their own answer.
    """
    begin(actor)
    link = link_of(actor, report_uid)
    if state not in RetrievalState.values:
        raise Refused(_("Choose where the document stands."), "state")
    why = why.strip()
    if state not in SAYS_ITSELF and not why:
        raise Refused(_("Say where it was sought, or how it was read."), "why")
    if judges_now(actor, link.study_id):
        raise Refused(
            _("You judge this study in an open round: another curator sets this, or you after the release.")
        )
    without = {RetrievalState.SOUGHT, RetrievalState.NOT_RETRIEVED, RetrievalState.NOT_AVAILABLE}
    if state in without and _has_files(link.report):
        raise Refused(_("The report has a file: withdraw the file first."), "state")
    now = Retrieval.objects.filter(report=link.report, is_current=True).first()
    if now is not None and (now.state, now.why) == (state, why):
        nothing_written()
        return link.report
    old = _append_state(link.report, state, why)
    tell(
        actor=actor,
        subject="report",
        subject_uid=link.report.uid,
        old={"state": old},
        new={"state": state},
        why=why,
        shared=True,
    )
    return link.report
