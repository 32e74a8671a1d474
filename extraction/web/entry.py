"""Fill a form: the report on one side, sections and grids on the other. Every button posts the draft first."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from extraction.pure import payloads
from extraction.selectors import entries
from extraction.services import entries as services
from extraction.services.entries import EntryRefused
from extraction.web import forms
from reviewapp.selectors import studies
from reviewapp.services.refusals import Clash, Refused
from reviewapp.web.base import ReviewView

SCRIPT = "autosave"


class EntryPage(ReviewView):
    """One study under one form, for the extractor to whom it is handed."""

    step = "extraction"

    def get(self, request: HttpRequest, unit: UUID) -> HttpResponse:
        """Show my draft, or my entry once it is in."""
        work = self._work(unit)
        return self._show(work, work.payload, complete=bool(request.GET.get("check")))

    def post(self, request: HttpRequest, unit: UUID) -> HttpResponse:
        """Keep the draft; then add or remove a row, answer a doubt, or submit."""
        work = self._work(unit)
        typed = payloads.from_post(work.spec, dict(request.POST.lists()), work.payload)
        typed, goal = _changed(typed, request)
        version = request.POST.get("version", "")
        known = int(version) if version.isdecimal() and len(version) < 9 else 0
        try:
            draft = services.save_draft(actor=self.viewer, unit=unit, payload=typed, version=known)
        except Clash as clash:
            return self._clash(request, work, typed, clash)
        if request.POST.get(SCRIPT):
            return self._kept(work, typed, draft)
        if request.POST.get("submit"):
            return self._submit(unit)
        return HttpResponseRedirect(self._here(unit) + goal)

    def _submit(self, unit: UUID) -> HttpResponse:
        try:
            services.submit(actor=self.viewer, unit=unit)
        except EntryRefused:
            return HttpResponseRedirect(self._here(unit) + "?check=1#errors")
        except Refused as refused:
            return self._show(self._work(unit), None, error=refused.message, status=400)
        work = self._work(unit)
        if work.state == "pair":
            self.note(_("Both entries are in. They are open to you now."))
            return self.go("reconcile", unit)
        self.note(_("Your entry for %(study)s is in.") % {"study": work.study.label})
        return self.go("extraction")

    def _kept(self, work: entries.Work, typed: payloads.Payload, draft: Any) -> HttpResponse:
        """Answer the page's own script: the new version, and what is to be said about what is typed."""
        check = services.check(actor=self.viewer, unit=work.unit, payload=typed, complete=False)
        done, total = payloads.filled(work.spec, typed)
        notes = [
            {**asdict(one), "set_words": _("It is a standard error")}
            for one in forms.notes_of(work.spec, check)
        ]
        saved = date_format(localtime(draft.saved_at), "H:i")
        return JsonResponse(
            {"version": draft.version, "saved": saved, "done": done, "total": total, "notes": notes}
        )

    def _clash(
        self, request: HttpRequest, work: entries.Work, typed: payloads.Payload, clash: Clash
    ) -> HttpResponse:
        if request.POST.get(SCRIPT):
            return JsonResponse({"detail": clash.message}, status=409)
        words = _("What you typed is still on this page; saving again replaces the other version.")
        return self._show(work, typed, error=f"{clash.message} {words}", status=409)

    def _work(self, unit: UUID) -> entries.Work:
        found = entries.work(self.viewer, unit)
        if found is None:
            raise Http404
        return found

    def _here(self, unit: UUID) -> str:
        return reverse("entry", args=[self.review.uid, unit])

    def _show(
        self,
        work: entries.Work,
        typed: payloads.Payload | None,
        *,
        complete: bool = False,
        error: str = "",
        status: int = 200,
    ) -> HttpResponse:
        payload = work.payload if typed is None else typed
        check = services.check(actor=self.viewer, unit=work.unit, payload=payload, complete=complete)
        notes = forms.notes_of(work.spec, check)
        done, total = payloads.filled(work.spec, payload)
        context = {
            "work": work,
            "sections": forms.sections(work.spec, payload, notes),
            "errors": [note for note in notes if note.kind == "error"] if complete else [],
            "error": error,
            "doubts": sum(note.kind == "doubt" for note in notes),
            "done": done,
            "total": total,
            "obtained": forms.obtained_choices(),
            "documents": studies.documents(self.viewer, work.study),
            "frozen": work.entry is not None,
            "codes": payloads.CODES,
        }
        return self.page("extraction/entry.html", context, status)


def _changed(typed: payloads.Payload, request: HttpRequest) -> tuple[payloads.Payload, str]:
    """The payload after the button that was pressed, and where the page goes on."""
    group, _colon, row = request.POST.get("remove", "").partition(":")
    if row:
        return payloads.without_row(typed, group, row), f"#g-{group}"
    group, _colon, row = request.POST.get("add", "").partition(":")
    if group in typed["groups"]:
        made = payloads.with_row(typed, group, like=row)
        return made, f"#r-{group}-{made['groups'][group][-1]['row']}"
    parts = request.POST.get("set", "").split(":")
    if len(parts) == 4:
        return payloads.with_cell(typed, *parts), f"#r-{parts[0]}-{parts[1]}"
    return typed, ""


urlpatterns = [path("r/<uuid:review>/extraction/<uuid:unit>/", EntryPage.as_view(), name="entry")]
