"""The pages of the synthesis step: what they show, to whom, in how many queries, and never from an open round."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reviewapp import jobs
from reviewapp.services import reviews
from synthesis.models.analyses import Analysis
from synthesis.models.snapshots import Snapshot
from synthesis.selectors import effects, inputs
from synthesis.selectors.comparisons import Comparison
from synthesis.services import agreement, analyses, summaries
from synthesis.services.effects import open_effects
from tests.synthesis.rounds import answer, known, open_titles, released
from tests.synthesis.studies import DRUG, contrast, dataset, harm, result, study

pytestmark = pytest.mark.django_db
PAGES = ("synthesis", "harms", "analyses", "analysis_new", "correlations", "agreement")


def trials() -> Any:
    """Two trials that could be pooled, one in words, one case series."""
    one = study(
        results=(
            result("t", n=12, mean=10.0, spread_kind="sd", spread=4.0),
            result("c", n=12, mean=2.0, spread_kind="se", spread=1.0),
        ),
        harms=(harm("t", events=6, n=12), harm("c", events=0, n=12, status="zero_reported")),
    )
    two = study(
        "Bianchi 2004",
        results=(
            result("t", n=20, mean=9.0, spread_kind="sd", spread=5.0),
            result("c", n=20, mean=3.0, spread_kind="sd", spread=5.0),
        ),
    )
    words = study(
        "Conti <b>1999</b>",
        contrasts=(contrast(p_operator="<", p_value=0.05, direction="intervention"),),
    )
    series = study(
        "Neri 2010",
        purpose="harms_only",
        arms=(replace(DRUG, label="Zoledronate"),),
        harms=(harm("t", events=3, n=30),),
    )
    return dataset(one, two, words, series, without=("Ferri 2008",))


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The final values of the review; a test may put others in their place."""
    kept = {"data": trials()}
    monkeypatch.setattr(inputs, "final_data", lambda viewer: kept["data"])
    return kept


@pytest.fixture
def computed(team: Any, data: Any) -> None:
    """A summary of them."""
    job = summaries.ask(actor=team.dora.viewer)
    jobs.run(str(job.uid), summaries.compute)


def page(client: Any, team: Any, name: str, *args: Any, query: str = "") -> str:
    response = client.get(reverse(name, args=[team.review.uid, *args]) + query)
    assert response.status_code == 200, response.content[:500]
    return response.content.decode()


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


def test_before_anything_is_computed_every_page_says_what_to_do(team, data, sign_in):
    client = sign_in(team.dora)
    for name in PAGES:
        assert "Traceback" not in page(client, team, name)
    assert "Nothing is computed yet" in page(client, team, "synthesis")
    assert "No round is released yet" in page(client, team, "agreement")


def test_the_studies_stand_before_the_effects_which_open_on_request(team, computed, sign_in):
    client = sign_in(team.alice)
    before = page(client, team, "synthesis")
    assert "Rossi 2001" in before
    assert "Ferri 2008" in before
    assert "The effects are not opened yet" in before
    assert "<svg xmlns" not in before
    assert "8.0" not in text_of(before)
    client.post(reverse("effects_open", args=[team.review.uid]))
    after = page(client, team, "synthesis")
    assert "<svg xmlns" in after
    assert after.index("The studies") < after.index("Change, study by study")
    assert effects.opened(team.alice.viewer)
    assert not effects.opened(team.bob.viewer)


def test_the_table_gives_the_numbers_and_marks_what_was_derived(team, computed, sign_in):
    open_effects(actor=team.dora.viewer)
    html = page(sign_in(team.dora), team, "synthesis")
    text = text_of(html)
    # SE 1.0 of 12 is SD 3.4641; 10 - 2 = 8; SE = sqrt(16/12 + 1) = 1.5275
    assert "2.0 (3.5 † ), 12" in text
    assert "10.0 (4.0), 12" in text
    assert "SD = SE × √n" in text or "√12" in text
    assert "Favours the intervention" in text
    assert "Conti &lt;b&gt;1999&lt;/b&gt;" in html
    assert "<b>1999</b>" not in html
    assert "no between-group result printed" in text


