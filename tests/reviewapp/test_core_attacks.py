"""What two people do at the same moment, and what comes in large numbers: each once went wrong, or nearly."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.urls import reverse

from reviewapp.models.decisions import Decision, Standing
from reviewapp.models.events import Event
from reviewapp.models.rounds import Assignment, Release, Round
from reviewapp.pure.consensus import Outcome
from reviewapp.services import reviews, rounds, screening
from reviewapp.services.refusals import Refused
from tests.conftest import add_records


class Side:
    """A second person's act, in a thread of its own with a connection of its own."""

    def __init__(self, act: Callable[[], Any]) -> None:
        self.result: Any = None
        self.trouble: Exception | None = None
        self.thread = threading.Thread(target=self._run, args=[act], daemon=True)
        self.thread.start()

    def _run(self, act: Callable[[], Any]) -> None:
        try:
            self.result = act()
        except Exception as trouble:  # noqa: BLE001 - the test says which it expects
            self.trouble = trouble
        finally:
            connection.close()

    def waits(self, seconds: float = 0.4) -> bool:
        """Tell whether the act is still under way after so many seconds."""
        self.thread.join(seconds)
        return self.thread.is_alive()

    def end(self) -> Side:
        """Wait for the end of the act."""
        self.thread.join(20)
        assert not self.thread.is_alive(), "the two wait for each other"
        return self


def paused(where: Any, name: str) -> tuple[Any, threading.Event, threading.Event]:
    """Return a patch that stops at a function until told to go on, and the events "it is there" and "go on"."""
    there, go_on, real = threading.Event(), threading.Event(), getattr(where, name)

    def stop(*args: Any, **kwargs: Any) -> Any:
        there.set()
        assert go_on.wait(20)
        return real(*args, **kwargs)

    return mock.patch.object(where, name, stop), there, go_on


def answer_all(team: Any, round_: Any, queue: Any, verdict: str = "include") -> None:
    for person in (team.alice, team.bob):
        for one in queue(person, round_):
            screening.decide(actor=person.viewer, assignment_uid=one.uid, verdict=verdict)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's writers take turns")
class TestCloseBesideAnswers:
    """Closing a round while a last answer changes."""

    def test_a_round_is_not_released_under_an_undo(self, team, open_titles, queue):
        answer_all(team, open_titles, queue)
        one = queue(team.bob, open_titles)[0]
        patch, there, go_on = paused(screening, "_append")
        with patch:
            undo = Side(lambda: screening.undo(actor=team.bob.viewer, assignment_uid=one.uid))
            assert there.wait(10)
            close = Side(lambda: rounds.close_round(actor=team.dora.viewer, round_uid=open_titles.uid))
            close.waits()
            go_on.set()
            undo.end()
            close.end()
        taken_back = Standing.objects.for_system("test").filter(assignment=one, verdict="").exists()
        assert taken_back != Release.objects.exists()
        assert isinstance(close.trouble, Refused) == taken_back

    def test_an_answer_that_comes_while_a_round_is_being_released_is_late(self, team, open_titles, queue):
        answer_all(team, open_titles, queue)
        one = queue(team.bob, open_titles)[0]
        patch, there, go_on = paused(rounds, "outcomes_of_round")
        with patch:
            close = Side(lambda: rounds.close_round(actor=team.dora.viewer, round_uid=open_titles.uid))
            assert there.wait(10)
            late = Side(
                lambda: screening.decide(actor=team.bob.viewer, assignment_uid=one.uid, verdict="exclude")
            )
            late.waits()
            go_on.set()
            close.end()
            late.end()
        assert close.trouble is late.trouble is None
        assert late.result.independent is False
        assert Standing.objects.for_system("test").get(assignment=one).verdict == "include"

    def test_reviewers_do_not_wait_for_each_other(self, team, open_titles, queue):
        mine, theirs = queue(team.alice, open_titles)[0], queue(team.bob, open_titles)[0]
        patch, there, go_on = paused(screening, "_said")
        with patch:
            slow = Side(
                lambda: screening.decide(actor=team.bob.viewer, assignment_uid=theirs.uid, verdict="exclude")
            )
            assert there.wait(10)
        screening.decide(actor=team.alice.viewer, assignment_uid=mine.uid, verdict="include")
        assert slow.thread.is_alive()
        go_on.set()
        assert slow.end().trouble is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's writers take turns")
