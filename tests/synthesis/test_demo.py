"""The demo command: everything through the services, whole, repeatable, from verified facts alone."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest
from django.core.management import call_command

from synthesis.management.demo import facts

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def _loaded(django_db_setup: Any, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[None]:
    """The demo, loaded once for this module and taken back after it."""
    from django.conf import settings
    from django.db import transaction

    media, settings.MEDIA_ROOT = settings.MEDIA_ROOT, tmp_path_factory.mktemp("demo")
    with django_db_blocker.unblock(), transaction.atomic():
        began = monotonic()
        call_command("demo")
        print(f"the demo was loaded in {monotonic() - began:.1f} s")
        yield
        transaction.set_rollback(True)
    settings.MEDIA_ROOT = media


@pytest.fixture
def demo(_loaded: None, db: None) -> Any:
    """The loaded demo review with its four places."""
    from synthesis.management.demo import team

    assembled = team.assemble()
    assert assembled.review.is_demo or team.find() is not None
    return assembled


def rows() -> dict[str, int]:
    """How many rows every table holds."""
    from django.apps import apps
    from django.db import connection

    from reviewapp.gate import wall_down

    counted = {}
    with wall_down("a test counts rows"), connection.cursor() as cursor:
        for model in apps.get_models():
            cursor.execute(f'SELECT COUNT(*) FROM "{model._meta.db_table}"')
            counted[model._meta.label] = cursor.fetchone()[0]
    return counted


def test_it_holds_289_citations_in_127_records(demo: Any) -> None:
    from reviewapp.models.records import Citation, DuplicatePair, Record

    counts = facts.page("sources")["demo_counts"]
    mine = {"review": demo.review}
    assert Citation.objects.filter(**mine).count() == counts["citations"] == 289
    assert Record.objects.filter(**mine, retired_at__isnull=True).count() == counts["records"] == 127
    merged = DuplicatePair.objects.filter(**mine, settled="merged").count()
    assert merged == counts["duplicates_removed"] == 162


def test_prisma_counts_156_duplicates_of_databases_and_six_already_identified(demo: Any) -> None:
    from reviewapp.models.records import Citation, Record

    database = Citation.objects.filter(review=demo.review, batch__source__kind="database").count()
    records = Record.objects.filter(review=demo.review, retired_at__isnull=True)
    assert (database, records.filter(via="database").count()) == (283, 127)
    assert database - 127 == 156
    assert records.filter(via="other").count() == 0


def test_every_copy_lies_in_the_record_of_its_facts(demo: Any) -> None:
    from synthesis.management.demo import records

    assert len(set(records.by_key(demo).values())) == len(records.by_key(demo)) == 127


def test_a_summary_is_never_shown_without_its_label(demo: Any) -> None:
    from reviewapp.models.records import Record
    from synthesis.management.demo.citations import SUMMARY_MARK, SUMMARY_NOTE

    told = Record.objects.filter(review=demo.review, retired_at__isnull=True).exclude(abstract="")
    assert {record.abstract_note for record in told} == {SUMMARY_NOTE}
    assert all(record.abstract.startswith(SUMMARY_MARK) for record in told)
    assert told.count() == len(facts.summaries())


def test_round_one_has_eight_conflicts_of_which_four_are_open(demo: Any) -> None:
    from reviewapp.selectors.outcomes import outcomes, resolutions
    from synthesis.management.demo import screening

    first = screening.standing(demo, "title_abstract", 1)
    adjudicator = demo.viewers["adjudicator"]
    conflicts = {unit for unit, what in outcomes(adjudicator, first).items() if what.state == "conflict"}
    assert len(conflicts) == 8
    assert len(conflicts - set(resolutions(adjudicator, first))) == 4


def test_round_two_waits_for_both_reviewers(demo: Any) -> None:
    from reviewapp.selectors.screening import rounds

    told = facts.screening(2)["records"]
    for key in ("a", "b"):
        open_round = next(view for view in rounds(demo.viewers[key], "title_abstract") if view.is_open)
        answered = sum(key in one for one in told)
        assert (open_round.total, open_round.done) == (67, answered)


def test_a_second_run_changes_nothing(demo: Any) -> None:
    before = rows()
    call_command("demo")
    assert rows() == before


def test_a_run_that_was_cut_off_is_finished_by_the_next(demo: Any) -> None:
    from reviewapp.models.reviews import Review

    before = rows()
    Review.objects.filter(pk=demo.review.pk).update(is_demo=False)
    call_command("demo")
    assert Review.objects.get(pk=demo.review.pk).is_demo
    events = "reviewapp.Event"
    assert {name: n for name, n in rows().items() if n != before[name]} == {events: before[events] + 1}


def test_nobody_can_sign_in_as_a_demo_person_with_a_password(demo: Any) -> None:
    for seat in demo.seats.values():
        assert seat.user and not seat.user.has_usable_password()


def test_the_demo_door_opens_in_demo_mode_on_this_machine_only(demo: Any, client: Any, settings: Any) -> None:
    def knock(**headers: str) -> int:
        return int(client.post("/demo-seat/", {"seat": "a"}, **headers).status_code)

    assert knock() == 404
    settings.DEMO = True
    assert knock(REMOTE_ADDR="10.0.0.1") == 404
    assert knock(HTTP_X_FORWARDED_FOR="10.0.0.1") == 404
    assert knock() == 302