def test_filters_keep_the_rows_of_one_kind(team, computed, sign_in):
    open_effects(actor=team.dora.viewer)
    client = sign_in(team.dora)
    words = text_of(page(client, team, "synthesis", query="?show=words")).split("Change, study by study")[1]
    assert "Favours the intervention" in words
    assert "10.0 (4.0), 12" not in words
    nothing = page(client, team, "synthesis", query="?show=z&site=nowhere")
    assert "No study has a row of this kind" in nothing


def test_harms_have_exact_limits_and_case_series_stand_apart(team, computed, sign_in):
    open_effects(actor=team.dora.viewer)
    text = text_of(page(sign_in(team.dora), team, "harms"))
    # Clopper-Pearson of 6 of 12
    assert "6 of 12 children: 50.0 %, 21.1 % to 78.9 %" in text
    assert "0 of 12 children: at most 26.5 % (two-sided), 22.1 % (one-sided)" in text
    assert "Neri 2010 case series" in text
    assert "Not reported is not zero" in text


def test_the_page_says_when_the_values_have_changed(team, data, computed, sign_in):
    client = sign_in(team.dora)
    assert "have changed" not in page(client, team, "synthesis")
    data["data"] = dataset(*trials().studies[:2])
    assert "The final values have changed" in text_of(page(client, team, "synthesis"))
    client.post(reverse("synthesis", args=[team.review.uid]))
    assert Snapshot.objects.filter(kind="summary").count() == 1


def test_no_result_appears_without_opened_effects(team, computed, sign_in):
    row = analyses.decide(
        actor=team.dora.viewer,
        name="Spine",
        comparison=Comparison(measure="abmd", estimand="mean percent change"),
        choice="pool",
        why="Alike.",
    )
    client = sign_in(team.alice)
    html = page(client, team, "analysis", row.uid)
    assert "The effects are not opened yet" in html
    assert "Prediction" not in html
    assert client.get(reverse("figure", args=[team.review.uid, "forest"])).status_code == 404
    open_effects(actor=team.alice.viewer)
    text = text_of(page(client, team, "analysis", row.uid))
    assert "REML, HKSJ modified" in text
    assert "had not been opened by anybody" in text
    figure = client.get(reverse("figure", args=[team.review.uid, "forest"]))
    assert figure["Content-Type"].startswith("image/svg+xml")
    assert client.get(reverse("figure", args=[team.review.uid, "nothing"])).status_code == 404


def test_a_decision_is_taken_through_the_page(team, computed, sign_in):
    client = sign_in(team.dora)
    query = "?measure=abmd&estimand=mean+percent+change"
    shown = page(client, team, "analysis_new", query=query)
    assert "Bianchi 2004" in shown
    assert "10.0" not in text_of(shown)
    sent = {
        "measure": "abmd",
        "estimand": "mean percent change",
        "name": "Spine",
        "choice": "refuse",
        "reasons": ["drug", "time"],
        "why": "Too different.",
    }
    response = client.post(reverse("analysis_new", args=[team.review.uid]), sent)
    row = Analysis.objects.get()
    assert response.url == reverse("analysis", args=[team.review.uid, row.uid])
    finding = text_of(page(client, team, "synthesis"))
    assert "Not pooled: Spine" in finding
    assert "Different drugs; Different times" in finding
    again = client.post(reverse("analysis_new", args=[team.review.uid]), sent | {"choice": ""})
    assert again.status_code == 400
    assert "Too different." in again.content.decode()


def test_only_a_lead_or_statistician_decides(team, computed, sign_in):
    client = sign_in(team.alice)
    assert client.get(reverse("analysis_new", args=[team.review.uid])).status_code == 404
    assert client.post(reverse("analysis_new", args=[team.review.uid]), {"name": "x"}).status_code == 404
    assert client.post(reverse("correlations", args=[team.review.uid]), {}).status_code == 403


def test_correlations_are_set_with_their_source(team, computed, sign_in):
    client = sign_in(team.dora)
    url = reverse("correlations", args=[team.review.uid])
    missing = client.post(url, {"measure": ["abmd", "z"], "r": ["0.9", ""], "source": ["", ""]})
    assert missing.status_code == 400
    assert "never assumed" in missing.content.decode()
    client.post(url, {"measure": ["abmd", "z"], "r": ["0.9", ""], "source": ["Rossi 2001, arm t", ""]})
    assert [(one.measure, one.r) for one in inputs.correlations(team.dora.viewer)] == [("abmd", 0.9)]
    assert "The final values have changed" in text_of(page(client, team, "synthesis"))
    assert page(client, team, "analyses")