class TestLeadsAtOnce:
    """Two leads, or one lead in two windows."""

    def test_a_reviewer_answers_while_a_large_round_is_being_opened(self, team, open_titles, queue):
        add_records(team, 2)
        one = queue(team.alice, open_titles)[0]
        seats = [team.alice.seat.uid, team.bob.seat.uid]
        patch, there, go_on = paused(rounds, "_hand_out")
        with patch:
            opening = Side(
                lambda: rounds.open_round(actor=team.dora.viewer, stage="title_abstract", seats=seats)
            )
            assert there.wait(10)
            answer = Side(
                lambda: screening.decide(actor=team.alice.viewer, assignment_uid=one.uid, verdict="include")
            )
            assert not answer.waits(3)
            go_on.set()
            opening.end()
        assert opening.trouble is answer.trouble is None

    def test_two_rounds_opened_at_once_share_no_record(self, team, records):
        seats = [team.alice.seat.uid, team.bob.seat.uid]

        def open_one() -> Round:
            return rounds.open_round(actor=team.dora.viewer, stage="title_abstract", seats=seats, size=3)

        sides = [Side(open_one) for _ in range(2)]
        assert [one.end().trouble for one in sides] == [None, None]
        handed = Assignment.objects.for_system("test").filter(author=team.alice.seat)
        assert sorted(handed.values_list("round__number", flat=True)) == [1, 1, 1, 2, 2, 2]
        assert len(set(handed.values_list("unit", flat=True))) == 6

    def test_two_rounds_released_at_once_make_each_report_once(self, team, queue):
        from reviewapp.models.studies import Report, Study

        add_records(team, 4, other=2)
        seats = [team.alice.seat.uid, team.bob.seat.uid]
        opened = [
            rounds.open_round(actor=team.dora.viewer, stage="title_abstract", seats=seats, size=2)
            for _ in range(2)
        ]
        for one in opened:
            answer_all(team, one, queue)
        sides = [
            Side(lambda uid=one.uid: rounds.close_round(actor=team.dora.viewer, round_uid=uid))
            for one in opened
        ]
        assert [one.end().trouble for one in sides] == [None, None]
        assert Report.objects.count() == 6
        assert len(set(Study.objects.values_list("label", flat=True))) == 6

    def test_two_leads_do_not_unseat_each_other(self, team):
        from reviewapp.models.seats import Seat
        from reviewapp.selectors.seats import place_of

        reviews.change_roles(actor=team.dora.viewer, seat_uid=team.carol.seat.uid, roles=["lead"])
        carol = place_of(Seat.objects.select_related("review").get(pk=team.carol.seat.pk)).viewer

        def unseat(actor: Any, seat: Any) -> Callable[[], Any]:
            return lambda: reviews.change_roles(actor=actor, seat_uid=seat.uid, roles=["observer"])

        patch, there, go_on = paused(reviews, "tell")
        with patch:
            one = Side(unseat(team.dora.viewer, team.carol.seat))
            assert there.wait(10)
            two = Side(unseat(carol, team.dora.seat))
            two.waits()
            go_on.set()
            one.end()
            two.end()
        leads = [seat for seat in Seat.objects.filter(review=team.review) if "lead" in seat.roles]
        assert len(leads) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's writers take turns")
