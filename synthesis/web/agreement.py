"""Agreement of every stage and released round."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from synthesis.selectors import agreement_view
from synthesis.services import agreement as services
from synthesis.web.pages import SynthesisView


class Agreement(SynthesisView):
    """The raw tables first, then the numbers, then the sentence for the methods section."""

    tab = "agreement"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them; of a round that is not released nothing is shown but that it is open."""
        stages = agreement_view.stages(self.viewer)
        parts = [part for stage in stages for part in (stage, *stage.rounds)]
        context = {
            "stages": stages,
            "open_rounds": agreement_view.open_rounds(self.viewer),
            "waits": any(not part.computed for part in parts),
            "work": self.work(services.TASK),
        }
        return self.page("synthesis/agreement.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Compute the agreement of all released rounds."""
        return self.to_work("agreement", services.ask(actor=self.viewer))


urlpatterns = [path("r/<uuid:review>/agreement/", Agreement.as_view(), name="agreement")]
