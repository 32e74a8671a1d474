"""Every road round the gate is shut."""

from __future__ import annotations

import io

import pytest
from django.apps import apps
from django.contrib import admin
from django.core import serializers
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, models, transaction
from django.db.models import Count, Exists, OuterRef, Prefetch, Subquery
from django.db.models.expressions import RawSQL

from reviewapp.gate import GatedQuerySet, UnguardedRead, blinded_models
from reviewapp.models.decisions import Decision, Standing
from reviewapp.models.records import Record
from reviewapp.models.rounds import Assignment, Round
from reviewapp.models.seats import Seat
from reviewapp.models.walls import append_only_tables, check_walls, missing_triggers
from reviewapp.services.screening import decide

pytestmark = pytest.mark.django_db


@pytest.fixture
def answered(team, open_titles, queue):
    """Alice includes and Bob excludes everything; nothing is released."""
    for person, verdict in ((team.alice, "include"), (team.bob, "exclude")):
        for one in queue(person, open_titles):
            decide(actor=person.viewer, assignment_uid=one.uid, verdict=verdict)
    return Record.objects.first()


ROADS = {
    "all": lambda r: list(Decision.objects.all()),
    "filter": lambda r: list(Decision.objects.filter(unit=r.uid)),
    "get": lambda r: Decision.objects.get(pk=1),
    "first": lambda r: Decision.objects.first(),
    "count": lambda r: Decision.objects.count(),
    "exists": lambda r: Decision.objects.filter(unit=r.uid).exists(),
    "aggregate": lambda r: Decision.objects.aggregate(Count("id")),
    "values": lambda r: list(Decision.objects.values("verdict")),
    "values_list": lambda r: list(Decision.objects.values_list("verdict", flat=True).distinct()),
    "in_bulk": lambda r: Decision.objects.in_bulk([1]),
    "iterator": lambda r: list(Decision.objects.iterator()),
    "subquery": lambda r: list(
        Record.objects.annotate(
            v=Subquery(Decision.objects.filter(unit=OuterRef("uid")).values("verdict")[:1])
        )
    ),
    "exists_sub": lambda r: list(
        Record.objects.filter(Exists(Decision.objects.filter(unit=OuterRef("uid"))))
    ),
    "in_sub": lambda r: list(Record.objects.filter(uid__in=Decision.objects.values("unit"))),
    "union": lambda r: list(Decision.objects.all().union(Decision.objects.all())),
    "union_open": lambda r: list(Decision.objects.for_system("x").union(Decision.objects.all())),
    "or": lambda r: list(Decision.objects.all() | Decision.objects.all()),
    "or_open": lambda r: list(Decision.objects.for_system("x") | Decision.objects.all()),
    "explain": lambda r: Decision.objects.all().explain(),
    "datetimes": lambda r: list(Decision.objects.datetimes("made_at", "day")),
    "update": lambda r: Decision.objects.update(verdict="include"),
    "update_open": lambda r: Decision.objects.for_system("x").update(verdict="include"),
    "change_append_only": lambda r: Decision.objects.for_system("x").change(verdict="include"),
    "change_closed": lambda r: Standing.objects.all().change(verdict="include"),
    "delete": lambda r: Decision.objects.all().delete(),
    "delete_open": lambda r: Decision.objects.for_system("x").delete(),
    "raw_delete": lambda r: Decision.objects.for_system("x")._raw_delete("default"),
    "raw_update": lambda r: Decision.objects.for_system("x")._update(
        [(Decision._meta.get_field("note"), None, "")]
    ),
    "update_or_create": lambda r: Decision.objects.update_or_create(
        unit=r.uid, defaults={"verdict": "include"}
    ),
    "get_or_create": lambda r: Decision.objects.get_or_create(unit=r.uid),
    "earliest": lambda r: Decision.objects.earliest("id"),
    "contains": lambda r: Decision.objects.contains(Decision(pk=1)),
    "serializer": lambda r: serializers.serialize("json", Decision.objects.all()),
    "raw": lambda r: list(Decision.objects.raw("select * from reviewapp_decision")),
    "raw_of_open_model": lambda r: list(
        Record.objects.raw("select id, verdict as title from reviewapp_decision")
    ),
    "base_manager": lambda r: list(Decision._base_manager.all()),
    "bulk_update": lambda r: Decision.objects.bulk_update([Decision(pk=1)], ["verdict"]),
    "no_reason": lambda r: list(Decision.objects.for_system("")),
    "rawsql": lambda r: list(
        Record.objects.annotate(v=RawSQL("select verdict from reviewapp_decision limit 1", ()))
    ),
    "extra_select": lambda r: list(
        Record.objects.extra(select={"v": "select verdict from reviewapp_decision limit 1"})
    ),
    "extra_tables": lambda r: list(Record.objects.extra(tables=["reviewapp_decision"])),
    "extra_where": lambda r: list(Record.objects.extra(where=["exists(select 1 from reviewapp_decision)"])),
    "quoted_case": lambda r: connection.cursor().execute('SELECT * FROM "REVIEWAPP_DECISION"'),
    "cursor": lambda r: connection.cursor().execute("SELECT verdict FROM reviewapp_decision"),
    "cursor_insert_select": lambda r: connection.cursor().execute(
        'INSERT INTO "reviewapp_note" ("text") SELECT verdict FROM reviewapp_decision'
    ),
    "cursor_forged_vouch": lambda r: connection.cursor().execute(
        "/*open 0000000000000000 9*/ SELECT verdict FROM reviewapp_decision"
    ),
    "plus_filter": lambda r: list(Record.objects.filter(**{"+__verdict": "include"})),
    "plus_of_seat": lambda r: list(Seat.objects.filter(**{"+__verdict": "include"})),
    "plus_beside_an_open_subquery": lambda r: list(
        Seat.objects.filter(
            Exists(Decision.objects.for_system("x").filter(author=OuterRef("pk"))),
            **{"+__verdict": "include"},
        )
    ),
    "reverse_attribute": lambda r: list(r.decision_set.all()),
    "reverse_filter": lambda r: list(Record.objects.filter(decision__verdict="include")),
    "reverse_of_round": lambda r: list(Round.objects.filter(assignment__slot=1)),
    "reverse_prefetch": lambda r: list(Record.objects.prefetch_related("assignment_set")),
    "prefetch": lambda r: list(
        Record.objects.prefetch_related(Prefetch("assignment_set", queryset=Assignment.objects.all()))
    ),
    "save_over": lambda r: Decision.objects.for_system("x").first().save(),
    "delete_row": lambda r: Decision.objects.for_system("x").first().delete(),
    "refresh": lambda r: Decision.objects.for_system("x").first().refresh_from_db(),
    "delete_parent": lambda r: r.delete(),
    "forward_from_closed": lambda r: Decision.objects.for_system("x").first().assignment,
}