class TestKeysAndChains:
    """Idempotency keys and the chain of events, with many at once."""

    def test_the_same_key_sent_many_times_at_once_answers_once(self, team, open_titles, queue):
        from django.test import Client

        one = queue(team.alice, open_titles)[0]
        url = f"/api/r/{team.review.uid}/assignments/{one.uid}/"

        def send() -> tuple[int, bytes]:
            client = Client()
            client.force_login(team.alice.user)
            reply = client.post(
                url, {"verdict": "include"}, "application/json", headers={"Idempotency-Key": "k"}
            )
            return reply.status_code, reply.content

        sides = [Side(send) for _ in range(6)]
        replies = {one.end().result for one in sides}
        assert [one.trouble for one in sides] == [None] * 6
        assert {status for status, _body in replies} == {200}
        assert len(replies) == 1
        assert Decision.objects.for_system("test").count() == 1

    def test_one_seat_writing_in_many_windows_keeps_an_unbroken_chain(self, team, open_titles, queue):
        sides = [
            Side(
                lambda uid=one.uid: screening.decide(
                    actor=team.alice.viewer, assignment_uid=uid, verdict="include"
                )
            )
            for one in queue(team.alice, open_titles)
        ]
        assert [one.end().trouble for one in sides] == [None] * 6
        chain = list(Event.objects.for_system("test").filter(chain=str(team.alice.seat.uid)).order_by("seq"))
        assert [event.seq for event in chain] == list(range(1, 7))
        assert [event.previous for event in chain] == ["", *(event.hash for event in chain[:-1])]


@pytest.fixture
def few_parameters():
    """Let a statement carry 2,000 parameters at most, as old SQLite does."""
    import sqlite3

    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no such limit here")
    connection.ensure_connection()
    before = connection.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 2000)
    connection.features.__dict__.pop("max_query_params", None)
    yield
    connection.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, before)
    connection.features.__dict__.pop("max_query_params", None)


@pytest.mark.django_db
def test_a_round_of_many_records_is_opened_and_released_in_few_statements(
    team, few_parameters, django_assert_max_num_queries
):
    from reviewapp.models.records import ImportBatch, Record
    from reviewapp.models.studies import Report, Study

    add_records(team, 1)
    batch = ImportBatch.objects.get()
    Record.objects.bulk_create(
        [
            Record(review=team.review, batch=batch, via="database", title="T", authors=["Li, A."])
            for _ in range(2499)
        ],
        batch_size=50,
    )
    seats = [team.alice.seat.uid, team.bob.seat.uid]
    with django_assert_max_num_queries(120):
        opened = rounds.open_round(actor=team.dora.viewer, stage="title_abstract", seats=seats)
    assert opened.size == 2500
    units = Record.objects.values_list("uid", flat=True)
    agreed = {unit: Outcome("agreed", verdict="include") for unit in units}
    finished = mock.patch.object(rounds, "everyone_finished", return_value=True)
    came_to = mock.patch.object(rounds, "outcomes_of_round", return_value=agreed)
    with finished, came_to, django_assert_max_num_queries(120):
        rounds.close_round(actor=team.dora.viewer, round_uid=opened.uid)
    assert Report.objects.count() == 2500
    assert len(set(Study.objects.values_list("label", flat=True))) == 2500


@pytest.mark.django_db
def test_the_seed_of_an_open_round_is_told_to_nobody(team, open_titles):
    from reviewapp.selectors import history

    def told() -> str:
        return " ".join(str(event.new) for event in history.events(team.dora.viewer))

    add_records(team, 2)
    rounds.open_round(
        actor=team.dora.viewer,
        stage="title_abstract",
        seats=[team.alice.seat.uid, team.bob.seat.uid],
        seed="secret seed",
    )
    assert "secret seed" not in told()
    assert hashlib.sha256(b"secret seed").hexdigest() in told()


@pytest.mark.django_db
def test_two_long_titles_without_authors_make_two_labels_that_fit(team):
    from reviewapp.models.studies import Study
    from reviewapp.services.advancing import advance

    made = add_records(team, 2)
    for record in made:
        record.title, record.authors, record.year = "長" * 400, [], None
        record.save()
    advance(actor=team.dora.viewer, record_uids=[record.uid for record in made], why="x")
    labels = list(Study.objects.values_list("label", flat=True))
    assert len(set(labels)) == 2
    assert max(map(len, labels)) <= 200


