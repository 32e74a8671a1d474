"""Reports are gathered into studies and split off again; nothing is overwritten, nothing tells who did it."""

from __future__ import annotations

import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reviewapp.models.records import DuplicatePair
from reviewapp.models.studies import Report, Retrieval, RetrievalState, Study, StudyLink
from reviewapp.selectors import history, road, stands, study_links
from reviewapp.selectors import studies as selectors
from reviewapp.services import advancing, dedup, rounds, screening, studies
from reviewapp.services.refusals import Gone, NotAllowed, Refused
from tests.conftest import add_records, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_road(monkeypatch):
    """The pages alone: what the road draws beside them has tests of its own."""
    monkeypatch.setattr(road, "drawn", lambda *_args, **_more: [])


@pytest.fixture
def reports(team, records):
    """A report, each in a study of its own, for every one of the six records."""
    advancing.advance(actor=team.dora.viewer, record_uids=[one.uid for one in records], why="Test.")
    return list(Report.objects.select_related("record").order_by("record__pk"))


def study_of(report):
    return StudyLink.objects.select_related("study").get(report=report, is_current=True).study


def labels(team):
    return [row.label for row in selectors.studies(team.alice.viewer)]


def group(team, *reports, why="Same children.", **more):
    uids = [study_of(report).uid for report in reports]
    return studies.group(actor=team.dora.viewer, study_uids=uids, why=why, **more)


def pair_of(team, left, right, kind="link", **more):
    evidence = [{"field": "registry", "says": "same trial name", "weighs": "for"}]
    return DuplicatePair.objects.create(
        review=team.review, left=left, right=right, kind=kind, score=0.7, evidence=evidence, **more
    )


def open_texts(team, *reports):
    """Open a full-text round on the studies of these reports only."""
    for report in reports:
        studies.set_retrieval(
            actor=team.dora.viewer, report_uid=report.uid, state="not_available", why="Published review."
        )
    return rounds.open_round(
        actor=team.dora.viewer,
        stage="full_text",
        seats=[team.alice.seat.uid, team.bob.seat.uid],
        seed="s",
    )


def judge(team, queue, round_, verdict="include"):
    for person in (team.alice, team.bob):
        for one in queue(person, round_):
            screening.decide(actor=person.viewer, assignment_uid=one.uid, verdict=verdict, purpose="efficacy")
    rounds.close_round(actor=team.dora.viewer, round_uid=round_.uid)


def test_grouping_moves_the_reports_with_the_reason_and_retires_the_empty_study(team, reports):
    kept, gone = study_of(reports[0]), study_of(reports[1])
    done = group(team, reports[0], reports[1], into=kept.uid)
    assert (done.study, done.retired) == (kept, (gone,))
    gone.refresh_from_db()
    assert gone.retired_at is not None
    assert gone.label == done.retired[0].label
    links = list(StudyLink.objects.filter(report=reports[1]).order_by("version"))
    assert [(one.study_id, one.is_current, one.version) for one in links] == [
        (gone.pk, False, 1),
        (kept.pk, True, 2),
    ]
    assert links[1].why == "Same children."
    primary = Report.objects.filter(links__study=kept, links__is_current=True, is_primary=True)
    assert list(primary) == [reports[0]]


def test_a_retired_study_never_shows(team, reports, sign_in):
    gone = study_of(reports[1])
    group(team, reports[0], reports[1], into=study_of(reports[0]).uid)
    assert len(labels(team)) == 5
    assert gone.label not in labels(team)
    assert selectors.study(team.dora.viewer, gone.uid) is None
    client = sign_in(team.dora)
    assert client.get(reverse("study", args=[team.review.uid, gone.uid])).status_code == 404
    assert client.get(reverse("api_study", args=[team.review.uid, gone.uid])).status_code == 404
    listed = client.get(reverse("api_studies", args=[team.review.uid])).json()
    assert str(gone.uid) not in {one["uid"] for one in listed["results"]}
    with pytest.raises(Gone):
        studies.rename(actor=team.dora.viewer, study_uid=gone.uid, label="Again")


def test_splitting_off_brings_the_same_study_back(team, reports):
    before = labels(team)
    former = study_of(reports[1])
    group(team, reports[0], reports[1], into=study_of(reports[0]).uid)
    own = studies.split(actor=team.dora.viewer, report_uid=reports[1].uid, why="Other children.")
    assert own == former
    assert labels(team) == before
    assert set(Report.objects.values_list("is_primary", flat=True)) == {True}
    page = selectors.study(team.alice.viewer, study_of(reports[0]).uid)
    assert [(move.came, move.why) for move in page.moves] == [
        (True, "Same children."),
        (False, "Other children."),
    ]