@pytest.mark.parametrize("road", ROADS)
def test_the_road_is_walled(answered, road):
    before = list(Decision.objects.for_system("test").order_by("pk").values_list("pk", "verdict"))
    with (
        pytest.raises(
            (UnguardedRead, AttributeError, FieldError, ValueError, models.ProtectedError)
        ) as caught,
        transaction.atomic(),
    ):
        ROADS[road](answered)
    assert "verdict" not in str(caught.value) or road.startswith(("plus", "reverse"))
    assert list(Decision.objects.for_system("test").order_by("pk").values_list("pk", "verdict")) == before


@pytest.mark.parametrize("model", [one for one in apps.get_models() if not hasattr(one, "append_only")])
def test_a_plus_look_up_from_any_open_model_reaches_no_blinded_row(answered, model):
    try:
        rows = model._default_manager.annotate(n=Count("+"))
        sql = str(rows.query)
        list(rows)
    except (UnguardedRead, FieldError):
        return
    assert not any(one._meta.db_table in sql for one in blinded_models())


def test_a_proxy_with_a_manager_of_its_own_is_walled(answered):
    class Sneak(Decision):
        plain = models.Manager()

        class Meta:
            proxy = True
            app_label = "reviewapp"

    try:
        with pytest.raises(UnguardedRead):
            list(Sneak.plain.all())
        assert any(found.id == "reviewapp.E003" for found in check_walls())
    finally:
        del apps.all_models["reviewapp"]["sneak"]
        apps.clear_cache()
        blinded_models.cache_clear()


def test_none_stays_harmless(answered):
    assert list(Decision.objects.none()) == []


def test_the_viewer_sees_own_rows_and_no_others(team, answered):
    seen = Decision.objects.visible_to(team.alice.viewer)
    assert {row.verdict for row in seen} == {"include"}
    assert seen.count() == 6
    assert not Decision.objects.visible_to(team.dora.viewer).exists()
    assert not Decision.objects.visible_to(team.carol.viewer).exists()


def test_an_opened_query_joins_counts_and_nests(team, answered):
    own = Decision.objects.visible_to(team.alice.viewer)
    assert own.select_related("assignment__round").first().assignment.round.number == 1
    assert Record.objects.filter(Exists(own.filter(unit=OuterRef("uid")))).count() == 6
    assert (own | own).count() == 6
    assert own.aggregate(n=Count("pk"))["n"] == 6
    assert own.values("verdict").annotate(n=Count("pk")).get()["n"] == 6


def test_the_admin_has_no_blinded_table():
    registered = set(admin.site._registry)
    assert not registered & set(blinded_models())


def test_dumpdata_refuses(answered):
    with pytest.raises((UnguardedRead, CommandError)):
        call_command("dumpdata", "reviewapp.Decision", stdout=io.StringIO())


def test_the_walls_stand():
    assert check_walls() == []
    assert missing_triggers() == []
    assert "reviewapp_decision" in append_only_tables()


def test_every_manager_of_a_blinded_table_is_gated():
    for model in blinded_models():
        assert isinstance(model._base_manager.get_queryset(), GatedQuerySet), model
        assert isinstance(model._default_manager.get_queryset(), GatedQuerySet), model


def test_only_these_blinded_tables_may_change():
    changing = {model.__name__ for model in blinded_models() if not model.append_only}
    assert changing == {"Standing", "Job", "Draft"}
