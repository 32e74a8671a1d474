"""A document is judged by its content, kept under a name of the server's, and says nothing of who brought it."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from reviewapp.models.studies import FullText, Report, Retrieval, StudyLink
from reviewapp.selectors import history, road
from reviewapp.selectors import studies as selectors
from reviewapp.services import advancing, fulltexts, pdfs, studies
from reviewapp.services.refusals import Gone, NotAllowed, Refused
from tests.conftest import make_team
from tests.needs import needs_data

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_road(monkeypatch):
    """The pages alone: what the road draws beside them has tests of its own."""
    monkeypatch.setattr(road, "drawn", lambda *_args, **_more: [])


def pdf(pages=1, title="A trial", change=None):
    """A small PDF."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=200, height=200)
    writer.add_metadata({"/Title": title})
    if change:
        change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.fixture
def report(team, records):
    """A report of the first record."""
    advancing.advance(actor=team.dora.viewer, record_uids=[one.uid for one in records[:2]], why="Test.")
    return Report.objects.get(record=records[0])


def bring(team, report, content, name="trial.pdf", person=None):
    return fulltexts.upload(
        actor=(person or team.dora).viewer, report_uid=report.uid, name=name, content=ContentFile(content)
    )


def state_of(report):
    return Retrieval.objects.get(report=report, is_current=True).state


def test_a_pdf_is_stored_under_a_name_of_the_server_and_is_then_retrieved(team, report, settings):
    done = bring(team, report, pdf(3), name="../../etc/pass\x00wd.pdf")
    file = done.file
    assert (done.is_new, file.pages, file.name) == (True, 3, "passwd.pdf")
    stored = Path(settings.MEDIA_ROOT) / file.file.name
    assert stored.parent == Path(settings.MEDIA_ROOT) / "fulltexts"
    assert "passwd" not in file.file.name
    assert stat.S_IMODE(stored.stat().st_mode) == 0o600
    assert stored.stat().st_size == file.size
    assert state_of(report) == "retrieved"


def test_the_same_bytes_twice_are_stored_once_and_it_says_so(team, report, records):
    content = pdf(2)
    first = bring(team, report, content)
    again = bring(team, report, content, name="copy.pdf")
    assert (again.is_new, again.file) == (False, first.file)
    assert "here already" in again.said
    assert FullText.objects.count() == 1
    other = Report.objects.get(record=records[1])
    elsewhere = bring(team, other, content)
    assert elsewhere.is_new
    assert records[0].title in elsewhere.said


def test_a_report_may_have_several_files(team, report):
    bring(team, report, pdf(2), name="paper.pdf")
    bring(team, report, pdf(5), name="appendix.pdf")
    study = StudyLink.objects.get(report=report, is_current=True).study
    shown = selectors.documents(team.alice.viewer, study)
    assert [(one.name, one.pages, one.shown) for one in shown] == [
        ("appendix.pdf", 5, True),
        ("paper.pdf", 2, True),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><title>Sign in</title>", "HTML page"),
        (b"PK\x03\x04 a zip", "is not a PDF"),
        (b"<script>x</script>\n%PDF-1.4\n", "something else stands before"),
        (b"%PDF-1.7\nnothing more", "damaged"),
        (pdf(2)[:300], "damaged"),
        (pdf(1, change=lambda writer: writer.encrypt("secret")), "locked with a password"),
    ],
    ids=["empty", "html", "zip", "polyglot", "only a head", "cut", "locked"],
)
def test_what_is_no_readable_pdf_is_refused_in_words(team, report, content, words):
    with pytest.raises(Refused, match=words) as refused:
        bring(team, report, content, name="trial.pdf")
    assert "trial.pdf" in refused.value.message
    assert FullText.objects.count() == 0
    assert state_of(report) == "sought"


def test_a_pdf_that_only_asks_not_to_be_changed_is_read(team, report):
    content = pdf(2, change=lambda writer: writer.encrypt("", "owner"))
    assert bring(team, report, content).file.pages == 2