def test_splitting_the_primary_report_off_leaves_a_primary_one(team, reports):
    kept = study_of(reports[0])
    group(team, *reports[:3], into=kept.uid)
    own = studies.split(actor=team.dora.viewer, report_uid=reports[0].uid, why="Another trial.")
    assert own not in {kept}
    assert own.label not in {kept.label}
    assert Report.objects.filter(links__study=kept, links__is_current=True, is_primary=True).count() == 1


def test_the_only_report_cannot_be_split_off_and_a_reason_is_needed(team, reports):
    with pytest.raises(Refused, match="only report"):
        studies.split(actor=team.dora.viewer, report_uid=reports[0].uid, why="x")
    group(team, reports[0], reports[1])
    with pytest.raises(Refused, match="Say why"):
        studies.split(actor=team.dora.viewer, report_uid=reports[1].uid, why=" ")


def test_a_judged_study_keeps_its_judgement_and_the_secondary_report_joins_it(team, reports, queue):
    round_ = open_texts(team, reports[2])
    judge(team, queue, round_)
    judged = study_of(reports[2])
    with pytest.raises(Refused, match="keeps its judgement") as refused:
        group(team, reports[0], reports[2], why="")
    assert refused.value.field == "why"
    done = group(team, reports[0], reports[2], why="Same trial.")
    assert done.study == judged
    assert "keeps its judgement" in done.said[0]
    assert rounds.waiting_units(team.review, "full_text") == []


def test_two_judged_studies_group_with_a_reason_and_say_which_judgement_counts(team, reports, queue):
    judge(team, queue, open_texts(team, reports[0], reports[1]))
    one, other = study_of(reports[0]), study_of(reports[1])
    done = group(team, reports[0], reports[1], into=other.uid)
    assert done.retired == (one,)
    assert any("counts no more" in words for words in done.said)


def test_a_study_in_an_open_round_is_never_emptied(team, reports):
    open_texts(team, reports[0], reports[1])
    with pytest.raises(Refused, match="open round"):
        group(team, reports[0], reports[2], into=study_of(reports[2]).uid)
    with pytest.raises(Refused, match="open round"):
        group(team, reports[0], reports[1])
    done = group(team, reports[0], reports[2])
    assert done.study == study_of(reports[0])
    assert "open round" in done.said[0]


def test_only_a_curator_or_lead_groups(team, reports):
    with pytest.raises(NotAllowed):
        studies.group(actor=team.alice.viewer, study_uids=[study_of(one).uid for one in reports[:2]], why="x")
    with pytest.raises(NotAllowed):
        studies.rename(actor=team.bob.viewer, study_uid=study_of(reports[0]).uid, label="x")


def test_a_study_of_another_review_is_not_there(team, reports):
    other = make_team("Another review", "other-")
    with pytest.raises(Gone):
        studies.group(actor=other.dora.viewer, study_uids=[study_of(one).uid for one in reports[:2]], why="x")
    with pytest.raises(Gone):
        studies.set_retrieval(actor=other.dora.viewer, report_uid=reports[0].uid, state="awaiting", why="x")


def test_confirming_a_link_settles_the_pair_and_groups_the_reports(team, reports):
    pair = pair_of(team, reports[0].record, reports[1].record)
    assert study_links.waiting(team.dora.viewer) == 1
    done = studies.confirm_link(actor=team.dora.viewer, pair_uid=pair.uid)
    pair.refresh_from_db()
    assert pair.settled == "linked"
    assert study_of(reports[0]) == study_of(reports[1]) == done.study
    assert "same trial name" in StudyLink.objects.get(version=2).why
    assert study_links.waiting(team.dora.viewer) == 0
    with pytest.raises(Refused, match="does not wait"):
        studies.confirm_link(actor=team.dora.viewer, pair_uid=pair.uid)


def test_evidence_is_no_reason_for_a_study_in_a_round(team, reports):
    open_texts(team, reports[0])
    pair = pair_of(team, reports[0].record, reports[1].record)
    with pytest.raises(Refused, match="Say why"):
        studies.confirm_link(actor=team.dora.viewer, pair_uid=pair.uid)
    pair.refresh_from_db()
    assert pair.settled == ""
    studies.confirm_link(actor=team.dora.viewer, pair_uid=pair.uid, why="One protocol.")
    assert study_of(reports[0]) == study_of(reports[1])


