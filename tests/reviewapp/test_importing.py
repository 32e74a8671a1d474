"""Sources and imports: all of a file or nothing, once, whatever happens on the way."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile

from reviewapp import jobs
from reviewapp.models.events import Event
from reviewapp.models.jobs import Job
from reviewapp.models.records import Citation, ImportBatch, Membership, Record
from reviewapp.selectors.records import live
from reviewapp.services import bringing, dedup, importing, sources
from reviewapp.services.refusals import Gone, NotAllowed, Refused

DATA = Path(os.environ.get("DYAD_DATA", Path(__file__).resolve().parents[2].parent / "shared" / "data"))
FILES = {
    "citations_pubmed.nbib": ("MEDLINE", "database"),
    "citations_embase.ris": ("Embase", "database"),
    "citations_central.ris": ("CENTRAL", "database"),
    "citations_cinahl.ris": ("CINAHL", "database"),
    "citations_wos.ciw": ("Web of Science", "database"),
    "citations_handsearch.csv": ("Hand search", "other"),
}


def ris(*titles: str) -> bytes:
    """A RIS file with one record per title, each with an author and a year of its own."""
    blocks = []
    for number, title in enumerate(titles, start=1):
        blocks.append(
            f"TY  - JOUR\nTI  - {title}\nAU  - Writer{number}, Ann\nPY  - {1990 + number % 30}\n"
            f"T2  - Journal of Tests\nVL  - {number}\nSP  - {number * 10}\nEP  - {number * 10 + 7}\nER  - \n"
        )
    return "\n".join(blocks).encode()


TOPICS = (
    "fractures",
    "growth",
    "pain",
    "mobility",
    "kidneys",
    "vision",
    "sleep",
    "appetite",
    "hearing",
    "skin",
)


def many(count: int) -> bytes:
    """A RIS file of records that nobody would take for one another."""
    return ris(
        *(
            f"Study {n} of {TOPICS[n % 10]} after {TOPICS[n // 10 % 10]} in cohort {n * 7919}"
            for n in range(count)
        )
    )


def a_source(person: Any, name: str = "MEDLINE", kind: str = "database") -> Any:
    route = "hand_search" if kind == "other" else ""
    return sources.add(actor=person.viewer, values={"name": name, "kind": kind, "route": route})


def put_in(person: Any, source: Any, data: bytes, name: str = "search.ris", **more: Any) -> ImportBatch:
    return importing.start(
        actor=person.viewer, source_uid=source.uid, name=name, content=ContentFile(data, name=name), **more
    )


def work(batch: ImportBatch) -> ImportBatch:
    """Run the import's job as a worker would."""
    jobs.run(str(batch.job), importing.bring_in)
    batch.refresh_from_db()
    return batch


def bring(person: Any, source: Any, data: bytes, name: str = "search.ris", **more: Any) -> ImportBatch:
    return work(put_in(person, source, data, name, **more))


def job_of(batch: ImportBatch) -> Any:
    return Job.objects.for_system("test").get(uid=batch.job)


def search_duplicates(team: Any) -> None:
    """Run every search for duplicates that waits."""
    waiting = Job.objects.for_system("test").filter(kind="reviewapp.find_duplicates", state=Job.State.QUEUED)
    for job in waiting.order_by("made_at"):
        jobs.run(str(job.uid), dedup.find)
        assert Job.objects.for_system("test").get(uid=job.uid).state == Job.State.DONE


def test_a_file_becomes_citations_records_and_a_report_that_accounts_for_each(team: Any) -> None:
    batch = bring(team.dora, a_source(team.dora), many(7) + b"\nTY  - JOUR\nER  - \n")
    assert batch.state == ImportBatch.State.VISIBLE
    assert (batch.found, batch.stored, len(batch.skipped)) == (8, 7, 1)
    assert batch.skipped[0]["message"] and batch.skipped[0]["line"] > 0
    assert (batch.format, batch.encoding) == ("ris", "utf-8")
    assert Citation.objects.filter(batch=batch).count() == live(team.review.pk).count() == 7
    assert "Writer1, Ann" in Citation.objects.get(batch=batch, position=1).raw
    assert job_of(batch).state == Job.State.DONE
    verbs = set(Event.objects.visible_to(team.alice.viewer).values_list("verb", flat=True))
    assert {"source.added", "import.started", "import.finished"} <= verbs


def test_nothing_of_a_file_is_seen_before_all_of_it_is_there(team: Any, monkeypatch: Any) -> None:
    batch = put_in(team.dora, a_source(team.dora), many(30))
    monkeypatch.setattr(bringing, "_show", _killed)
    work(batch)
    assert Citation.objects.filter(batch=batch).count() == 30
    assert live(team.review.pk).count() == 0