def test_a_pdf_that_is_too_large_is_refused_with_both_sizes(team, report, settings):
    settings.UPLOAD_LIMIT = 1024 * 1024
    with pytest.raises(Refused, match="has 2 MB; a document may have 1 MB"):
        bring(team, report, b"%PDF-1.4\n" + b"x" * (2 * 1024 * 1024))


def script(writer):
    """Let a document start a script when it opens."""
    action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("x")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)


@pytest.mark.parametrize(
    "content",
    [pdf(1, change=script), pdf(1, change=script).replace(b"/JavaScript", b"/J#61vaScript")],
    ids=["plain", "with a hidden name"],
)
def test_a_pdf_with_a_script_is_kept_and_handed_out_only_to_be_saved(team, report, content, sign_in):
    done = bring(team, report, content)
    assert "scripts" in done.said
    answer = sign_in(team.alice).get(reverse("fulltext_file", args=[team.review.uid, done.file.uid]))
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]
    study = StudyLink.objects.get(report=report, is_current=True).study
    assert [one.shown for one in selectors.documents(team.alice.viewer, study)] == [False]


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ok.pdf", None),
        ("javascript.pdf", "scripts"),
        ("html_as.pdf", "HTML"),
        ("truncated.pdf", "damaged"),
        ("polyglot_html.pdf", "%PDF"),
    ],
)
def test_hostile_files_get_the_answer_that_their_manifest_names(team, report, name, words):
    content = (needs_data("hostile/pdf") / name).read_bytes()
    if name in {"ok.pdf", "javascript.pdf"}:
        assert (words or "") in bring(team, report, content, name=name).said
    else:
        with pytest.raises(Refused, match=words):
            bring(team, report, content, name=name)


def test_withdrawing_the_last_file_makes_the_document_sought_again(team, report):
    one = bring(team, report, pdf(1)).file
    two = bring(team, report, pdf(2)).file
    with pytest.raises(Refused, match="Say why"):
        fulltexts.withdraw(actor=team.dora.viewer, file_uid=one.uid, why="")
    fulltexts.withdraw(actor=team.dora.viewer, file_uid=one.uid, why="Wrong paper.")
    assert state_of(report) == "retrieved"
    fulltexts.withdraw(actor=team.dora.viewer, file_uid=two.uid, why="Wrong paper.")
    assert state_of(report) == "sought"
    assert selectors.file(team.dora.viewer, one.uid) is None
    assert FullText.objects.filter(withdrawn_why="Wrong paper.").count() == 2
    assert bring(team, report, pdf(1)).is_new
    with pytest.raises(Gone):
        fulltexts.withdraw(actor=team.dora.viewer, file_uid=one.uid, why="Again.")


def test_a_report_with_a_file_is_not_called_not_retrieved(team, report):
    bring(team, report, pdf(1))
    with pytest.raises(Refused, match="withdraw the file first"):
        studies.set_retrieval(
            actor=team.dora.viewer, report_uid=report.uid, state="not_retrieved", why="Nowhere."
        )


def test_only_a_curator_or_lead_brings_files_in(team, report):
    with pytest.raises(NotAllowed):
        bring(team, report, pdf(1), person=team.alice)
    other = make_team("Another review", "other-")
    with pytest.raises(Gone):
        bring(team, report, pdf(1), person=other.dora)


def test_nobody_else_learns_who_brought_a_file_or_when(team, report):
    file = bring(team, report, pdf(1)).file
    fulltexts.withdraw(actor=team.dora.viewer, file_uid=file.uid, why="Wrong paper.")
    mine = list(history.events(team.dora.viewer).values_list("verb", flat=True))
    assert mine[:2] == ["fulltext.withdrawn", "fulltext.uploaded"]
    for person in (team.alice, team.bob, team.carol):
        verbs = history.events(person.viewer).values_list("verb", flat=True)
        assert not [verb for verb in verbs if verb.startswith("fulltext")]