def test_a_link_of_records_without_reports_is_not_proposed(team, records):
    pair = pair_of(team, records[0], records[1])
    assert study_links.waiting(team.dora.viewer) == 0
    with pytest.raises(Refused):
        studies.confirm_link(actor=team.dora.viewer, pair_uid=pair.uid)


def test_a_link_that_was_split_is_not_proposed_again(team, reports):
    pair = pair_of(team, reports[0].record, reports[1].record)
    studies.confirm_link(actor=team.dora.viewer, pair_uid=pair.uid)
    studies.split(actor=team.dora.viewer, report_uid=reports[1].uid, why="Other ward, other children.")
    pair.refresh_from_db()
    assert (pair.settled, pair.settled_why) == ("apart", "Other ward, other children.")
    assert study_links.waiting(team.dora.viewer) == 0


def test_the_same_registry_number_proposes_a_link_that_can_be_refused(team, reports):
    for report in reports[:2]:
        report.record.registry_ids = ["NCT00000001"]
        report.record.save()
    found, waiting = study_links.proposals(team.dora.viewer, 10)
    assert waiting == 1
    assert "NCT00000001" in found[0].words[0]
    left, right = (side.report.uid for side in found[0].sides)
    with pytest.raises(Refused):
        studies.refuse_link(actor=team.dora.viewer, left_uid=left, right_uid=right, why="")
    studies.refuse_link(actor=team.dora.viewer, left_uid=left, right_uid=right, why="A substudy.")
    assert study_links.waiting(team.dora.viewer) == 0
    assert len(labels(team)) == 6


def test_reports_whose_records_were_merged_later_are_proposed(team, reports):
    pair = pair_of(team, reports[0].record, reports[1].record, kind="ask")
    dedup.merge(actor=team.dora.viewer, pair_uid=pair.uid, why="One paper.")
    found, _waiting = study_links.proposals(team.dora.viewer, 10)
    assert [one.words for one in found] == [("their records were merged into one",)]


def test_a_report_by_hand_is_a_study_of_its_own_or_joins_one(team, reports):
    alone = studies.add_report(
        actor=team.dora.viewer, title="Thesis on pamidronate in children", why="Letter of the author."
    )
    assert study_of(alone).label == "Thesis on pamidronate in"
    joined = studies.add_report(
        actor=team.dora.viewer,
        title="Registry entry",
        why="Registry.",
        kind="registry entry",
        study_uid=study_of(reports[0]).uid,
    )
    assert study_of(joined) == study_of(reports[0])
    assert not joined.is_primary
    assert Retrieval.objects.get(report=joined).state == "sought"
    with pytest.raises(Refused, match="title"):
        studies.add_report(actor=team.dora.viewer, title=" ", why="x")
    with pytest.raises(Refused, match="came from"):
        studies.add_report(actor=team.dora.viewer, title="x", why="")


def test_a_label_is_given_once_and_a_repeat_writes_nothing(team, reports):
    one, other = study_of(reports[0]), study_of(reports[1])
    studies.rename(actor=team.dora.viewer, study_uid=one.uid, label=" Rudge  2005 ")
    assert Study.objects.get(pk=one.pk).label == "Rudge 2005"
    before = history.events(team.dora.viewer).count()
    studies.rename(actor=team.dora.viewer, study_uid=one.uid, label="Rudge 2005")
    assert history.events(team.dora.viewer).count() == before
    for wrong in ("", "x" * 201, "Rudge 2005"):
        with pytest.raises(Refused):
            studies.rename(actor=team.dora.viewer, study_uid=other.uid, label=wrong)


def test_marking_another_report_as_primary_leaves_one(team, reports):
    group(team, reports[0], reports[1], into=study_of(reports[0]).uid)
    studies.mark_primary(actor=team.dora.viewer, report_uid=reports[1].uid)
    page = selectors.study(team.alice.viewer, study_of(reports[0]).uid)
    assert [row.report.uid for row in page.row.reports] == [reports[1].uid, reports[0].uid]
    assert [row.report.is_primary for row in page.row.reports] == [True, False]