@pytest.mark.django_db
@pytest.mark.parametrize("door", ["page", "api"])
def test_another_file_of_the_same_name_and_size_is_no_repeat(team, client, door):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from reviewapp.models.records import ImportBatch, Source

    source = Source.objects.create(review=team.review, name="MEDLINE", kind="database")
    client.force_login(team.dora.user)
    name, field = {"page": ("upload", "files"), "api": ("api_files", "file")}[door]
    url = reverse(name, args=[team.review.uid, source.uid])

    def send(title: str) -> str:
        text = f"TY  - JOUR\nTI  - {title}\nER  - \n".encode()
        form = {field: SimpleUploadedFile("a.ris", text), "once": "key"}
        return client.post(url, form, headers={"Idempotency-Key": "key"}, follow=True).content.decode()

    for title in ("One", "One", "Two"):
        said = send(title)
        assert ("already sent with other content" in said) == (title == "Two")
        assert ImportBatch.objects.count() == 1


@pytest.mark.django_db
def test_a_worker_that_is_told_to_stop_gives_its_job_back_at_once(team):
    from reviewapp import jobs
    from reviewapp.models.jobs import Job

    job = jobs.start("reviewapp.find_duplicates", actor=team.dora.viewer, about={})

    def stopped(_running: jobs.Running) -> str:
        raise SystemExit

    for _ in range(jobs.MOST_ATTEMPTS + 2):
        with pytest.raises(SystemExit):
            jobs.run(str(job.uid), stopped)
        now = Job.objects.for_system("test").get(uid=job.uid)
        assert (now.state, now.attempts, now.lease) == ("queued", 0, None)
    jobs.run(str(job.uid), lambda _running: "Done.")
    assert Job.objects.for_system("test").get(uid=job.uid).state == "done"


@pytest.mark.django_db
def test_a_job_that_always_fails_is_given_up(team):
    from reviewapp import jobs
    from reviewapp.models.jobs import Job

    job = jobs.start("reviewapp.find_duplicates", actor=team.dora.viewer, about={})
    tries = []

    def poisoned(_running: jobs.Running) -> str:
        tries.append(1)
        raise ValueError("poison")

    for _ in range(jobs.MOST_ATTEMPTS + 2):
        jobs.run(str(job.uid), poisoned)
    assert Job.objects.for_system("test").get(uid=job.uid).state == "failed"
    assert len(tries) == jobs.MOST_ATTEMPTS


@pytest.mark.django_db
def test_a_note_with_a_null_character_is_refused_on_both_databases(team, open_titles, queue):
    one = queue(team.alice, open_titles)[0]
    with pytest.raises(Refused, match="plain text"):
        screening.decide(actor=team.alice.viewer, assignment_uid=one.uid, verdict="include", note="a\x00b")


@pytest.mark.django_db
def test_the_reasons_of_judged_full_texts_keep_their_order(team):
    from reviewapp.models.reviews import ExclusionReason
    from reviewapp.selectors.outcomes import settled
    from tests.reviewapp import flows

    lead, words = team.dora.viewer, list(flows.REASONS)
    made = flows.texts_open(team)
    with pytest.raises(Refused, match="fixed while"):
        reviews.set_reasons(actor=lead, labels=[*words, "Another"])
    flows.answer(team.alice, made.texts, flows.TEXTS)
    flows.answer(team.bob, made.texts, flows.TEXTS | {"Green": ("exclude", words[2])})
    rounds.close_round(actor=lead, round_uid=made.texts.uid)
    came_to = settled(lead, made.texts)
    with pytest.raises(Refused, match="at the end"):
        reviews.set_reasons(actor=lead, labels=words[::-1])
    reviews.set_reasons(actor=lead, labels=[words[0], words[2], "Another"])
    reviews.set_reasons(actor=lead, labels=[words[0], words[2], "Another", words[1]])
    positions = list(ExclusionReason.objects.order_by("pk").values_list("position", flat=True))
    assert len(positions) == len(set(positions))
    assert settled(lead, made.texts) == came_to


@pytest.mark.django_db
def test_an_account_without_leave_opens_no_review(client, team):
    from reviewapp.models.reviews import Review

    team.eve.may_open_reviews = False
    team.eve.save()
    client.force_login(team.eve)
    assert client.post("/", {"title": "Mine"}).status_code == 400
    assert Review.objects.count() == 1
