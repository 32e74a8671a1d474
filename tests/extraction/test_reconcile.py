from __future__ import annotations

from typing import Any

import pytest

from extraction.models.finals import Final
from extraction.selectors import pairs
from extraction.selectors.pairs import Pair
from extraction.services.entries import submit
from extraction.services.reconcile import Choice, choose, complete
from reviewapp.models.events import Event
from reviewapp.models.rounds import Release
from reviewapp.models.seats import Seat
from reviewapp.selectors.seats import place_of
from reviewapp.services.refusals import Gone, NotAllowed, Refused
from tests.conftest import Team
from tests.extraction.entries import change, payload, study, two_arms
from tests.extraction.included import hand_out, include

pytestmark = pytest.mark.django_db

NUMBERS = {"n": "6", "mean": "89", "spread_kind": "se", "spread": "21"}


def entry(arms: tuple[str, str] = ("a1", "a2"), **texts: str) -> dict[str, Any]:
    return payload(
        study=study(), arms=two_arms(*arms), change=[change("c1", arms[0], **{**NUMBERS, **texts})]
    )


@pytest.fixture
def unit(team: Team) -> Any:
    return hand_out(team, include(team, {"Henderson 2002": "efficacy"}))["Henderson 2002"].uid


def both(team: Team, unit: Any, one: dict[str, Any], other: dict[str, Any]) -> Pair:
    submit(actor=team.alice.viewer, unit=unit, payload=one)
    submit(actor=team.bob.viewer, unit=unit, payload=other)
    return opened(team.carol.viewer, unit)


def opened(viewer: Any, unit: Any) -> Pair:
    found = pairs.pair(viewer, unit)
    assert found is not None
    return found


def taken(found: Pair, field: str, origin: str, **more: str) -> Choice:
    row, one = next((row, one) for row, one in found.differences if one.field == field)
    return Choice(row.group, row.row_key, one.field, origin, **more)


def standing(viewer: Any) -> dict[tuple[str, str], Final]:
    rows = Final.objects.visible_to(viewer).order_by("version")
    return {(row.group, row.field): row for row in rows if row.group in {"change", "study"}}


def test_what_both_entered_becomes_final_with_its_two_sources(team: Team, unit: Any) -> None:
    both(team, unit, entry(), entry(("x", "y")))
    complete(actor=team.alice.viewer, unit=unit)
    mean = standing(team.dora.viewer)["change", "mean"]
    assert (mean.as_printed, mean.canonical, str(mean.number), mean.unit_text) == (
        "89",
        "89",
        "89.000000",
        "%",
    )
    assert (mean.origin, mean.relation, mean.version) == ("agreed", "identical", 1)
    assert mean.value_a != mean.value_b
    arm = standing(team.dora.viewer)["change", "arm"]
    known = Final.objects.visible_to(team.dora.viewer).filter(group="arms").values_list("row", flat=True)
    assert arm.canonical in set(known)
    assert arm.canonical not in {"a1", "x"}


def test_a_difference_must_be_chosen_before_the_study_is_complete(team: Team, unit: Any) -> None:
    found = both(team, unit, entry(), entry(spread_kind="sd"))
    assert (len(found.differences), found.left) == (1, 1)
    with pytest.raises(Refused, match="1 difference is still open"):
        complete(actor=team.alice.viewer, unit=unit)
    kind = found.differences[0][1]
    origin = "a" if kind.canonical_a == "se" else "b"
    choose(
        actor=team.carol.viewer, unit=unit, choices=[taken(found, "spread_kind", origin, why="“mean ± SEM”")]
    )
    after = opened(team.alice.viewer, unit)
    assert (after.settled, after.left) == (1, 0)
    complete(actor=team.bob.viewer, unit=unit)
    final = standing(team.dora.viewer)["change", "spread_kind"]
    assert (final.canonical, final.origin, final.why) == ("se", origin, "“mean ± SEM”")
    sides = {final.value_a: kind.canonical_a, final.value_b: kind.canonical_b}
    assert set(sides.values()) == {"se", "sd"}


def test_finals_are_appended_and_the_last_choice_counts(team: Team, unit: Any) -> None:
    found = both(team, unit, entry(), entry(n="5"))
    for origin in ("a", "b", "b"):
        choose(actor=team.alice.viewer, unit=unit, choices=[taken(found, "n", origin)])
    rows = list(Final.objects.visible_to(team.bob.viewer).order_by("version"))
    assert [(row.version, row.origin) for row in rows] == [(1, "a"), (2, "b")]
    assert Event.objects.of_author(team.alice.viewer).filter(verb="final.chosen").count() == 2