def test_agreement_shows_the_table_first_and_then_the_numbers(team, sign_in):
    released(team, known())
    client = sign_in(team.bob)
    before = text_of(page(client, team, "agreement"))
    assert "Not computed yet" in before
    assert "Compute agreement" in before
    job = agreement.ask(actor=team.dora.viewer)
    jobs.run(str(job.uid), agreement.compute)
    html = page(client, team, "agreement")
    text = text_of(html)
    assert html.index("(columns)") < html.index("Cohen’s kappa")
    assert "17 of 20, 85.0 % 64.0 to 94.8 %" in text
    assert "Cohen’s kappa 0.63 (0.24 to 1.00), PABAK 0.70, AC1 0.75." in text
    assert "Include or maybe" in text


def test_an_open_round_changes_no_page(team, sign_in):
    released(team, known())
    round_ = open_titles(team, 3)
    client = sign_in(team.alice)
    hidden = re.compile(r'value="[0-9a-zA-Z]{32,}"|"X-CSRFToken": "\w+"')
    before = hidden.sub("", page(client, team, "agreement"))
    answer(team.bob, round_, ["include", "exclude", "maybe"])
    assert hidden.sub("", page(client, team, "agreement")) == before
    assert "1 round is not released" in text_of(before)


def test_strangers_get_the_same_404_everywhere(team, computed, client):
    client.force_login(team.eve)
    for name in (*PAGES, "effects_open"):
        assert client.get(reverse(name, args=[team.review.uid])).status_code == 404
    assert client.post(reverse("effects_open", args=[team.review.uid])).status_code == 404


def test_another_reviews_analysis_is_not_found(team, computed, sign_in):
    from tests.conftest import make_team

    other = make_team("Another", prefix="x")
    row = analyses.decide(
        actor=other.dora.viewer, name="Spine", comparison=Comparison(), choice="refuse", reasons=["drug"]
    )
    url = reverse("analysis", args=[team.review.uid, row.uid])
    assert sign_in(team.dora).get(url).status_code == 404
    assert sign_in(team.dora).post(url, {"withdraw": "1", "why": "x"}).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_a_page_needs_few_queries_and_no_more_for_more_studies(team, data, computed, sign_in, name):
    released(team, known())
    open_effects(actor=team.dora.viewer)
    client = sign_in(team.dora)
    page(client, team, name)
    shell = queries(client, reverse("team", args=[team.review.uid]))
    few = queries(client, reverse(name, args=[team.review.uid]))
    assert few - shell <= 12
    more = tuple(replace(one, uid=f"{one.uid}-{n}") for n in range(20) for one in trials().studies)
    data["data"] = dataset(*more)
    job = summaries.ask(actor=team.dora.viewer)
    jobs.run(str(job.uid), summaries.compute)
    assert queries(client, reverse(name, args=[team.review.uid])) <= few


