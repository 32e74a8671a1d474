"""Attacks that once got through, or that came close: each stays shut."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Count, Exists, Subquery
from django.db.models.expressions import RawSQL

from reviewapp.gate import UnguardedRead, blinded_models, wall_down
from reviewapp.models.decisions import Decision
from reviewapp.models.records import Record
from reviewapp.models.rounds import Assignment, Round
from reviewapp.services.screening import decide

pytestmark = pytest.mark.django_db
HIDDEN = {"+__gt": 0}
"""A look-up by the hidden name of a reverse link: from Round it ends in a blinded table."""


@pytest.fixture
def own(team, open_titles, queue):
    """Alice's own opened rows, beside Bob's that stay closed."""
    for person, verdict in ((team.alice, "include"), (team.bob, "exclude")):
        for one in queue(person, open_titles):
            decide(actor=person.viewer, assignment_uid=one.uid, verdict=verdict)
    return Decision.objects.visible_to(team.alice.viewer)


STRAYS = {
    "counts over a hidden link": lambda own: own.aggregate(n=Count("round__+")),
    "filters over a hidden link": lambda own: list(own.filter(**{"round__+__gt": 0})),
    "annotates a hidden link": lambda own: list(own.annotate(n=Count("round__+"))),
    "orders by a hidden link": lambda own: list(own.order_by("round__+__made_at")),
    "nests a query that takes one": lambda own: list(own.filter(round__in=Round.objects.filter(**HIDDEN))),
    "asks whether one exists": lambda own: list(own.filter(Exists(Round.objects.filter(**HIDDEN)))),
    "selects from one": lambda own: list(
        own.annotate(v=Subquery(Round.objects.annotate(n=Count("+")).values("n")[:1]))
    ),
    "unites with one": lambda own: list(
        own.values("uid").union(Round.objects.order_by().filter(**HIDDEN).values("uid"))
    ),
    "nests one two deep": lambda own: list(
        own.filter(
            unit__in=Record.objects.filter(review__in=Round.objects.filter(**HIDDEN).values("review")).values(
                "uid"
            )
        )
    ),
    "adds raw SQL": lambda own: list(
        own.annotate(v=RawSQL("select max(verdict) from reviewapp_standing", ()))
    ),
    "filters by raw SQL": lambda own: list(
        own.filter(verdict__in=RawSQL("select verdict from reviewapp_standing", ()))
    ),
    "adds extra columns": lambda own: list(own.extra(select={"v": "select 1 from reviewapp_standing"})),
    "adds extra tables": lambda own: list(own.extra(tables=["reviewapp_standing"])),
    "adds an extra condition": lambda own: list(
        own.extra(where=["exists (select 1 from reviewapp_standing)"])
    ),
}


def test_the_hidden_name_leads_to_a_blinded_table():
    assert any(
        model._meta.db_table in str(Round.objects.filter(**HIDDEN).query) for model in blinded_models()
    )


@pytest.mark.parametrize("road", STRAYS)
def test_an_opened_query_vouches_for_no_stray(own, road):
    with pytest.raises(UnguardedRead), transaction.atomic():
        STRAYS[road](own)


STATEMENTS = {
    "copies into a table": "CREATE TEMPORARY TABLE taken AS SELECT verdict FROM reviewapp_decision",
    "hides behind a view": "CREATE TEMPORARY VIEW taken AS SELECT verdict FROM reviewapp_decision",
    "rides behind a harmless word": "SHOW server_version; SELECT verdict FROM reviewapp_decision",
    "copies within one table": 'INSERT INTO "reviewapp_note" ("text") VALUES ((SELECT text FROM reviewapp_note))',
    "hands back another's rows": (
        'INSERT INTO "reviewapp_note" ("text") VALUES (1) RETURNING "reviewapp_note"."id", '
        "(SELECT text FROM reviewapp_note)"
    ),
    "empties a table": "TRUNCATE reviewapp_decision",
    "drops a table": "DROP TABLE reviewapp_decision",
}


@pytest.mark.parametrize("how", STATEMENTS)
def test_no_statement_rides_past_the_wall(own, how):
    with pytest.raises(UnguardedRead), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(STATEMENTS[how])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
def test_an_append_only_table_is_not_emptied_even_with_the_wall_down(own):
    with wall_down("test"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute("TRUNCATE reviewapp_decision CASCADE")


def test_links_of_the_same_author_stay_open(own, team):
    assert {row.assignment.author_id for row in own.select_related("assignment")} == {team.alice.seat.pk}
    nested = Record.objects.filter(uid__in=own.values("unit"))
    assert nested.count() == 6
    mine = Assignment.objects.of_author(team.alice.viewer).filter(record__in=nested)
    assert mine.annotate(n=Count("record__title")).count() == 6
