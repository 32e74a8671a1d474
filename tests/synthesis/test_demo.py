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


def test_links_that_a_source_states_are_made_and_inferred_ones_wait_for_a_person(demo: Any) -> None:
    from reviewapp.selectors.study_links import proposals
    from synthesis.management.demo import records, texts

    uids = records.by_key(demo)
    study = {key: texts.study_of(demo, uids[key]).study.label for key in ("klein2005", "przkora2007")}
    assert set(study.values()) == {"Klein 2005"}
    waiting, _all = proposals(demo.lead, 20)
    sides = {frozenset(link.study.label for link in one.sides) for one in waiting}
    assert frozenset({"Kim 2006", texts.study_of(demo, uids["hong2004"]).study.label}) in sides


def test_records_of_must_not_merge_stay_apart(demo: Any) -> None:
    from synthesis.management.demo import records

    uids = records.by_key(demo)
    assert all(uids[one] != uids[other] for one, other in facts.page("links")["must_not_merge"])


def test_a_document_that_is_not_available_is_in_no_round(demo: Any) -> None:
    from reviewapp.models.rounds import Assignment
    from reviewapp.models.studies import Retrieval
    from synthesis.management.demo import records, texts

    link = texts.study_of(demo, records.by_key(demo)["elhusseini2004"])
    assert Retrieval.objects.get(report=link.report, is_current=True).state == "not_available"
    handed = Assignment.objects.for_system("a test asks what was handed out")
    assert not handed.filter(study=link.study).exists()


def test_full_texts_hold_what_the_facts_say(demo: Any) -> None:
    from collections import Counter

    from reviewapp.selectors.outcomes import outcomes, resolutions
    from reviewapp.selectors.screening import rounds
    from synthesis.management.demo import screening

    first = screening.standing(demo, "full_text", 1)
    adjudicator = demo.viewers["adjudicator"]
    found = outcomes(adjudicator, first)
    resolved = set(resolutions(adjudicator, first))
    states = Counter("settled" if unit in resolved else what.state for unit, what in found.items())
    told = Counter(one["state"] for one in facts.full_texts())
    expected = {"agreed": told["agreed"], "settled": told["settled"], "conflict": told["conflict open"]}
    assert states == expected == {"agreed": 11, "settled": 2, "conflict": 3}
    for key in ("a", "b"):
        second = next(view for view in rounds(demo.viewers[key], "full_text") if view.is_open)
        assert (second.total, second.done) == (5, 1)


def numbers(value: Any) -> set[float]:
    """Every number in a nested value, texts included; a printed minus may be a dash, so signs are left out."""
    import re

    if isinstance(value, dict):
        return set().union(*map(numbers, value.values())) if value else set()
    if isinstance(value, list):
        return set().union(*map(numbers, value)) if value else set()
    return {float(one) for one in re.findall(r"\d+(?:\.\d+)?|\.\d+", str(value))}


def cells_of(demo: Any, model: str) -> list[tuple[str, str, str, float]]:
    """(study, group, field, number) of every stored number of entries or finals."""
    from django.apps import apps

    made: Any = apps.get_model("extraction", model)
    rows = made.objects.for_system("a test compares values with the facts").filter(
        review=demo.review, number__isnull=False
    )
    via = "entry__study_form" if model == "Value" else "study_form"
    read = rows.values_list(f"{via}__study__label", "group", "field", "number")
    return [(label, group, field, float(number)) for label, group, field, number in read]


def of_study(label: str) -> Any:
    return next(study for study in facts.studies().values() if study["label"] == label)


def test_every_final_number_is_a_verified_fact_of_its_study(demo: Any) -> None:
    finals = cells_of(demo, "Final")
    assert len(finals) > 40
    strange = [cell for cell in finals if abs(cell[3]) not in numbers(of_study(cell[0]))]
    assert strange == []


def test_every_entered_number_is_a_fact_or_a_reading_that_the_facts_tell(demo: Any) -> None:
    readings = {one["study"]: one for one in facts.extraction()}
    entered = cells_of(demo, "Value")
    assert len(entered) > 120

    def told(cell: tuple[str, str, str, float]) -> set[float]:
        study = of_study(cell[0])
        zero = {0.0} if cell[2] == "events" else set()  # "zero reported" is a zero, printed or not
        return numbers(study) | numbers(readings[study["id"]]["cells"]) | zero

    strange = [cell for cell in entered if abs(cell[3]) not in told(cell)]
    assert strange == []


def test_the_two_reconciled_studies_stand_in_the_dataset(demo: Any) -> None:
    from extraction.selectors.dataset import dataset

    found = {study.label: study for study in dataset(demo.lead).studies}
    assert set(found) == {"Henderson 2002", "Bianchi 2000"}
    henderson, bianchi = found["Henderson 2002"], found["Bianchi 2000"]
    percent = {
        (row.mean, row.spread_kind, row.spread, row.n) for row in henderson.results if row.form != "value"
    }
    assert percent == {(89.0, "se", 21.0, 6), (9.0, "se", 6.0, 6)}
    assert henderson.characteristics["n_randomised"] == "12"
    assert henderson.appraisal["jadad.total"] == "4"
    change = {(row.mean, row.spread_kind, row.spread, row.n, row.site) for row in bianchi.results}
    assert change == {
        (14.9, "sd", 9.8, 38, "not_stated"),
        (2.6, "sd", 5.0, 38, "not_stated"),
        (15.3, "sd", 9.9, 16, "not_stated"),
    }
    assert [(harm.status, harm.events, harm.n) for harm in bianchi.harms] == [("zero_reported", 0, 38)]


def test_pairs_wait_for_reconciliation_and_entries_for_a_newcomer(demo: Any) -> None:
    from extraction.selectors.entries import mine

    def state(seat: str) -> dict[str, str]:
        return {
            one.study.label: one.state
            for one in mine(demo.viewers[seat])
            if one.form.key == "bone_density_children"
        }

    pairs = {"Acott 2005": "pair", "Klein 2005": "pair", "Golden 2005": "waiting"}
    done = {"Henderson 2002": "reconciled", "Bianchi 2000": "reconciled"}
    assert state("a") == {**pairs, **done, "Rudge 2005": "submitted"}
    assert state("b") == {**pairs, **done, "Rudge 2005": "waiting"}


def test_every_settled_difference_says_why_where_the_facts_do(demo: Any) -> None:
    from extraction.selectors.pairs import pair, pairs

    a = demo.viewers["a"]
    chosen = [
        final
        for one in pairs(a)
        if one.is_reconciled and (found := pair(a, one.unit))
        for final in found.chosen.values()
        if final.origin != "agreed"
    ]
    assert len(chosen) > 30
    assert [final.field for final in chosen if not final.why] == []