def test_not_available_to_us_differs_from_not_retrieved(team, reports):
    lead = team.dora.viewer
    studies.set_retrieval(
        actor=lead, report_uid=reports[0].uid, state="not_available", why="Judged by the review we update."
    )
    studies.set_retrieval(actor=lead, report_uid=reports[1].uid, state="not_retrieved", why="Library closed.")
    assert rounds.waiting_units(team.review, "full_text") == [study_of(reports[0]).uid]
    states = selectors.counts(team.alice.viewer).states
    assert (states["not_available"], states["not_retrieved"], states["sought"]) == (1, 1, 4)
    found = [study.pk for study in selectors.studies(team.alice.viewer, state="not_retrieved")]
    assert found == [study_of(reports[1]).pk]
    names = dict(RetrievalState.choices)
    assert names["not_available"] != names["not_retrieved"]


def test_a_retrieval_state_is_appended_with_its_words(team, reports):
    lead, uid = team.dora.viewer, reports[0].uid
    with pytest.raises(Refused, match="Say where"):
        studies.set_retrieval(actor=lead, report_uid=uid, state="awaiting")
    with pytest.raises(Refused):
        studies.set_retrieval(actor=lead, report_uid=uid, state="lost", why="x")
    studies.set_retrieval(actor=lead, report_uid=uid, state="awaiting", why="Abstract only.")
    studies.set_retrieval(actor=lead, report_uid=uid, state="ongoing", why="Recruiting.")
    rows = Retrieval.objects.filter(report=reports[0]).order_by("version")
    assert [(row.state, row.is_current) for row in rows] == [
        ("sought", False),
        ("awaiting", False),
        ("ongoing", True),
    ]


def test_who_judges_a_study_does_not_set_where_its_document_stands(team, reports):
    from reviewapp.selectors.seats import place_of
    from reviewapp.services.reviews import change_roles

    change_roles(actor=team.dora.viewer, seat_uid=team.alice.seat.uid, roles=["reviewer", "curator"])
    team.alice.seat.refresh_from_db()
    both = place_of(team.alice.seat).viewer
    studies.set_retrieval(actor=both, report_uid=reports[0].uid, state="awaiting", why="Before the round.")
    open_texts(team, reports[0])
    with pytest.raises(Refused, match="You judge this study"):
        studies.set_retrieval(actor=both, report_uid=reports[0].uid, state="ongoing", why="x")
    studies.set_retrieval(actor=both, report_uid=reports[1].uid, state="ongoing", why="Not in the round.")


def test_nothing_is_there_before_a_release_and_the_answers_leave_no_trace(team, open_titles, queue, sign_in):
    client = sign_in(team.alice)
    url = reverse("studies", args=[team.review.uid])
    hidden = re.compile(rb'(csrfmiddlewaretoken" value|CSRFToken": )[^>]*')

    def page():
        return hidden.sub(b"", client.get(url).content)

    before = page()
    assert b"No study yet" in before
    for one in queue(team.bob, open_titles):
        screening.decide(actor=team.bob.viewer, assignment_uid=one.uid, verdict="include")
    assert page() == before
    assert Study.objects.count() == 0


def test_a_shared_act_is_in_every_seat_s_history(team, reports):
    group(team, reports[0], reports[1])
    verbs = list(history.events(team.alice.viewer).values_list("verb", flat=True))
    assert "studies.grouped" in verbs


def test_the_road_and_the_curator_s_list_tell_of_links_to_confirm(team, reports):
    pair_of(team, reports[0].record, reports[1].record)
    assert road.all_steps(team.dora.viewer, team.review)["studies"].wait == 1
    assert road.all_steps(team.alice.viewer, team.review)["studies"].wait == 0
    titles = [one.title for one in stands.todo(team.dora.viewer, team.review)]
    assert "1 link between reports to confirm" in titles
    assert stands.todo(team.alice.viewer, team.review) == []


def test_the_page_groups_confirms_splits_and_keeps_what_was_typed(team, reports, sign_in):
    client = sign_in(team.dora)
    review = team.review.uid
    url = reverse("studies", args=[review])
    assert client.get(url).status_code == 200
    uids = [str(study_of(one).uid) for one in reports[:2]]
    refused = client.post(url, {"study": uids[:1], "why": "typed words"})
    assert refused.status_code == 400
    assert b"typed words" in refused.content
    done = client.post(url, {"study": uids, "why": "Same trial.", "once": "k1"}, follow=True)
    assert "joined" in done.content.decode()
    again = client.post(url, {"study": uids, "why": "Same trial.", "once": "k1"})
    assert again.status_code == 302
    act = reverse("report_act", args=[review, reports[1].uid])
    assert client.post(act, {"act": "split", "why": ""}).status_code == 400
    assert client.post(act, {"act": "split", "why": "No."}).status_code == 302
    pair = pair_of(team, reports[2].record, reports[3].record)
    assert b"1 link to confirm" in client.get(url).content
    client.post(reverse("study_links", args=[review]), {"pair": str(pair.uid), "act": "one"})
    assert study_of(reports[2]) == study_of(reports[3])
    label = client.post(reverse("study", args=[review, study_of(reports[2]).uid]), {"label": ""})
    assert label.status_code == 400
    form = {"title": "Thesis", "why": "Letter."}
    assert client.post(reverse("report_add", args=[review]), form).status_code == 302
    assert client.post(reverse("report_add", args=[review]), {"title": "", "why": ""}).status_code == 400


