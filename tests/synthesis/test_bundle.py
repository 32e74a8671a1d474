"""The report page, the tables of every room, and the bundle: whole, checkable, audited, and blind."""

from __future__ import annotations

import csv
import hashlib
import io
import subprocess
import sys
import zipfile

import pytest
from django.db import connection
from django.urls import reverse

from reviewapp.exports import TABLES
from reviewapp.models.events import Event
from reviewapp.pure.tables import Column, Table
from reviewapp.selectors import history
from reviewapp.selectors.snapshot import snapshot
from synthesis.exports import registry
from synthesis.exports.bundle import bundle
from tests.reviewapp import flows

pytestmark = pytest.mark.django_db


def made(team, folder, person="dora", **options):
    return bundle(getattr(team, person).viewer, folder=folder, **options)


def contents(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def read(data):
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def verify(path):
    """Run the bundle's own script with Python alone: no site packages, no environment."""
    script = path.parent / "verify.py"
    script.write_bytes(contents(path)["verify.py"])
    return subprocess.run(
        [sys.executable, "-I", "-S", str(script), str(path)], capture_output=True, text=True, check=False
    )


def test_the_bundle_holds_every_table_the_figure_and_a_dictionary(team, tmp_path):
    flows.judged(team)
    done = made(team, tmp_path)
    files = contents(done.path)
    assert {f"tables/{name}.csv" for name in registry.offers()} <= set(files)
    assert set(TABLES) <= set(registry.offers())
    assert {
        "README.txt",
        "SHA256SUMS",
        "dictionary.csv",
        "prisma.svg",
        "prisma-narrow.svg",
        "verify.py",
    } <= set(files)
    assert hashlib.sha256(done.path.read_bytes()).hexdigest() == done.sha256
    for name, rows in done.rows.items():
        if name != "dictionary":
            assert len(read(files[f"tables/{name}.csv"])) == rows
    assert done.rows["records"] == 7


def test_the_dictionary_explains_every_column_of_every_table(team, tmp_path):
    files = contents(made(team, tmp_path).path)
    told = {(row["file"], row["column"]): row for row in read(files["dictionary.csv"])}
    for name in TABLES:
        head = next(csv.reader(io.StringIO(files[f"tables/{name}.csv"].decode(), newline="")))
        for key in head:
            assert told[f"tables/{name}.csv", key]["meaning"]
    assert told["tables/votes_long.csv", "dwell"]["unit"] == "seconds"


def test_the_bundle_checks_itself_with_python_alone(team, tmp_path):
    flows.judged(team)
    done = verify(made(team, tmp_path).path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "unchanged" in done.stdout


def test_a_changed_number_is_found(team, tmp_path):
    flows.judged(team)
    done = made(team, tmp_path)
    files = contents(done.path)
    files["tables/prisma.csv"] = files["tables/prisma.csv"].replace(b"box5", b"box6")
    files["extra.txt"] = b"slipped in"
    del files["prisma.svg"]
    with zipfile.ZipFile(done.path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    told = verify(done.path)
    assert told.returncode == 1
    for words in ("prisma.csv: was changed", "extra.txt: is not in", "prisma.svg: is missing"):
        assert words in told.stdout


def test_the_readme_says_who_made_it_and_which_rounds_are_left_out(team, tmp_path):
    flows.texts_open(team)
    said = contents(made(team, tmp_path, "alice").path)["README.txt"].decode()
    assert "Review: Bisphosphonates in children" in said
    assert "Exported by the seat of: Alice" in said
    assert "Rounds not released: Full texts 1" in said
    assert "Release setting: round" in said
    assert "Sums of the flow: all hold" in said


def test_no_byte_of_any_file_changes_with_unreleased_work(team, tmp_path):
    def files(person):
        told = contents(made(team, tmp_path, person).path)
        return {name: data for name, data in told.items() if name not in {"README.txt", "SHA256SUMS"}}

    work = flows.found(team)
    work.titles = flows.open_round(work, "title_abstract")
    before = {person: files(person) for person in ("alice", "carol", "dora")}
    flows.answer(team.bob, work.titles, flows.TITLES["bob"] | flows.BOTH)
    assert {person: files(person) for person in before} == before
    assert b"Bob on" in files("bob")["tables/votes_long.csv"]


def test_a_bundle_for_publication_names_nobody(team, tmp_path):
    flows.judged(team)
    named = contents(made(team, tmp_path).path)
    files = contents(made(team, tmp_path, public=True).path)
    for word in (b"Alice", b"Bob", b"Dora", b"example.org"):
        assert any(word in data for data in named.values()) or word == b"example.org"
        assert not [name for name, data in files.items() if word in data], word
    seats = {row["seat"] for row in read(files["tables/votes_long.csv"])}
    assert len(seats) == 2
    assert all(seat.startswith("Person ") for seat in seats)


def test_nothing_half_made_stays_when_a_table_fails(team, tmp_path, monkeypatch):
    def broken(viewer):
        return Table("broken", "B", [Column("n", "N", "integer")], [["no number"]])

    monkeypatch.setitem(TABLES, "broken", broken)
    with pytest.raises(ValueError, match="broken, row 1, n"):
        made(team, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_room_without_tables_is_tolerated_and_a_name_twice_is_not(monkeypatch):
    monkeypatch.setattr(registry, "TABLES", ("reviewapp.exports.TABLES", "nowhere_at_all.TABLES"))
    assert set(registry.offers()) == set(TABLES)
    monkeypatch.setattr(registry, "TABLES", ("reviewapp.exports.TABLES", "reviewapp.exports.TABLES"))
    with pytest.raises(ValueError, match="two tables are named"):
        registry.offers()


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_ends_and_leaves_the_connection_as_it_was():
    assert not connection.in_atomic_block
    with snapshot():
        assert Event.objects.for_system("test").count() == 0
    with snapshot(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    assert connection.get_autocommit()
    from reviewapp.models.people import User

    User.objects.create_user("frank@example.org", "a long enough pass phrase", name="Frank")
    assert User.objects.count() == 1


def test_the_report_page_shows_the_flow_its_sums_and_every_table(team, sign_in):
    flows.judged(team)
    page = sign_in(team.alice).get(reverse("report", args=[team.review.uid]))
    text = page.content.decode()
    assert page.status_code == 200
    assert text.count("<svg xmlns") == 2
    assert "11 of 11" in text
    for name in registry.offers():
        assert reverse("table_csv", args=[team.review.uid, name]) in text
    assert " style=" not in text
    assert 'id="flow-w-t"' in text
    assert 'id="flow-n-t"' in text


def test_the_report_page_says_what_is_not_released(team, sign_in):
    flows.texts_open(team)
    text = sign_in(team.bob).get(reverse("report", args=[team.review.uid])).content.decode()
    assert "1 round is not released" in text
    assert "3 records and reports are in rounds that are not released" in text
    assert "Not released yet" in text


def test_a_table_is_downloaded_as_csv(team, sign_in):
    flows.judged(team)
    client = sign_in(team.alice)
    answer = client.get(reverse("table_csv", args=[team.review.uid, "studies"]))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="studies.csv"' in answer["Content-Disposition"]
    assert len(read(b"".join(answer.streaming_content))) == 5
    with_bom = client.get(reverse("table_csv", args=[team.review.uid, "studies"]), {"bom": "1"})
    assert b"".join(with_bom.streaming_content).startswith(b"\xef\xbb\xbf")
    public = client.get(reverse("table_csv", args=[team.review.uid, "votes_long"]), {"public": "1"})
    assert b"Alice" not in b"".join(public.streaming_content)
    assert client.get(reverse("table_csv", args=[team.review.uid, "nothing"])).status_code == 404


def test_the_figure_is_downloaded_as_a_file_of_its_own(team, sign_in):
    client = sign_in(team.alice)
    wide = client.get(reverse("prisma_svg", args=[team.review.uid]))
    assert wide["Content-Type"] == "image/svg+xml"
    assert wide.content.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<svg width="980"')
    assert b"<a " not in wide.content
    narrow = client.get(reverse("prisma_svg", args=[team.review.uid]), {"narrow": "1"})
    assert b'width="358"' in narrow.content


def test_the_bundle_is_sent_recorded_and_not_kept(team, sign_in, settings):
    flows.judged(team)
    answer = sign_in(team.alice).post(reverse("bundle", args=[team.review.uid]))
    data = b"".join(answer.streaming_content)
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None
    (event,) = history.events(team.alice.viewer, verb="export.made")
    assert event.new["sha256"] == hashlib.sha256(data).hexdigest()
    assert event.new["rows"]["records"] == 7
    assert not event.shared
    assert list((settings.MEDIA_ROOT / "bundles").iterdir()) == []
    for person in (team.bob, team.dora):
        assert not history.events(person.viewer, verb="export.made").exists()


def test_a_bundle_is_made_by_post_only_and_by_the_review_s_people_only(team, sign_in, client):
    address = reverse("bundle", args=[team.review.uid])
    assert sign_in(team.alice).get(address).status_code == 405
    client.force_login(team.eve)
    assert client.post(address).status_code == 404
    for name, more in (("report", []), ("prisma_svg", []), ("table_csv", ["records"])):
        assert client.get(reverse(name, args=[team.review.uid, *more])).status_code == 404


def test_the_api_gives_the_flow_the_list_and_the_rows(team, sign_in):
    flows.judged(team)
    client = sign_in(team.carol)
    flow = client.get(reverse("api_flow", args=[team.review.uid])).json()
    assert flow["counts"]["duplicates"] == 1
    assert all(one["holds"] for one in flow["sums"])
    listed = client.get(reverse("api_tables", args=[team.review.uid])).json()
    assert {one["name"] for one in listed} == set(registry.offers())
    table = client.get(reverse("api_table", args=[team.review.uid, "records"])).json()
    assert len(table["rows"]) == 7
    assert set(table["rows"][0]) == {column["key"] for column in table["columns"]}
    answer = client.get(reverse("api_table_csv", args=[team.review.uid, "records"]))
    assert len(read(b"".join(answer.streaming_content))) == 7
    assert client.get(reverse("api_table", args=[team.review.uid, "nothing"])).status_code == 404


def test_the_road_has_the_report_and_it_opens_with_the_first_release(team):
    from synthesis.selectors.stands import steps

    def state():
        return {step.key: step.state for step in steps(team.alice.viewer, team.review)}["report"]

    assert state() == "shut"
    flows.screened(team)
    assert state() == "now"
