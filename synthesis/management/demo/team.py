"""The four people of the demo, the review they work on, and its protocol."""

from __future__ import annotations

from dataclasses import dataclass

from reviewapp.gate import Viewer
from reviewapp.models.people import User
from reviewapp.models.reviews import Review
from reviewapp.models.seats import Role, Seat
from reviewapp.selectors.seats import place_of
from reviewapp.services import reviews
from reviewapp.services.people import DEMO_SEATS
from synthesis.management.demo import facts

TITLE = "Bisphosphonates in children with secondary osteoporosis"
QUESTION = (
    "In children and adolescents with secondary osteoporosis (P), do bisphosphonates by any route (I), compared with "
    "placebo, no treatment, standard care or another bisphosphonate (C), change bone density, fractures and pain, and "
    "what harms do they cause (O)?"
)
PROCESS = (
    "Two reviewers answer every record and every study alone. When the round is released, the adjudicator settles "
    "what they disagree on, giving an own answer first; at full text with the reason in writing."
)
ROLES: dict[str, tuple[Role, ...]] = {
    "a": (Role.REVIEWER, Role.EXTRACTOR),
    "b": (Role.REVIEWER, Role.EXTRACTOR),
    "adjudicator": (Role.ADJUDICATOR,),
    "lead": (Role.LEAD, Role.CURATOR, Role.STATISTICIAN),
}
_TITLES, _TEXTS = "title_abstract", "full_text"
CRITERIA: tuple[tuple[str, str, str], ...] = (
    (_TITLES, "include", "Children and adolescents, 0\N{EN DASH}18 years"),
    (
        _TITLES,
        "include",
        "Secondary osteoporosis: a low-trauma fracture, or reduced bone density, with a chronic illness or its treatment",
    ),
    (_TITLES, "include", "Any bisphosphonate, any route"),
    (_TITLES, "include", "RCT, quasi-RCT, controlled trial, cohort, case control"),
    (_TITLES, "maybe", "Case series: answer Maybe; they serve the harms table only"),
    (_TITLES, "exclude", "Primary osteoporosis (osteogenesis imperfecta, idiopathic juvenile)"),
    (_TITLES, "exclude", "Adults only; animals; reviews without data of their own"),
    (_TEXTS, "include", "Bone density, fractures, pain or harms are reported"),
    (_TEXTS, "include", "Case series without a control group: include for harms only"),
    (_TEXTS, "exclude", "Ages outside 0\N{EN DASH}18 years, or not known to be inside"),
)
WORDS_FOR = (
    *(
        "bisphosphonate",
        "alendronate",
        "pamidronate",
        "risedronate",
        "zoledronic",
        "zoledronate",
        "clodronate",
    ),
    *("children", "adolescents", "pediatric", "paediatric"),
)
WORDS_AGAINST = ("postmenopausal", "osteogenesis imperfecta", "adults", "rats", "mice")


@dataclass(frozen=True, slots=True)
class Team:
    """The review and the places of the four seats, by key."""

    review: Review
    seats: dict[str, Seat]
    viewers: dict[str, Viewer]

    @property
    def lead(self) -> Viewer:
        """Return the lead as actor."""
        return self.viewers["lead"]

    @property
    def pair(self) -> tuple[str, str]:
        """Return the keys of the two who answer."""
        return "a", "b"


def _person(key: str) -> User:
    """Return the person of a demo seat; made without a password, so nobody signs in as them but by the demo's door."""
    email, name, _awaits = DEMO_SEATS[key]
    found = User.objects.filter(email__iexact=email).first()
    return found or User.objects.create_user(email, name=str(name))


def find() -> Review | None:
    """Return the demo review, complete or begun: the one that the demo's lead opened first under its title."""
    lead = Seat.objects.select_related("review").filter(
        user__email=DEMO_SEATS["lead"][0], review__title=TITLE, withdrawn_at__isnull=True
    )
    seat = lead.order_by("-review__is_demo", "made_at").first()
    return seat.review if seat else None


def assemble() -> Team:
    """Open the review if it is not there, seat the four, and set the protocol as far as it is not set."""
    people = {key: _person(key) for key in ROLES}
    review = find() or reviews.open_review(user=people["lead"], title=TITLE, question=QUESTION)[0]
    seats = {
        seat.user_id: seat
        for seat in Seat.objects.filter(review=review, withdrawn_at__isnull=True, user__isnull=False)
    }
    lead = seats[people["lead"].pk]
    if set(lead.roles) != set(ROLES["lead"]):
        lead = reviews.change_roles(
            actor=place_of(lead).viewer, seat_uid=lead.uid, roles=[role.value for role in ROLES["lead"]]
        )
    actor = place_of(lead).viewer
    given = {"lead": lead}
    for key in ("a", "b", "adjudicator"):
        roles = [role.value for role in ROLES[key]]
        given[key] = seats.get(people[key].pk) or reviews.seat_person(
            actor=actor, user=people[key], roles=roles
        )
    _protocol(actor)
    return Team(review, given, {key: place_of(seat).viewer for key, seat in given.items()})


def _protocol(actor: Viewer) -> None:
    reviews.set_whole_protocol(
        actor=actor,
        fields={"disagreement_process": PROCESS},
        criteria=CRITERIA,
        reasons=list(facts.reasons().values()),
        words_for=WORDS_FOR,
        words_against=WORDS_AGAINST,
    )