def queries(client: Any, url: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def test_the_step_of_the_road_counts_the_studies_of_the_summary(team, computed, sign_in):
    from synthesis.selectors.stands import steps

    step = next(one for one in steps(team.dora.viewer, team.review) if one.key == "synthesis")
    assert step.stands == "4"


def test_an_observer_reads_and_cannot_decide(team, computed, client):
    seat = reviews.seat_person(actor=team.dora.viewer, user=team.eve, roles=["observer"])
    client.force_login(seat.user)
    assert client.get(reverse("synthesis", args=[team.review.uid])).status_code == 200
    assert client.get(reverse("analysis_new", args=[team.review.uid])).status_code == 404


def get(client: Any, team: Any, name: str, *args: Any) -> Any:
    return client.get(reverse(name, args=[team.review.uid, *args]))


def send(client: Any, team: Any, name: str, data: Any = None, **headers: Any) -> Any:
    url = reverse(name, args=[team.review.uid])
    return client.post(url, data or {}, content_type="application/json", headers=headers)


def test_the_api_shows_effects_once_they_are_opened(team, computed, sign_in):
    client = sign_in(team.alice)
    for name in ("api_summary", "api_harms"):
        assert get(client, team, name).status_code == 403
    assert send(client, team, "api_effects_open").json() == {"opened": True}
    found = get(client, team, "api_summary").json()
    assert found["fresh"] is True
    assert found["counts"]["differences"] == 2
    differences = [row for group in found["change"]["groups"] for row in group["differences"]]
    assert [row["value"] for row in differences] == [8.0, 6.0]
    harms = get(client, team, "api_harms").json()["harms"]["categories"][0]["events"][0]
    assert [row["study"] for row in harms["series"]] == ["Neri 2010"]


def test_the_api_computes_by_job_and_gives_agreement(team, sign_in):
    released(team, known())
    client = sign_in(team.alice)
    assert [part["result"] for part in get(client, team, "api_agreement").json()] == [None, None]
    response = send(client, team, "api_agreement")
    assert response.status_code == 202
    jobs.run(response.json()["job"], agreement.compute)
    stage, round_ = get(client, team, "api_agreement").json()
    assert stage["about"] == "title_abstract"
    assert round_["result"]["pairs"][0]["advancing"]["kappa"]["value"] == pytest.approx(0.625)


def test_the_api_decides_once_for_a_repeated_key_and_refuses_in_words(team, computed, sign_in):
    client = sign_in(team.dora)
    comparison = {"measure": "abmd", "estimand": "mean percent change"}
    body = {"name": "Spine", "choice": "pool", "why": "Alike.", "comparison": comparison}
    first = send(client, team, "api_analyses", body, **{"Idempotency-Key": "k"})
    again = send(client, team, "api_analyses", body, **{"Idempotency-Key": "k"})
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert Analysis.objects.count() == 1
    one = get(client, team, "api_analysis", first.json()["uid"]).json()
    assert one["result"] is None
    assert one["comparison"]["measure"] == "abmd"
    open_effects(actor=team.dora.viewer)
    assert get(client, team, "api_analysis", first.json()["uid"]).json()["result"]["pooled"]["k"] == 2
    alone = body | {"name": "Alone", "comparison": comparison | {"site": "nowhere"}}
    refused = send(client, team, "api_analyses", alone)
    assert refused.status_code == 400
    assert "two studies" in refused.json()["detail"]
    assert send(client, team, "api_analyses", {"name": "x"}).status_code == 400


def test_the_api_gives_strangers_the_one_404(team, computed, client):
    client.force_login(team.eve)
    names = ("api_agreement", "api_summary", "api_harms", "api_analyses")
    bodies = {get(client, team, name).content for name in names}
    assert bodies == {b'{"detail":"Not found."}'}


def test_the_tables_hold_every_number_with_its_source(team, data, computed):
    from reviewapp.pure.tables import to_csv, to_objects
    from synthesis.exports import TABLES

    released(team, known())
    analyses.decide(
        actor=team.dora.viewer,
        name="Spine",
        comparison=Comparison(measure="abmd", estimand="mean percent change"),
        choice="pool",
        why="Alike.",
    )
    rows = {name: list(to_objects(make(team.alice.viewer))) for name, make in TABLES.items()}
    assert all(b"".join(to_csv(make(team.alice.viewer))) for make in TABLES.values())
    control = next(
        row for row in rows["bmd_summary"] if row["study"] == "Rossi 2001" and row["arm_key"] == "c"
    )
    assert control["sd"].startswith("3.4641016")
    assert control["sd_provenance"] == "computed from SE"
    assert "mean=r-c-12-percent_change-mean" in control["finals"]
    between = {row["study"]: row for row in rows["between_groups"]}
    assert between["Rossi 2001"]["difference"] == "8.0"
    assert "Favours the intervention" in between["Conti <b>1999</b>"]["words"]
    assert [row["kind"] for row in rows["harms"]] == ["comparative", "comparative", "case series"]
    assert rows["harms"][0]["exact_low"].startswith("0.2109")
    assert rows["analyses"][0]["k"] == 2
    assert rows["analyses"][0]["fresh"] is True
    pair = next(row for row in rows["agreement"] if row["scheme"] == "advancing")
    assert pair["kappa"].startswith("0.625")
    assert {row["rounds"] for row in rows["agreement"]} == {"1", "all (1)"}


def test_a_study_without_final_values_is_not_said_to_report_no_harms(team, computed, sign_in):
    open_effects(actor=team.dora.viewer)
    text = text_of(page(sign_in(team.dora), team, "harms"))
    assert "Included, no final values yet: Ferri 2008" in text
    silent = text.split("Studies that report no harms")[1].split("Not reported is not zero")[0]
    assert "Conti" in silent
    assert "Ferri" not in silent