def _killed(*args: Any, **kwargs: Any) -> None:
    raise RuntimeError("the worker was killed")


def test_a_killed_import_ends_with_every_record_once(team: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(bringing, "FIRST_CHUNK", 20)
    monkeypatch.setattr(bringing, "CHUNK_MOST", 20)
    batch = put_in(team.dora, a_source(team.dora), many(95))
    with monkeypatch.context() as broken:
        calls = []
        real = Membership.objects.bulk_create

        def third_fails(rows: Any, **more: Any) -> Any:
            calls.append(1)
            return _killed() if len(calls) == 3 else real(rows, **more)

        broken.setattr(Membership.objects, "bulk_create", third_fails)
        work(batch)
    assert batch.state == ImportBatch.State.STAGED
    assert Citation.objects.filter(batch=batch).count() == Record.objects.filter(batch=batch).count() == 40
    assert job_of(batch).state == Job.State.QUEUED
    work(batch)
    assert batch.state == ImportBatch.State.VISIBLE
    positions = list(
        Citation.objects.filter(batch=batch).order_by("position").values_list("position", flat=True)
    )
    assert positions == list(range(1, 96))
    assert live(team.review.pk).count() == Membership.objects.filter(citation__batch=batch).count() == 95
    assert job_of(batch).attempts == 2


def test_a_finished_import_that_is_run_again_adds_nothing(team: Any) -> None:
    batch = bring(team.dora, a_source(team.dora), many(5))
    Job.objects.for_system("a lost acknowledgement").filter(uid=batch.job).change(state=Job.State.QUEUED)
    work(batch)
    assert live(team.review.pk).count() == 5
    assert Job.objects.for_system("test").filter(kind="reviewapp.find_duplicates").count() == 1


def test_a_worker_that_lost_its_lease_writes_nothing_more(team: Any) -> None:
    batch = put_in(team.dora, a_source(team.dora), many(5))
    old = jobs._take(batch.job)
    assert old is not None
    Job.objects.for_system("another worker took over").filter(uid=batch.job).change(lease=batch.uid)
    with pytest.raises(jobs.LeaseLost):
        importing.bring_in(old)
    assert Citation.objects.filter(batch=batch).count() == 0


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("page.ris", b"<!doctype html><html><body>Sign in</body></html>", "HTML"),
        ("notes.ris", b"TY  - JOUR\nTI  - " + b"x" * 10_001 + b"\nER  - \n", "line 2"),
        (
            "mixed.ris",
            "TY  - JOUR\nTI  - Müller\nER  - \n".encode() + b"TY  - JOUR\nTI  - M\xfcller\nER  - \n",
            "5",
        ),
    ],
)
def test_a_bad_file_is_refused_in_words_and_stores_nothing(
    team: Any, name: str, data: bytes, words: str
) -> None:
    batch = bring(team.dora, a_source(team.dora), data, name)
    assert batch.state == ImportBatch.State.REFUSED
    assert name in batch.refusal and words in batch.refusal
    assert Citation.objects.count() == Record.objects.count() == 0
    assert job_of(batch).state == Job.State.FAILED


def test_a_refused_file_can_be_read_as_what_it_is(team: Any) -> None:
    batch = bring(team.dora, a_source(team.dora), many(3), "search.csv")
    assert batch.state == ImportBatch.State.REFUSED
    assert batch.problems[0]["looks_like"] == "ris"
    again = work(importing.read_again(actor=team.dora.viewer, batch_uid=batch.uid, read_as="ris"))
    assert (again.state, again.stored) == (ImportBatch.State.VISIBLE, 3)


def test_the_same_bytes_from_the_same_source_are_recognised(team: Any) -> None:
    source = a_source(team.dora)
    bring(team.dora, source, many(3), "first.ris")
    with pytest.raises(Refused, match=r"first\.ris"):
        put_in(team.dora, source, many(3), "second.ris")
    other = bring(team.dora, a_source(team.dora, "Embase"), many(3), "second.ris")
    assert other.stored == 3


def test_a_cancelled_import_shows_nothing(team: Any) -> None:
    source = a_source(team.dora)
    batch = put_in(team.dora, source, many(5))
    importing.cancel(actor=team.dora.viewer, batch_uid=batch.uid)
    work(batch)
    assert batch.state == ImportBatch.State.CANCELLED
    assert live(team.review.pk).count() == 0
    assert bring(team.dora, source, many(5)).stored == 5


