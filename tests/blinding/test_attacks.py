"""Attacks that once got through, or that came close: each stays shut."""

from __future__ import annotations

import random

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Count, Exists, Subquery
from django.db.models.expressions import RawSQL

from reviewapp.gate import UnguardedRead, blinded_models, wall_down
from reviewapp.models.decisions import Decision
from reviewapp.models.records import Record
from reviewapp.models.rounds import Assignment, Round
from reviewapp.services.screening import decide
from tests.blinding import probes, worlds
from tests.blinding import test_noninterference as noninterference
from tests.blinding.settings_of_worlds import STAGES

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


BODIES: tuple[dict[str, str], ...] = (
    {},
    {"verdict": "exclude", "first": "1", "why": "x", "title": "t", "size": "1", "version": "1"},
    {"undo": "1", "verdict": "include", "roles": "adjudicator", "name": "N", "email": "n@example.org"},
)
PLAIN = ("/api/", "/account/", "/admin/")
MOST = None if noninterference.TRACES > 100 else 40
"""Forms a role sends in a short run; all of them in a long one."""


def post_everything(world):
    """Send forms to the URLs as every role, with the uids of A, of B and of the open round in them."""
    draw = random.Random("forms")
    uids = {name: queue[0].uid for name in ("alice", "bob") if (queue := world.things.get(f"queue {name}"))}
    opened = {"close": world.things["open"].uid} if "open" in world.things else {}
    for role in ("alice", "dora", "carol", "olga", "eve"):
        person = world.things["people"][role]
        whose = uids.get("alice" if role == "alice" else "bob")
        forms = [(path, body) for path in probes.paths(world) if "?" not in path for body in BODIES]
        for path, body in forms if MOST is None else draw.sample(forms, MOST):
            if path.startswith("/api/"):
                world.observe(role, person, "post", path, dict(body), content_type="application/json")
            elif not path.startswith(PLAIN):
                named = {**opened, "assignment": whose, "unit": whose} if body and whose else {}
                world.observe(role, person, "post", path, {**named, **body})


@pytest.mark.parametrize("name", STAGES)
def test_no_form_and_no_refusal_tells_what_the_other_did(name):
    stage = STAGES[name]
    draw = random.Random(f"forms {name}")
    acts = [act for act in (stage.draw_b(draw) for _ in range(40)) if act is not None]

    def play(world, step, which):
        if step == "post":
            post_everything(world)
        else:
            noninterference.player(stage)(world, step, which)

    trace = [("A", stage.draw_a(draw)), ("B", None, acts[0]), ("B", acts[1], acts[2]), "post"]
    trace.append(("look", 0, 30, noninterference.ROLES))
    one, two = (worlds.run(which, trace, stage.set_up, play) for which in (0, 1))
    assert {seen[3] for seen in one.seen if len(seen) > 3} >= {200, 302, 400, 403, 404, 405}
    assert worlds.difference(one, two) is None