def test_a_seat_reads_the_file_in_the_page_and_a_stranger_gets_404(team, report, client):
    content = pdf(2)
    file = bring(team, report, content, name='a "quoted"\r\nname.pdf').file
    url = reverse("fulltext_file", args=[team.review.uid, file.uid])
    client.force_login(team.alice.user)
    answer = client.get(url)
    assert b"".join(answer.streaming_content) == content
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("inline")
    assert "\n" not in answer["Content-Disposition"]
    assert answer["Content-Security-Policy"] == "frame-ancestors 'self'"
    assert "no-store" in answer["Cache-Control"]
    assert "Last-Modified" not in answer
    client.force_login(team.eve)
    assert client.get(url).status_code == 404
    client.logout()
    assert client.get(url).status_code == 302
    other = make_team("Another review", "other-")
    client.force_login(other.dora.user)
    assert client.get(reverse("fulltext_file", args=[other.review.uid, file.uid])).status_code == 404


def test_a_file_that_is_gone_from_the_disk_is_a_404(team, report, sign_in):
    file = bring(team, report, pdf(1)).file
    file.file.storage.delete(file.file.name)
    url = reverse("fulltext_file", args=[team.review.uid, file.uid])
    assert sign_in(team.dora).get(url).status_code == 404


def test_the_page_stores_good_files_and_says_what_is_wrong_with_others(team, report, sign_in):
    client = sign_in(team.dora)
    url = reverse("report_files", args=[team.review.uid, report.uid])
    good = SimpleUploadedFile("good.pdf", pdf(1))
    bad = SimpleUploadedFile("bad.pdf", b"<html>Access denied")
    page = client.post(url, {"files": [good, bad]})
    assert page.status_code == 400
    text = page.content.decode()
    assert "bad.pdf is an HTML page" in text
    assert "1 file was stored" in text
    assert client.post(url, {}).status_code == 400
    file = FullText.objects.get()
    withdraw = reverse("fulltext_withdraw", args=[team.review.uid, file.uid])
    assert client.post(withdraw, {"why": "Wrong."}).status_code == 302
    assert FullText.objects.filter(withdrawn_at__isnull=True).count() == 0


def test_the_study_page_shows_the_document_in_a_frame_with_links_that_need_no_script(team, report, sign_in):
    bring(team, report, pdf(1), name="paper.pdf")
    file = bring(team, report, pdf(4), name="supplement.pdf").file
    study = StudyLink.objects.get(report=report, is_current=True).study
    text = sign_in(team.alice).get(reverse("study", args=[team.review.uid, study.uid])).content.decode()
    assert '<iframe class="pdf-frame"' in text
    assert (
        f'href="{reverse("fulltext_file", args=[team.review.uid, file.uid])}#view=FitH&amp;navpanes=0"'
        in text
    )
    assert text.count('target="document"') == 2
    assert "Dora" not in text


def test_the_api_takes_a_pdf_and_a_repeat_changes_nothing(team, report, sign_in):
    client = sign_in(team.dora)
    url = reverse("api_report_files", args=[team.review.uid, report.uid])
    first = client.post(url, {"file": SimpleUploadedFile("a.pdf", pdf(2))})
    assert (first.status_code, first.json()["pages"]) == (201, 2)
    content = (Path(FullText.objects.get().file.path)).read_bytes()
    again = client.post(url, {"file": SimpleUploadedFile("a.pdf", content)})
    assert (again.status_code, again.json()["uid"]) == (200, first.json()["uid"])
    refused = client.post(url, {"file": SimpleUploadedFile("a.pdf", b"<html>")})
    assert refused.status_code == 400
    assert "HTML" in refused.json()["detail"]
    assert client.post(url, {}).status_code == 400


def test_a_name_keeps_no_folder_and_no_character_that_turns_text_round():
    assert pdfs.plain_name("C:\\papers\\trial\u202efdp.exe.pdf") == "trialfdp.exe.pdf"
    assert pdfs.plain_name("") == "document.pdf"
    assert len(pdfs.plain_name("x" * 999)) == 200