def test_another_value_is_read_like_a_typed_one_and_says_where_it_is_from(team: Team, unit: Any) -> None:
    found = both(team, unit, entry(), entry(n="5"))
    for more, words in (
        ({"value": "7"}, "comes from"),
        ({"value": "7,5", "why": "letter"}, "decimal point"),
        ({"value": "-7", "why": "letter"}, "impossible|below"),
        ({"value": "", "why": "letter"}, "Type the other value"),
    ):
        with pytest.raises(Refused, match=words):
            choose(actor=team.alice.viewer, unit=unit, choices=[taken(found, "n", "other", **more)])
    assert not Final.objects.visible_to(team.alice.viewer).exists()
    letter = taken(found, "n", "other", value="7", why="letter of the author", status="from_author")
    choose(actor=team.alice.viewer, unit=unit, choices=[letter])
    (final,) = Final.objects.visible_to(team.bob.viewer)
    assert (final.canonical, final.status, final.origin) == ("7", "from_author", "other")
    none = taken(found, "n", "other", status="not_reported", why="neither is in the paper")
    choose(actor=team.bob.viewer, unit=unit, choices=[none])
    complete(actor=team.bob.viewer, unit=unit)
    stands = standing(team.dora.viewer)["change", "n"]
    assert (stands.canonical, stands.number, stands.status) == ("", None, "not_reported")


def test_an_impossible_number_is_refused_by_the_range_of_its_measure(team: Team, unit: Any) -> None:
    found = both(team, unit, entry(), entry(mean="98"))
    with pytest.raises(Refused, match="impossible"):
        choose(
            actor=team.alice.viewer,
            unit=unit,
            choices=[taken(found, "mean", "other", value="89000", why="typing error")],
        )


def test_all_choices_of_a_call_stand_or_none(team: Team, unit: Any) -> None:
    found = both(team, unit, entry(), entry(n="5", mean="98"))
    with pytest.raises(Refused):
        choose(
            actor=team.alice.viewer,
            unit=unit,
            choices=[taken(found, "n", "a"), taken(found, "mean", "other", value="?", why="x")],
        )
    assert not Final.objects.visible_to(team.alice.viewer).exists()


def test_a_cell_that_only_one_entered_can_be_left_out(team: Team, unit: Any) -> None:
    found = both(team, unit, entry(), entry(phase="on_treatment"))
    field = found.differences[0][1]
    assert field.relation in {"only_a", "only_b"}
    without = "b" if field.a else "a"
    choose(actor=team.alice.viewer, unit=unit, choices=[taken(found, "phase", without)])
    complete(actor=team.alice.viewer, unit=unit)
    assert standing(team.dora.viewer)["change", "phase"].status == "left_out"


def test_a_field_that_neither_has_cannot_be_chosen(team: Team, unit: Any) -> None:
    both(team, unit, entry(), entry(n="5"))
    with pytest.raises(Gone):
        choose(actor=team.alice.viewer, unit=unit, choices=[Choice("change", "nowhere", "n", "a")])


def test_completion_opens_the_finals_to_everyone_and_happens_once(team: Team, unit: Any) -> None:
    both(team, unit, entry(), entry())
    assert not Final.objects.visible_to(team.dora.viewer).exists()
    assert pairs.pair(team.dora.viewer, unit) is None
    complete(actor=team.alice.viewer, unit=unit)
    complete(actor=team.bob.viewer, unit=unit)
    assert Release.objects.filter(unit=unit, kind=Release.Kind.STUDY).count() == 1
    assert Final.objects.visible_to(team.dora.viewer).exists()
    assert opened(team.dora.viewer, unit).is_reconciled
    with pytest.raises(Refused, match="its final values stand"):
        choose(actor=team.alice.viewer, unit=unit, choices=[])


def test_only_the_pair_or_an_adjudicator_reconciles(team: Team, unit: Any) -> None:
    found = both(team, unit, entry(), entry(n="5"))
    for viewer in (
        team.dora.viewer,
        place_of(Seat.objects.create(review=team.review, name="F", roles=["extractor"])).viewer,
    ):
        with pytest.raises(Gone):
            choose(actor=viewer, unit=unit, choices=[taken(found, "n", "a")])
        with pytest.raises(Gone):
            complete(actor=viewer, unit=unit)
    choose(actor=team.carol.viewer, unit=unit, choices=[taken(found, "n", "a")])
    complete(actor=team.carol.viewer, unit=unit)
    with pytest.raises(NotAllowed):
        complete(actor=team.dora.viewer, unit=unit)


def test_nobody_reconciles_before_both_are_in(team: Team, unit: Any) -> None:
    submit(actor=team.alice.viewer, unit=unit, payload=entry())
    for person in (team.alice, team.bob, team.carol):
        with pytest.raises(Gone):
            complete(actor=person.viewer, unit=unit)
