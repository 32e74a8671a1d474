"""Home, the demo seats, joining, and a review's own pages: where are we, team, protocol."""

from __future__ import annotations

import ipaddress
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views import View

from reviewapp.models.people import User
from reviewapp.models.seats import Role
from reviewapp.selectors import protocol, road
from reviewapp.selectors.seats import open_invitations, seats_of_user, team
from reviewapp.services import people, reviews
from reviewapp.services.refusals import Gone, Refused
from reviewapp.web.base import ReviewView
from reviewapp.web.forms import JoinForm, OpenReviewForm, ProtocolForm


def on_this_machine(request: HttpRequest) -> bool:
    """Tell whether the request comes from a loopback address, directly."""
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return address.is_loopback and "HTTP_X_FORWARDED_FOR" not in request.META


class Home(View):
    """The first page: the demo seats or sign-in; for a signed-in person, their reviews."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        if isinstance(request.user, User):
            context = {"seats": list(seats_of_user(request.user)), "form": OpenReviewForm()}
            return render(request, "reviewapp/home.html", context)
        demo = settings.DEMO and on_this_machine(request)
        context = {
            "seats": people.demo_seats() if demo else [],
            "seat_url": reverse("demo_seat"),
            "demo_text": people.demo_words() if demo else "",
            "demo": demo,
        }
        return render(request, "reviewapp/start.html", context)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Open a review."""
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        form = OpenReviewForm(request.POST)
        if form.is_valid():
            try:
                review, _seat = reviews.open_review(user=request.user, **form.cleaned_data)
                return HttpResponseRedirect(reverse("protocol", args=[review.uid]))
            except Refused as refused:
                form.add_error(None, refused.message)
        context = {"seats": list(seats_of_user(request.user)), "form": form}
        return render(request, "reviewapp/home.html", context, status=400)


class DemoSeat(View):
    """One click into a demo seat: only in demo mode, only from this machine."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Sign in and go to the demo review."""
        if not (settings.DEMO and on_this_machine(request)):
            raise Http404
        seat = people.demo_seat(request.POST.get("seat", ""))
        if seat is None or seat.user is None:
            raise Http404
        login(request, seat.user, backend="django.contrib.auth.backends.ModelBackend")
        return HttpResponseRedirect(reverse("review", args=[seat.review.uid]))


class Join(View):
    """The page behind an invitation link."""

    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        """Show whose review it is; take the seat, or make an account first."""
        return self._show(request, secret, JoinForm())

    def post(self, request: HttpRequest, secret: str) -> HttpResponseBase:
        """Take the seat."""
        if isinstance(request.user, User):
            return self._take(request.user, secret)
        form = JoinForm(request.POST)
        if form.is_valid():
            try:
                user = people.join(secret=secret, **form.cleaned_data)
            except Gone as gone:
                raise Http404 from gone
            except Refused as refused:
                form.add_error(refused.field, refused.message)
            except ValidationError as weak:
                form.add_error("password", weak)
            else:
                login(request, user, backend="django.contrib.auth.backends.ModelBackend")
                return self._take(user, secret)
        return self._show(request, secret, form, 400)

    def _take(self, user: User, secret: str) -> HttpResponse:
        try:
            seat = reviews.accept(user=user, secret=secret)
        except Gone as gone:
            raise Http404 from gone
        return HttpResponseRedirect(reverse("review", args=[seat.review.uid]))

    def _show(self, request: HttpRequest, secret: str, form: JoinForm, status: int = 200) -> HttpResponse:
        invitation = reviews.invitation_of(secret)
        if invitation is None:
            raise Http404
        context = {"invitation": invitation, "form": form, "secret": secret}
        return render(request, "reviewapp/join.html", context, status=status)


class WhereAreWe(ReviewView):
    """A review's landing page: the road with honest counts, my next task, what the lead must decide."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        shell = self.shell()
        todo = road.todo(self.viewer, self.review)
        context = {
            "shell": shell,
            "steps": shell["road"],
            "next": road.next_task(shell["road"]),
            "task": next((item for item in todo if item.is_task), None),
            "todo": todo,
        }
        return self.page("reviewapp/review.html", context)


class Team(ReviewView):
    """Seats and invitations."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        return self._show()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Invite, or change a seat's roles."""
        roles = request.POST.getlist("roles")
        if request.POST.get("seat"):
            reviews.change_roles(actor=self.viewer, seat_uid=people.uid_of(request.POST["seat"]), roles=roles)
            self.note(_("The seat was changed."))
            return self.go("team")
        try:
            invitation, secret = reviews.invite(
                actor=self.viewer,
                roles=roles,
                email=request.POST.get("email", "")[:254],
                name=request.POST.get("name", "")[:200],
            )
        except Refused as refused:
            return self._show({"error": refused.message, "chosen": roles}, 400)
        link = request.build_absolute_uri(reverse("join", args=[secret]))
        return self._show({"link": link, "invitation": invitation})

    def _show(self, more: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        is_lead = self.viewer.has(Role.LEAD)
        context = {
            "team": list(team(self.viewer)),
            "invitations": list(open_invitations(self.viewer)) if is_lead else [],
            "is_lead": is_lead,
            "roles": Role.choices,
        }
        return self.page("reviewapp/team.html", {**context, **(more or {})}, status)


class Protocol(ReviewView):
    """The protocol: question, criteria, reasons, rules."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        return self._show(ProtocolForm.of(protocol.protocol(self.viewer, self.review)))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store what changed."""
        form = ProtocolForm(request.POST)
        if not form.is_valid():
            return self._show(form, 400)
        try:
            form.store(self.viewer)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.message)
            return self._show(form, 400)
        self.note(_("The protocol was stored."))
        return self.go("protocol")

    def _show(self, form: ProtocolForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "protocol": protocol.protocol(self.viewer, self.review)}
        return self.page("reviewapp/protocol.html", context, status)


urlpatterns = [
    path("", Home.as_view(), name="home"),
    path("demo-seat/", DemoSeat.as_view(), name="demo_seat"),
    path("join/<str:secret>/", Join.as_view(), name="join"),
    path("r/<uuid:review>/", WhereAreWe.as_view(), name="review"),
    path("r/<uuid:review>/team/", Team.as_view(), name="team"),
    path("r/<uuid:review>/protocol/", Protocol.as_view(), name="protocol"),
]