def test_a_running_import_stops_when_asked(team: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(bringing, "FIRST_CHUNK", 20)
    batch = put_in(team.dora, a_source(team.dora), many(60))
    real = bringing._stage

    def stage(running: Any, *args: Any) -> None:
        real(running, *args)
        importing.cancel(actor=team.dora.viewer, batch_uid=batch.uid)

    monkeypatch.setattr(bringing, "_stage", stage)
    work(batch)
    assert batch.state == ImportBatch.State.CANCELLED
    assert job_of(batch).state == Job.State.CANCELLED
    assert live(team.review.pk).count() == 0


def test_an_import_whose_job_was_given_up_is_ended_in_words(team: Any) -> None:
    batch = put_in(team.dora, a_source(team.dora), many(5))
    Job.objects.for_system("given up").filter(uid=batch.job).change(
        state=Job.State.FAILED, message="Given up after several tries."
    )
    assert importing.sweep() == 1
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.REFUSED
    assert "Given up after several tries." in batch.refusal
    assert importing.sweep() == 0


def test_only_a_curator_or_lead_brings_files_in(team: Any) -> None:
    source = a_source(team.dora)
    with pytest.raises(NotAllowed):
        a_source(team.alice, "Embase")
    with pytest.raises(NotAllowed):
        put_in(team.alice, source, many(2))


def test_a_source_of_another_review_is_as_good_as_missing(team: Any) -> None:
    from tests.conftest import make_team

    other = make_team("Another", prefix="x")
    foreign = a_source(other.dora)
    with pytest.raises(Gone):
        put_in(team.dora, foreign, many(2))


def test_records_known_only_from_other_methods_say_so(team: Any) -> None:
    bring(team.dora, a_source(team.dora, "Experts", "other"), ris("A trial nobody indexed"), "hand.ris")
    bring(team.dora, a_source(team.dora), many(2))
    via = dict(live(team.review.pk).values_list("title", "via"))
    assert via.pop("A trial nobody indexed") == "other"
    assert set(via.values()) == {"database"}


def test_a_withdrawn_file_takes_its_records_out_and_leaves_shared_ones(team: Any) -> None:
    first, second = a_source(team.dora), a_source(team.dora, "Embase")
    one = bring(team.dora, first, many(4), "one.ris")
    bring(team.dora, second, many(2), "two.ris")
    search_duplicates(team)
    assert live(team.review.pk).count() == 4
    importing.withdraw(actor=team.dora.viewer, batch_uid=one.uid, why="Wrong strategy")
    assert live(team.review.pk).count() == 2
    assert set(live(team.review.pk).values_list("batch__file_name", flat=True)) == {"two.ris"}
    sources.withdraw(actor=team.dora.viewer, source_uid=first.uid, why="Not used")


def test_a_source_that_holds_files_keeps_its_kind_and_cannot_go(team: Any) -> None:
    source = a_source(team.dora)
    bring(team.dora, source, many(2))
    with pytest.raises(Refused):
        sources.change(
            actor=team.dora.viewer, source_uid=source.uid, values={"kind": "other", "route": "experts"}
        )
    with pytest.raises(Refused):
        sources.withdraw(actor=team.dora.viewer, source_uid=source.uid, why="x")
    changed = sources.change(actor=team.dora.viewer, source_uid=source.uid, values={"hits": 12})
    assert changed.hits == 12


@pytest.mark.data
def test_the_six_files_of_the_demo_give_every_citation_and_every_record(team: Any) -> None:
    folder = DATA / "bisphosphonates"
    if not folder.is_dir():
        pytest.skip(f"no folder {folder}: set DYAD_DATA")
    for name, (source, kind) in FILES.items():
        batch = put_in(team.dora, a_source(team.dora, source, kind), (folder / name).read_bytes(), name)
        assert work(batch).state == ImportBatch.State.VISIBLE, batch.refusal
        assert batch.found == batch.stored + len(batch.skipped)
    assert Citation.objects.filter(review=team.review).count() == 289
    search_duplicates(team)
    assert live(team.review.pk).count() == 127
    assert live(team.review.pk).filter(via="other").count() == 0


@pytest.mark.data
def test_every_hostile_file_is_taken_whole_or_refused_in_words(team: Any) -> None:
    folder = DATA / "hostile"
    if not folder.is_dir():
        pytest.skip(f"no folder {folder}: set DYAD_DATA")
    source = a_source(team.dora)
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size):
        if path.name == "MANIFEST.json":
            continue
        batch = bring(team.dora, source, path.read_bytes(), path.name)
        if batch.state == ImportBatch.State.REFUSED:
            assert path.name in batch.refusal
            assert not Citation.objects.filter(batch=batch).exists()
        else:
            assert batch.state == ImportBatch.State.VISIBLE, path.name
            assert batch.found == batch.stored + len(batch.skipped)
            assert Citation.objects.filter(batch=batch).count() == batch.stored
