"""Forms of the review and handing out: what the lead does before anyone extracts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extraction.selectors import entries, handed_out, pairs
from extraction.selectors import forms as form_selectors
from extraction.selectors.releases import released
from extraction.services import definitions, handing
from reviewapp.models.seats import Role
from reviewapp.selectors.seats import seats_with
from reviewapp.services.people import uid_of
from reviewapp.services.refusals import Gone, NotAllowed, Refused
from reviewapp.web.base import ReviewView


class Extraction(ReviewView):
    """What is handed to me, the pairs that I may reconcile; for a lead also forms and handing out."""

    step = "extraction"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        return self._show()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Add a form, or hand studies out."""
        try:
            if request.POST.get("preset"):
                form = definitions.add_form(actor=self.viewer, preset=request.POST["preset"])
                self.note(_("The form “%(name)s” is ready.") % {"name": form.name})
            else:
                self._hand_out(request)
        except (Gone, NotAllowed):
            raise
        except Refused as refused:
            return self._show({"error": refused.message, "error_field": refused.field}, 400)
        return self.go("extraction")

    def _hand_out(self, request: HttpRequest) -> None:
        made = handing.assign_extraction(
            actor=self.viewer,
            form_uid=uid_of(request.POST.get("form", "")),
            seats=[uid_of(text) for text in request.POST.getlist("seats")],
            study_uids=[uid_of(text) for text in request.POST.getlist("studies")] or None,
        )
        told = ngettext("%d study is handed out.", "%d studies are handed out.", len(made))
        self.note(told % len(made))

    def _show(self, more: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        is_lead = self.viewer.has(Role.LEAD)
        known = released(self.viewer)
        open_to_me = pairs.pairs(self.viewer, known)
        waiting = pairs.to_reconcile(self.viewer, known)
        context: dict[str, Any] = {
            "mine": entries.mine(self.viewer, known),
            "to_reconcile": [one for one in open_to_me if one.unit in waiting],
            "reconciled": [one for one in open_to_me if one.is_reconciled],
            "is_lead": is_lead,
        }
        if is_lead:
            forms = form_selectors.forms(self.viewer)
            taken = {form.key for form in forms}
            context |= {
                "forms": forms,
                "presets": [one for one in definitions.presets() if one.key not in taken],
                "extractors": seats_with(self.review.pk, Role.EXTRACTOR),
                "handed": handed_out.overview(self.viewer, known),
            }
        return self.page("extraction/extraction.html", {**context, **(more or {})}, status)


urlpatterns = [path("r/<uuid:review>/extraction/", Extraction.as_view(), name="extraction")]