def test_a_reviewer_sees_the_studies_and_no_forms(team, reports, sign_in):
    client = sign_in(team.alice)
    for url in (
        reverse("studies", args=[team.review.uid]),
        reverse("study", args=[team.review.uid, study_of(reports[0]).uid]),
    ):
        page = client.get(url)
        assert page.status_code == 200
        text = page.content.decode()
        assert 'method="post"' not in text.split('id="main"')[1].split("</main>")[0]
        assert "Dora" not in text
    assert client.get(reverse("report_add", args=[team.review.uid])).status_code == 404
    act = reverse("report_act", args=[team.review.uid, reports[0].uid])
    assert client.post(act, {"act": "retrieval", "state": "sought"}).status_code == 403


def test_a_stranger_gets_the_same_404_for_everything(team, reports, client):
    client.force_login(team.eve)
    review, study = team.review.uid, study_of(reports[0]).uid
    for url in (
        reverse("studies", args=[review]),
        reverse("study", args=[review, study]),
        reverse("report_act", args=[review, reports[0].uid]),
        reverse("report_files", args=[review, reports[0].uid]),
        reverse("api_studies", args=[review]),
        reverse("api_study", args=[review, study]),
        reverse("api_studies", args=[uuid.uuid4()]),
    ):
        assert client.get(url).status_code == 404, url
    body = client.get(reverse("study", args=[review, study])).content
    assert body == client.get(reverse("study", args=[uuid.uuid4(), study])).content


def test_the_api_groups_splits_and_sets_states(team, reports, sign_in):
    client = sign_in(team.dora)
    review = team.review.uid
    uids = [str(study_of(one).uid) for one in reports[:2]]
    url = reverse("api_studies_group", args=[review])
    asked = {"studies": uids, "into": uids[0], "why": "Same trial."}
    done = client.post(url, asked, "application/json", headers={"Idempotency-Key": "g1"})
    assert done.json() == {"study": uids[0], "retired": [uids[1]], "said": []}
    again = client.post(url, asked, "application/json", headers={"Idempotency-Key": "g1"})
    assert again.json() == done.json()
    split = reverse("api_report_split", args=[review, reports[1].uid])
    assert client.post(split, {"why": "No."}, "application/json").json()["study"] == uids[1]
    state = reverse("api_report_retrieval", args=[review, reports[1].uid])
    asked = {"state": "awaiting", "why": "Abstract."}
    assert client.post(state, asked, "application/json").status_code == 200
    shown = client.get(reverse("api_study", args=[review, uids[1]])).json()
    assert shown["reports"][0]["state"] == "awaiting"
    listed = client.get(reverse("api_studies", args=[review]) + "?state=awaiting").json()
    assert (listed["count"], listed["results"][0]["uid"]) == (1, uids[1])


def test_the_number_of_queries_does_not_grow_with_the_studies(team, sign_in):
    made = add_records(team, 50)
    advancing.advance(actor=team.dora.viewer, record_uids=[one.uid for one in made], why="Test.")
    for left, right in zip(made[:20:2], made[1:20:2], strict=True):
        pair_of(team, left, right)
    with CaptureQueriesContext(connection) as asked:
        found = selectors.rows(team.alice.viewer, selectors.studies(team.alice.viewer)[:50])
        selectors.counts(team.alice.viewer)
    assert len(found) == 50
    assert len(asked) == 5
    with CaptureQueriesContext(connection) as asked:
        found, waiting = study_links.proposals(team.dora.viewer, 10)
    assert (len(found), waiting) == (10, 10)
    assert len(asked) <= 4
    for person in (team.alice, team.dora):
        client = sign_in(person)
        url = reverse("studies", args=[team.review.uid])
        empty = reverse("team", args=[team.review.uid])
        with CaptureQueriesContext(connection) as shell:
            client.get(empty)
        with CaptureQueriesContext(connection) as page:
            assert client.get(url).content.count(b"study-name") == 50
        assert len(page) - len(shell) <= 12
