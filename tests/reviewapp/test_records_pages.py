"""Pages and API of sources, imports, records, duplicates and long work."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reviewapp import jobs
from reviewapp.models.jobs import Job
from reviewapp.models.records import DuplicatePair, ImportBatch, Source
from reviewapp.selectors import dedup as selected
from reviewapp.selectors import importing as shown
from reviewapp.selectors import road
from reviewapp.selectors.records import live, records
from reviewapp.services import dedup, importing
from tests.reviewapp.test_dedup import TITLE, bring_text, entry
from tests.reviewapp.test_importing import a_source, bring, many, put_in, ris, search_duplicates


@pytest.fixture(autouse=True)
def _no_road(monkeypatch: Any) -> None:
    """The pages alone: the road beside them has tests of its own."""
    monkeypatch.setattr(road, "all_steps", lambda *args: {})


@pytest.fixture
def filled(team: Any) -> Any:
    """A review with two sources, a merged record, a pair that waits and a pair kept apart."""
    lead = team.dora.viewer
    bring_text(
        team.dora,
        "MEDLINE",
        entry(TITLE, doi="10.1067/mpd.2002.128207"),
        entry("Zoledronate trial", pages="12-19"),
    )
    bring_text(team.dora, "Embase", entry(TITLE, doi="10.1067/mpd.2002.128207"))
    bring(team.dora, a_source(team.dora, "CINAHL"), many(8), "cinahl.ris")
    search_duplicates(team)
    one, two, three = live(team.review.pk).order_by("title")[:3]
    team.pair = dedup.name_pair(actor=lead, left_uid=one.uid, right_uid=two.uid, why="Perhaps")
    apart = dedup.name_pair(actor=lead, left_uid=one.uid, right_uid=three.uid, why="Perhaps")
    dedup.keep_apart(actor=lead, pair_uid=apart.uid, why="Other children")
    team.source = Source.objects.get(name="MEDLINE")
    team.batch = ImportBatch.objects.get(file_name="MEDLINE.ris")
    team.record = live(team.review.pk).get(title=TITLE)
    return team


def url(team: Any, name: str, *more: Any) -> str:
    return reverse(name, args=[team.review.uid, *more])


def pages(team: Any) -> list[str]:
    """Every page and read endpoint of this part."""
    job = Job.objects.of_author(team.dora.viewer).earliest("made_at")
    return [
        url(team, "sources"),
        url(team, "source", team.source.uid),
        url(team, "batch", team.batch.uid),
        url(team, "records"),
        url(team, "record", team.record.uid),
        url(team, "duplicates"),
        url(team, "pair", team.pair.uid),
        url(team, "merged"),
        url(team, "settled_pairs"),
        url(team, "job", job.uid),
        url(team, "job_progress", job.uid),
        url(team, "api_sources"),
        url(team, "api_imports"),
        url(team, "api_import", team.batch.uid),
        url(team, "api_records"),
        url(team, "api_record", team.record.uid),
        url(team, "api_pairs"),
        url(team, "api_pair", team.pair.uid),
        url(team, "api_job", job.uid),
    ]


def test_every_page_opens_for_the_lead_and_is_missing_for_a_stranger(
    filled: Any, client: Any, sign_in: Any
) -> None:
    sign_in(filled.dora)
    for address in pages(filled):
        assert client.get(address).status_code == 200, address
    missing = str(uuid4())
    client.force_login(filled.eve)
    for address in pages(filled):
        answer = client.get(address)
        none = client.get(address.replace(str(filled.review.uid), missing))
        assert (answer.status_code, answer.content) == (none.status_code, none.content) == (404, none.content)


def test_things_of_another_review_are_missing_in_this_one(filled: Any, client: Any, sign_in: Any) -> None:
    from tests.conftest import make_team

    other = make_team("Another", prefix="x")
    sign_in(other.dora)
    for address in pages(filled):
        if address.rstrip("/").rpartition("/")[2].count("-") == 4:
            moved = address.replace(str(filled.review.uid), str(other.review.uid))
            assert client.get(moved).status_code == 404, moved


def test_the_job_of_another_seat_is_missing(filled: Any, client: Any, sign_in: Any) -> None:
    job = Job.objects.of_author(filled.dora.viewer).earliest("made_at")
    sign_in(filled.alice)
    for name in ("job", "job_progress", "api_job"):
        assert client.get(url(filled, name, job.uid)).status_code == 404
    assert client.post(url(filled, "job_cancel", job.uid)).status_code == 404


@pytest.mark.parametrize("name", ["sources", "records", "duplicates", "merged", "settled_pairs"])
def test_a_list_page_asks_the_database_little(filled: Any, client: Any, sign_in: Any, name: str) -> None:
    sign_in(filled.dora)
    client.get(url(filled, name))
    with CaptureQueriesContext(connection) as asked:
        client.get(url(filled, name))
    assert len(asked) <= 12, [query["sql"][:120] for query in asked]


@pytest.mark.parametrize("name", ["api_sources", "api_imports", "api_records", "api_pairs"])
def test_a_list_of_the_api_asks_the_database_little(
    filled: Any, client: Any, sign_in: Any, name: str
) -> None:
    sign_in(filled.dora)
    with CaptureQueriesContext(connection) as asked:
        client.get(url(filled, name))
    assert len(asked) <= 12


def test_the_steps_of_the_road_ask_the_database_little(filled: Any) -> None:
    with CaptureQueriesContext(connection) as asked:
        first = shown.step(filled.dora.viewer, filled.review)
        second = selected.step(filled.dora.viewer, filled.review)
    assert len(asked) <= 8
    assert (first.stands, first.state) == ("11", "done")
    assert (second.stands, second.state, second.wait) == ("10", "now", 1)
    assert selected.step(filled.alice.viewer, filled.review).wait == 0


def test_a_file_is_brought_in_by_a_form_and_its_page_follows_it(team: Any, client: Any, sign_in: Any) -> None:
    sign_in(team.dora)
    added = client.post(
        url(team, "sources"), {"name": "MEDLINE", "kind": "database", "wave": "1", "once": "a1"}
    )
    source = Source.objects.get(review=team.review)
    assert added.url == url(team, "source", source.uid)
    form = {"files": SimpleUploadedFile("search.ris", many(4)), "once": "k1"}
    sent = client.post(url(team, "upload", source.uid), form)
    batch = ImportBatch.objects.get(review=team.review)
    assert sent.url == url(team, "batch", batch.uid)
    again = {"files": SimpleUploadedFile("search.ris", many(4)), "once": "k1"}
    assert client.post(url(team, "upload", source.uid), again).url == sent.url
    assert ImportBatch.objects.count() == 1
    page = client.get(sent.url).content.decode()
    assert "hx-get" in page and "<noscript>" in page and "Reload" in page
    jobs.run(str(batch.job), importing.bring_in)
    assert "4 citations stored" in client.get(sent.url).content.decode()
    part = client.get(url(team, "job_progress", batch.job))
    assert part.headers["HX-Refresh"] == "true"
    assert b"hx-get" not in part.content


def test_of_several_files_the_good_ones_are_taken_and_the_others_named(
    team: Any, client: Any, sign_in: Any
) -> None:
    source = a_source(team.dora)
    bring(team.dora, source, many(3), "known.ris")
    sign_in(team.dora)
    files = [
        SimpleUploadedFile("twin.ris", many(3)),
        SimpleUploadedFile("new.ris", ris("One", "Two")),
        SimpleUploadedFile("nothing.ris", b""),
    ]
    answer = client.post(url(team, "upload", source.uid), {"files": files, "once": "k"}, follow=True)
    page = answer.content.decode()
    assert "known.ris" in page and "nothing.ris is empty" in page
    assert set(ImportBatch.objects.values_list("file_name", flat=True)) == {"known.ris", "new.ris"}


def test_a_refused_file_is_explained_on_its_page_with_a_way_on(team: Any, client: Any, sign_in: Any) -> None:
    batch = bring(team.dora, a_source(team.dora), many(3), "search.csv")
    sign_in(team.dora)
    page = client.get(url(team, "batch", batch.uid)).content.decode()
    assert "search.csv is named .csv" in page
    assert 'value="ris" selected' in " ".join(page.split())
    sent = client.post(url(team, "batch_again", batch.uid), {"read_as": "ris", "once": "k"})
    assert sent.status_code == 302
    assert ImportBatch.objects.count() == 2


def test_a_reviewer_sees_sources_but_no_form_and_cannot_send_one(
    filled: Any, client: Any, sign_in: Any
) -> None:
    sign_in(filled.alice)
    page = client.get(url(filled, "source", filled.source.uid)).content.decode()
    assert 'type="file"' not in page
    form = {"files": SimpleUploadedFile("search.ris", many(4)), "once": "k1"}
    assert client.post(url(filled, "upload", filled.source.uid), form).status_code == 403
    assert (
        client.post(url(filled, "pair", filled.pair.uid), {"act": "merge", "once": "k2"}).status_code == 403
    )


def test_records_are_found_by_title_author_and_number_without_accents(team: Any) -> None:
    bring_text(
        team.dora,
        "MEDLINE",
        entry("Étude du pamidronate chez l’enfant", "Müller, Ann", doi="10.1000/xyz.1"),
        entry("장기 스테로이드 치료요법", "홍현기", 2004),
    )
    lead = team.dora.viewer

    def found(words: str) -> list[str]:
        return [record.title[:5] for record in records(lead, words=words)]

    assert found("etude MULLER") == ["Étude"]
    assert found("10.1000/XYZ.1") == ["Étude"]
    assert found("스테로이드 2004") == ["장기 스테"[:5]]
    assert found("100%") == []
    assert len(found("")) == 2


def test_the_list_is_filtered_by_source_and_way(filled: Any, client: Any, sign_in: Any) -> None:
    sign_in(filled.alice)
    listed = client.get(url(filled, "api_records"), {"source": filled.source.uid}).json()
    assert listed["count"] == 2
    assert client.get(url(filled, "api_records"), {"via": "other"}).json()["count"] == 0
    assert client.get(url(filled, "api_records"), {"source": uuid4()}).json()["count"] == 0
    page = client.get(url(filled, "records"), {"q": "zoledronate", "source": "no id"})
    assert b"1 record" in page.content


def test_a_record_shows_its_copies_as_they_came(filled: Any, client: Any, sign_in: Any) -> None:
    sign_in(filled.alice)
    page = client.get(url(filled, "record", filled.record.uid)).content.decode()
    assert page.count("TY  - JOUR") == 2
    assert "By the rules:" in page
    retired = DuplicatePair.objects.get(settled="merged").right
    gone = client.get(url(filled, "record", retired.uid)).content.decode()
    assert "merged into another" in gone


def test_a_pair_is_settled_by_one_button_and_taken_back_by_another(
    filled: Any, client: Any, sign_in: Any
) -> None:
    sign_in(filled.dora)
    before = live(filled.review.pk).count()
    page = client.get(url(filled, "duplicates")).content.decode()
    assert 'data-key="m"' in page and 'class="diff"' in page
    address = url(filled, "pair", filled.pair.uid)
    assert client.post(address, {"act": "merge", "once": "k1"}).status_code == 302
    assert live(filled.review.pk).count() == before - 1
    refused = client.post(address, {"act": "undo", "once": "k2"})
    assert refused.status_code == 400 and b"Say why" in refused.content
    client.post(address, {"act": "undo", "why": "Two cohorts", "once": "k3"})
    assert live(filled.review.pk).count() == before


def test_two_records_can_be_named_as_one_from_a_records_page(filled: Any, client: Any, sign_in: Any) -> None:
    sign_in(filled.dora)
    other = live(filled.review.pk).exclude(pk=filled.record.pk).order_by("-title")[0]
    form = {"other": f"http://testserver{url(filled, 'record', other.uid)}", "why": "Same", "once": "k"}
    answer = client.post(url(filled, "name_pair", filled.record.uid), form)
    assert answer.status_code == 302 and "/duplicates/" in answer.url
    form |= {"other": "nothing", "once": "k2"}
    assert client.post(url(filled, "name_pair", filled.record.uid), form).status_code == 404


def test_the_api_brings_a_file_in_once_and_reports_it(team: Any, client: Any, sign_in: Any) -> None:
    source = a_source(team.dora)
    sign_in(team.dora)

    def send(key: str) -> Any:
        file = SimpleUploadedFile("search.ris", many(3))
        return client.post(
            url(team, "api_files", source.uid), {"file": file}, headers={"Idempotency-Key": key}
        )

    first, second = send("k"), send("k")
    assert (first.status_code, first.json()) == (202, second.json())
    assert send("other").status_code == 400
    jobs.run(first.json()["job"], importing.bring_in)
    assert client.get(url(team, "api_job", first.json()["job"])).json()["state"] == "done"
    report = client.get(url(team, "api_import", first.json()["uid"])).json()
    assert (report["state"], report["found"], report["stored"]) == ("visible", 3, 3)


def test_the_api_settles_a_pair(filled: Any, client: Any, sign_in: Any) -> None:
    sign_in(filled.dora)
    address = url(filled, "api_pair", filled.pair.uid)
    answer = client.post(address, {"act": "link", "why": "Later report"}, content_type="application/json")
    assert (answer.status_code, answer.json()["settled"]) == (200, "linked")
    assert client.post(address, {"act": "burn"}, content_type="application/json").status_code == 400
    sign_in(filled.alice)
    refused = client.post(address, {"act": "reopen", "why": "x"}, content_type="application/json")
    assert refused.status_code == 403


def test_one_stops_ones_own_import_from_its_page(team: Any, client: Any, sign_in: Any) -> None:
    batch = put_in(team.dora, a_source(team.dora), many(4))
    sign_in(team.dora)
    assert client.post(url(team, "batch_cancel", batch.uid), {"once": "k"}).status_code == 302
    page = client.get(url(team, "batch", batch.uid)).content.decode()
    assert "Stopped" in page
    assert live(team.review.pk).count() == 0
