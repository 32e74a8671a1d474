"""Studies: the list with grouping and links to confirm, one study with its reports and files, a report by hand."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from reviewapp.models.seats import Role
from reviewapp.models.studies import RetrievalState
from reviewapp.selectors import studies, study_links
from reviewapp.selectors.seats import may_curate
from reviewapp.services import fulltexts
from reviewapp.services import studies as services
from reviewapp.services.people import uid_of
from reviewapp.services.refusals import Gone, NotAllowed, Refused
from reviewapp.web.base import ReviewView
from reviewapp.web.study_forms import ReportForm

PAGE = 50
PROPOSED = 10
FILTERS = [
    *((state.value, state.label) for state in RetrievalState),
    (studies.SEVERAL, gettext_lazy("Several reports")),
]


class Studies(ReviewView):
    """Every study with its reports and where their documents stand; a curator groups them here."""

    step = "studies"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of them."""
        return self._show()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Gather the chosen studies in one."""
        chosen = request.POST.getlist("study")
        why = request.POST.get("why", "")[:2000]
        try:
            done = services.group(actor=self.viewer, study_uids=[uid_of(one) for one in chosen], why=why)
        except (Gone, NotAllowed):
            raise
        except Refused as refused:
            typed = {"error": refused.message, "error_field": refused.field, "why": why, "chosen": chosen}
            return self._show(typed, 400)
        tell_of(self, done)
        return self.go("study", done.study.uid)

    def _show(self, more: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        words = self.request.GET.get("q", "")[:200]
        state = self.request.GET.get("state", "")
        found = studies.studies(self.viewer, words=words, state=state)
        page = Paginator(found, PAGE).get_page(self.request.GET.get("page"))
        curates = may_curate(self.viewer)
        proposals, waiting = study_links.proposals(self.viewer, PROPOSED) if curates else ([], 0)
        context = {
            "page": page,
            "rows": studies.rows(self.viewer, page.object_list),
            "counts": studies.counts(self.viewer),
            "proposals": proposals,
            "waiting": waiting,
            "may_curate": curates,
            "q": words,
            "state": state,
            "filters": FILTERS,
        }
        return self.page("reviewapp/studies.html", {**context, **(more or {})}, status)


def tell_of(view: ReviewView, done: services.Grouped) -> None:
    """Say on the next page what became of grouped studies."""
    names = ", ".join(study.label for study in done.retired)
    view.note(_("%(names)s joined %(study)s.") % {"names": names, "study": done.study.label})
    for words in done.said:
        messages.warning(view.request, words)


class StudyLinks(ReviewView):
    """Answer a proposed link: one study, or not."""

    step = "studies"

    def post(self, request: HttpRequest) -> HttpResponse:
        """Confirm it, by its pair or by its two studies; or say that they are not one study."""
        why = request.POST.get("why", "")[:2000]
        if request.POST.get("act") == "apart":
            left, right = (uid_of(request.POST.get(side, "")) for side in ("left", "right"))
            services.refuse_link(actor=self.viewer, left_uid=left, right_uid=right, why=why)
            self.note(_("Kept as two studies."))
        elif request.POST.get("pair"):
            pair = uid_of(request.POST["pair"])
            tell_of(self, services.confirm_link(actor=self.viewer, pair_uid=pair, why=why))
        else:
            chosen = [uid_of(one) for one in request.POST.getlist("study")]
            tell_of(self, services.group(actor=self.viewer, study_uids=chosen, why=why))
        return self.go("studies")


class StudyPage(ReviewView):
    """One study: its reports with their files, where each document stands, and how they came together."""

    step = "studies"

    def get(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Show it."""
        return self.show(uid)

    def post(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Give it another label."""
        label = request.POST.get("label", "")[:1000]
        try:
            services.rename(actor=self.viewer, study_uid=uid, label=label)
        except (Gone, NotAllowed):
            raise
        except Refused as refused:
            return self.show(uid, {"error": refused.message, "label": label}, 400)
        return self.go("study", uid)

    def show(self, uid: UUID, more: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        """Render the study, with what was refused and typed."""
        shown = studies.study(self.viewer, uid)
        if shown is None:
            raise Http404
        context = {
            "shown": shown,
            "study": shown.study,
            "documents": studies.documents(self.viewer, shown.study),
            "may_curate": may_curate(self.viewer),
            "states": RetrievalState.choices,
        }
        return self.page("reviewapp/study.html", {**context, **(more or {})}, status)


class ReportAct(StudyPage):
    """An act on one report: where its document stands, split it off, make it the primary one."""

    def get(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Go to the study that holds the report."""
        study = studies.study_of_report(self.viewer, uid)
        if study is None:
            raise Http404
        return self.go("study", study.uid)

    def post(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Do it."""
        study = studies.study_of_report(self.viewer, uid)
        if study is None:
            raise Http404
        act, why = request.POST.get("act", ""), request.POST.get("why", "")[:2000]
        state = request.POST.get("state", "")
        try:
            if act == "split":
                label = request.POST.get("label", "")[:200]
                own = services.split(actor=self.viewer, report_uid=uid, why=why, label=label)
                self.note(_("The report is a study of its own: %(label)s.") % {"label": own.label})
                return self.go("study", own.uid)
            if act == "primary":
                services.mark_primary(actor=self.viewer, report_uid=uid)
            elif act == "retrieval":
                services.set_retrieval(actor=self.viewer, report_uid=uid, state=state, why=why)
            else:
                raise Refused(_("Choose what to do with the report."))
        except (Gone, NotAllowed):
            raise
        except Refused as refused:
            typed = {
                "refused": {"report": uid, "act": act, "words": refused.message, "why": why, "state": state}
            }
            return self.show(study.uid, typed, 400)
        return self.go("study", study.uid)


class ReportFiles(StudyPage):
    """Bring documents of a report in. A repeat is harmless without a key: the same bytes are stored once."""

    def get(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Go to the study that holds the report."""
        return ReportAct.get(self, request, uid)  # type: ignore[arg-type]

    def post(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Store the files; one that is refused does not stop the others."""
        study = studies.study_of_report(self.viewer, uid)
        if study is None:
            raise Http404
        stored, refused = 0, []
        for file in request.FILES.getlist("files"):
            try:
                done = fulltexts.upload(actor=self.viewer, report_uid=uid, name=file.name or "", content=file)
            except (Gone, NotAllowed):
                raise
            except Refused as words:
                refused.append(words.message)
                continue
            stored += done.is_new
            if done.said:
                messages.warning(request, done.said)
        if not request.FILES:
            refused.append(_("Choose a PDF."))
        if stored:
            self.note(ngettext("%d file was stored.", "%d files were stored.", stored) % stored)
        if refused:
            typed = {"refused": {"report": uid, "act": "files", "words": " ".join(refused)}}
            return self.show(study.uid, typed, 400)
        return self.go("study", study.uid)


class WithdrawFile(ReviewView):
    """Withdraw a file."""

    step = "studies"

    def post(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Withdraw it, with a reason."""
        file = fulltexts.withdraw(actor=self.viewer, file_uid=uid, why=request.POST.get("why", "")[:2000])
        self.note(_("%(name)s was withdrawn.") % {"name": file.name})
        return self.go("report_act", file.report.uid)


class FullTextFile(ReviewView):
    """The bytes of a document, to seats of the review only."""

    def get(self, request: HttpRequest, uid: UUID) -> HttpResponseBase:
        """Show it in the page, or hand it out to be saved if it carries scripts."""
        file = studies.file(self.viewer, uid)
        if file is None or not file.file.storage.exists(file.file.name or ""):
            raise Http404
        shown = studies.may_show(file)
        name = file.name if file.name.lower().endswith(".pdf") else f"{file.name}.pdf"
        response = FileResponse(
            file.file.open("rb"), content_type="application/pdf", as_attachment=not shown, filename=name
        )
        policy = "frame-ancestors 'self'" if shown else "sandbox; default-src 'none'; frame-ancestors 'self'"
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


class AddReport(ReviewView):
    """A report that no record stands for."""

    step = "studies"
    roles = (Role.CURATOR.value, Role.LEAD.value)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form; ``study`` in the address names the study it joins."""
        return self._show(ReportForm(initial={"study": request.GET.get("study", "")[:36]}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store it and go to its study."""
        form = ReportForm(request.POST)
        if form.is_valid():
            try:
                report = services.add_report(actor=self.viewer, **form.values())
            except (Gone, NotAllowed):
                raise
            except Refused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, refused.message)
            else:
                return self.go("report_act", report.uid)
        return self._show(form, 400)

    def _show(self, form: ReportForm, status: int = 200) -> HttpResponse:
        joins = None
        if value := form["study"].value():
            try:
                joins = studies.study(self.viewer, uid_of(str(value)))
            except Gone as gone:
                raise Http404 from gone
        return self.page("reviewapp/report_add.html", {"form": form, "joins": joins}, status)


urlpatterns = [
    path("r/<uuid:review>/studies/", Studies.as_view(), name="studies"),
    path("r/<uuid:review>/studies/links/", StudyLinks.as_view(), name="study_links"),
    path("r/<uuid:review>/studies/add/", AddReport.as_view(), name="report_add"),
    path("r/<uuid:review>/studies/<uuid:uid>/", StudyPage.as_view(), name="study"),
    path("r/<uuid:review>/reports/<uuid:uid>/", ReportAct.as_view(), name="report_act"),
    path("r/<uuid:review>/reports/<uuid:uid>/files/", ReportFiles.as_view(), name="report_files"),
    path("r/<uuid:review>/files/<uuid:uid>/", FullTextFile.as_view(), name="fulltext_file"),
    path("r/<uuid:review>/files/<uuid:uid>/withdraw/", WithdrawFile.as_view(), name="fulltext_withdraw"),
]
