"""Four people, four browsers, one review: from the six files to the zip, on either kind of backend."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys import results, road, texts
from tests.journeys.people import Meeting
from tests.journeys.site import Site
from tests.needs import needs_data

pytestmark = [pytest.mark.browser, pytest.mark.data, pytest.mark.slow]


@pytest.mark.parametrize("site", ["sqlite", "postgres"], indirect=True)
def test_four_people_walk_the_whole_road(site: Site, meeting: Meeting, tmp_path: Path) -> None:
    files = needs_data("bisphosphonates")
    team = road.gather(site, meeting)
    road.bring_files(team.lead, files)
    road.curate(team.lead)
    going_on = road.screen_pilot(team)
    labels = texts.prepare_studies(team.lead, going_on)
    trials = texts.full_texts(team, labels)
    texts.hand_out(team.lead)
    texts.enter(team.a, trials)
    texts.enter(team.b, trials, second=True)
    texts.reconcile(team.adjudicator, trials)
    results.open_another_round(team)
    results.compute(team.lead)
    results.check_bundle(results.download(team.lead, tmp_path), trials)
