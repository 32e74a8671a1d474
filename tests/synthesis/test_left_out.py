"""A reconciled row that no table can hold is told, never dropped in silence."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from extraction.selectors.dataset import dataset
from extraction.selectors.pairs import pair
from extraction.services.entries import submit
from extraction.services.reconcile import Choice, choose, complete
from synthesis.selectors import summaries
from tests.conftest import Team
from tests.extraction.entries import change, payload, study, two_arms
from tests.extraction.included import hand_out, include

pytestmark = pytest.mark.django_db


def entry(*months: str) -> dict[str, Any]:
    rows = [
        change(f"c{month}", "a1", months=month, n="6", mean="30", spread_kind="se", spread="9")
        for month in months
    ]
    return payload(study=study(), arms=two_arms(), change=rows)


@pytest.fixture
def without_a_site(team: Team) -> None:
    """One of two results loses its site in the reconciliation: only one side entered it, and the site is left out."""
    unit = hand_out(team, include(team, {"Henderson 2002": "efficacy"}))["Henderson 2002"].uid
    submit(actor=team.alice.viewer, unit=unit, payload=entry("18"))
    submit(actor=team.bob.viewer, unit=unit, payload=entry("18", "6"))
    found = pair(team.carol.viewer, unit)
    assert found is not None
    holds, lacks = ("b", "a") if found.differences[0][1].a is None else ("a", "b")
    taken = [
        Choice(row.group, row.row_key, field.field, lacks if field.field == "site" else holds)
        for row, field in found.differences
    ]
    choose(actor=team.carol.viewer, unit=unit, choices=taken)
    complete(actor=team.carol.viewer, unit=unit)


def test_it_is_counted_by_study(team: Team, without_a_site: None) -> None:
    (one,) = dataset(team.dora.viewer).studies
    assert [result.months for result in one.results] == [18.0]
    assert summaries.left_out(team.dora.viewer) == (("Henderson 2002", 1),)


def test_the_page_says_so(team: Team, without_a_site: None, sign_in: Any) -> None:
    from reviewapp.jobs import run
    from synthesis.services import summaries as services

    job = services.ask(actor=team.dora.viewer)
    run(str(job.uid), services.compute)
    text = sign_in(team.dora).get(reverse("synthesis", args=[team.review.uid])).content.decode()
    assert "In no table:" in text
    assert "Henderson 2002 (1)" in text


def test_nothing_is_said_where_nothing_was_left_out(team: Team) -> None:
    assert summaries.left_out(team.dora.viewer) == ()
