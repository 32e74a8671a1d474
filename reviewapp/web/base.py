"""The one check in HTML: review, seat, viewer, or 404; and the shell that every page of a review shares."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View

from reviewapp.gate import Viewer
from reviewapp.models.people import User
from reviewapp.models.reviews import Review
from reviewapp.models.seats import Seat
from reviewapp.selectors import road
from reviewapp.selectors.seats import viewer_for
from reviewapp.services import once
from reviewapp.services.refusals import Gone, NotAllowed, Refused


def site(request: HttpRequest) -> dict[str, Any]:
    """Give every template the site's facts."""
    return {"demo": settings.DEMO}


class ReviewView(View):
    """A page of one review. Subclasses set ``step`` and write get() and post(); ``roles`` limits who may open it.

    A ``light`` page, shown again for every record, draws the road as the person's last full page left it.
    """

    step: ClassVar[str] = ""
    roles: ClassVar[tuple[str, ...]] = ()
    light: ClassVar[bool] = False
    review: Review
    seat: Seat
    viewer: Viewer

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find the viewer's place, or answer 404; run a form that carries a key once only."""
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        place = viewer_for(request.user, kwargs.pop("review"))
        if place is None or (self.roles and not place.viewer.has(*self.roles)):
            raise Http404
        self.review, self.seat, self.viewer = place.review, place.seat, place.viewer
        try:
            key = request.POST.get("once", "") if request.method == "POST" else ""
            if key:
                return self._once(request, key, args, kwargs)
            return super().dispatch(request, *args, **kwargs)
        except Gone as gone:
            raise Http404 from gone
        except NotAllowed as refused:
            return self.page("errors/refused.html", {"message": refused.message}, status=403)
        except Refused as refused:
            messages.error(request, refused.message)
            return HttpResponseRedirect(self.back(request))

    def _once(self, request: HttpRequest, key: str, args: Any, kwargs: Any) -> HttpResponseBase:
        """Run a keyed form in one transaction with its key; a repeat is sent where the first was sent."""
        assert isinstance(request.user, User)
        body = {k: request.POST.getlist(k) for k in request.POST if k not in {"csrfmiddlewaretoken", "once"}}
        asked = once.request_hash(request.path, body, request.FILES)
        with transaction.atomic():
            row, is_new = once.claim(user_id=request.user.pk, key=key, asked=asked)
            if not is_new:
                return HttpResponseRedirect(row.reply or self.back(request))
            response = super().dispatch(request, *args, **kwargs)
            if isinstance(response, HttpResponseRedirect):
                once.remember(row, response.url)
            else:
                transaction.set_rollback(True)
            return response

    def back(self, request: HttpRequest) -> str:
        """Return where a refused form goes: the page it came from, if it is ours."""
        came_from = request.headers.get("referer", "")
        if url_has_allowed_host_and_scheme(came_from, allowed_hosts={request.get_host()}):
            return came_from
        return reverse("review", args=[self.review.uid])

    def shell(self) -> dict[str, Any]:
        """Return the context of the shell: names, seat, and the road with what waits for me."""
        return {
            "review": {"title": self.review.title, "url": reverse("review", args=[self.review.uid])},
            "seat": " · ".join(self.seat.role_names),
            "person": self.seat.name,
            "road": self._road(),
            "foot": road.foot(self.viewer, self.review),
            "search_url": reverse("records", args=[self.review.uid]),
        }

    def _road(self) -> list[dict[str, Any]]:
        session, key = self.request.session, f"road {self.review.uid}"
        if self.light and key in session:
            stands = {name: road.Step(name, *rest) for name, *rest in session[key]}
        else:
            stands = road.all_steps(self.viewer, self.review)
            kept = [[step.key, step.state, step.wait] for step in stands.values()]
            if session.get(key) != kept:
                session[key] = kept
        return road.drawn(stands, self.review, current=self.step)

    def page(self, template: str, context: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        """Render a page of the review inside the shell."""
        whole = {"review": self.review, "seat": self.seat, "viewer": self.viewer, **(context or {})}
        whole.setdefault("shell", None)
        whole["shell"] = whole["shell"] or self.shell()
        return render(self.request, template, whole, status=status)

    def go(self, name: str, *args: UUID | str | int) -> HttpResponseRedirect:
        """Redirect to a page of this review by URL name."""
        return HttpResponseRedirect(reverse(name, args=[self.review.uid, *args]))

    def note(self, text: str) -> None:
        """Show a line on the next page."""
        messages.success(self.request, text)
