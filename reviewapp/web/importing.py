"""Sources, their files, and the report of each import."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviewapp.models.records import ImportBatch
from reviewapp.selectors import importing, jobs
from reviewapp.selectors.seats import may_curate
from reviewapp.services import importing as services
from reviewapp.services import sources
from reviewapp.services.refusals import Gone, NotAllowed, Refused
from reviewapp.web.base import ReviewView
from reviewapp.web.jobs import drawn
from reviewapp.web.source_forms import READ_AS, SourceForm

PAGE = 50
NOTES_SHOWN = 200


class Sources(ReviewView):
    """Every source with what it brought; a curator adds one here."""

    step = "sources"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        return self._show(SourceForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Add a source and go to its page."""
        form = SourceForm(request.POST)
        if form.is_valid():
            try:
                added = sources.add(actor=self.viewer, values=form.values())
            except NotAllowed:
                raise
            except Refused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, refused.message)
            else:
                return self.go("source", added.uid)
        return self._show(form, 400)

    def _show(self, form: SourceForm, status: int = 200) -> HttpResponse:
        rows = importing.sources(self.viewer)
        context = {
            "rows": rows,
            "form": form,
            "may_curate": may_curate(self.viewer),
            "files": sum(row.files for row in rows),
            "citations": sum(row.citations for row in rows),
            "only_here": sum(row.only_here for row in rows),
            "work": [drawn(self, one) for one in jobs.running(self.viewer)],
        }
        return self.page("reviewapp/sources.html", context, status)


class SourcePage(ReviewView):
    """One source: its files, what is said of it, and the place to bring a file in."""

    step = "sources"

    def get(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Show it."""
        return self._show(uid)

    def post(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Store what is said of the source."""
        form = SourceForm(request.POST)
        if form.is_valid():
            try:
                sources.change(actor=self.viewer, source_uid=uid, values=form.values())
            except Refused as refused:
                if refused.field not in form.fields:
                    raise
                form.add_error(refused.field, refused.message)
            else:
                self.note(_("The source was stored."))
                return self.go("source", uid)
        return self._show(uid, form, 400)

    def _show(self, uid: UUID, form: SourceForm | None = None, status: int = 200) -> HttpResponse:
        source = importing.source(self.viewer, uid)
        if source is None:
            raise Http404
        context = {
            "source": source,
            "form": form or SourceForm.of(source),
            "batches": list(importing.batches(self.viewer, source)),
            "may_curate": may_curate(self.viewer),
            "read_as": READ_AS,
            "edit": form is not None,
        }
        return self.page("reviewapp/source.html", context, status)


class WithdrawSource(ReviewView):
    """Withdraw a source."""

    step = "sources"

    def post(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Withdraw it, with a reason."""
        sources.withdraw(actor=self.viewer, source_uid=uid, why=request.POST.get("why", "")[:2000])
        self.note(_("The source was withdrawn."))
        return self.go("sources")


class Upload(ReviewView):
    """Bring one or several files into a source."""

    step = "sources"

    def post(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Store the files; each is read by a worker. A file that is refused does not stop the others."""
        files = request.FILES.getlist("files")
        if not files:
            raise Refused(_("Choose a file."))
        begun: list[ImportBatch] = []
        refused: list[str] = []
        for file in files:
            try:
                begun.append(
                    services.start(
                        actor=self.viewer,
                        source_uid=uid,
                        name=file.name or "",
                        content=file,
                        read_as=request.POST.get("read_as", ""),
                    )
                )
            except (Gone, NotAllowed):
                raise
            except Refused as words:
                if len(files) == 1:
                    raise
                refused.append(words.message)
        if not begun:
            raise Refused(" ".join(refused))
        for words_said in refused:
            messages.error(request, words_said)
        if len(files) == 1:
            return self.go("batch", begun[0].uid)
        self.note(ngettext("%d file is being read.", "%d files are being read.", len(begun)) % len(begun))
        return self.go("source", uid)


class Batch(ReviewView):
    """The report of one import: progress while it is read, then what became of every record."""

    step = "sources"

    def get(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Show it."""
        report = importing.report(self.viewer, uid)
        if report is None:
            raise Http404
        work = jobs.work(self.viewer, report.batch.job)
        page = Paginator(importing.citations(self.viewer, report.batch), PAGE).get_page(
            request.GET.get("page")
        )
        context: dict[str, Any] = {
            "report": report,
            "batch": report.batch,
            "page": page,
            "problems": report.batch.problems[:NOTES_SHOWN],
            "skipped": report.batch.skipped[:NOTES_SHOWN],
            "work": drawn(self, work, cancel="batch_cancel", about=report.batch.uid) if work else None,
            "may_curate": may_curate(self.viewer),
            "read_as": READ_AS,
        }
        return self.page("reviewapp/import.html", context)


class CancelBatch(ReviewView):
    """Stop reading a file."""

    def post(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Stop it; nothing of the file shows."""
        services.cancel(actor=self.viewer, batch_uid=uid)
        self.note(_("Stopped. Nothing of the file is in the review."))
        return self.go("batch", uid)


class ReadAgain(ReviewView):
    """Read a refused file again, as another format if one is chosen."""

    def post(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Start it and go to the new import."""
        batch = services.read_again(actor=self.viewer, batch_uid=uid, read_as=request.POST.get("read_as", ""))
        return self.go("batch", batch.uid)


class WithdrawBatch(ReviewView):
    """Take a file out of the review again."""

    def post(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Withdraw it, with a reason."""
        services.withdraw(actor=self.viewer, batch_uid=uid, why=request.POST.get("why", "")[:2000])
        self.note(_("The file was withdrawn."))
        return self.go("batch", uid)


urlpatterns = [
    path("r/<uuid:review>/sources/", Sources.as_view(), name="sources"),
    path("r/<uuid:review>/sources/<uuid:uid>/", SourcePage.as_view(), name="source"),
    path("r/<uuid:review>/sources/<uuid:uid>/withdraw/", WithdrawSource.as_view(), name="source_withdraw"),
    path("r/<uuid:review>/sources/<uuid:uid>/files/", Upload.as_view(), name="upload"),
    path("r/<uuid:review>/imports/<uuid:uid>/", Batch.as_view(), name="batch"),
    path("r/<uuid:review>/imports/<uuid:uid>/cancel/", CancelBatch.as_view(), name="batch_cancel"),
    path("r/<uuid:review>/imports/<uuid:uid>/again/", ReadAgain.as_view(), name="batch_again"),
    path("r/<uuid:review>/imports/<uuid:uid>/withdraw/", WithdrawBatch.as_view(), name="batch_withdraw"),
]
