from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from extraction.models.entries import Draft, Entry
from extraction.models.finals import Final
from extraction.selectors import entries, stands
from extraction.services.entries import save_draft, submit
from reviewapp.selectors import road
from tests.conftest import Team
from tests.extraction.entries import change, payload, study, two_arms
from tests.extraction.included import hand_out, include

pytestmark = pytest.mark.django_db

MOST_QUERIES = 12


def whole(**texts: str) -> dict[str, Any]:
    numbers = {"n": "6", "mean": "89", "spread_kind": "se", "spread": "21", **texts}
    return payload(study=study(), arms=two_arms(), change=[change("c1", "a1", **numbers)])


@pytest.fixture
def unit(team: Team) -> Any:
    return hand_out(team, include(team, {"Henderson 2002": "efficacy"}))["Henderson 2002"].uid


def posted(data: dict[str, Any], **more: str) -> dict[str, Any]:
    """A payload as the page sends it."""
    form: dict[str, Any] = {"version": "0", **more}
    for group, rows in data["groups"].items():
        form[f"rows:{group}"] = [row["row"] for row in rows]
        for row in rows:
            for field, cell in row["cells"].items():
                form[f"c:{group}:{row['row']}:{field}"] = cell["text"]
    return form


def page(name: str, team: Team, *args: Any) -> str:
    return reverse(name, args=[team.review.uid, *args])


def words(response: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(text.split())


Enter = Callable[[Any], Any]


def test_the_page_shows_sections_and_grids_and_keeps_a_draft(team: Team, unit: Any, sign_in: Enter) -> None:
    alice = sign_in(team.alice)
    shown = words(alice.get(page("entry", team, unit)))
    for label in ("Study", "Arms", "Change from baseline", "Harms"):
        assert label in shown
    response = alice.post(page("entry", team, unit), posted(whole(mean="12,5"), save="1"))
    assert response.status_code == 302
    again = alice.get(page("entry", team, unit)).content.decode()
    assert 'value="12,5"' in again
    assert "decimal point" in again
    assert "Did you mean 12.5?" in again
    assert Draft.objects.of_author(team.alice.viewer).get().payload["groups"]["arms"][0]["row"] == "a1"


def test_a_wrong_entry_comes_back_with_every_error_and_what_was_typed(
    team: Team, unit: Any, sign_in: Enter
) -> None:
    alice = sign_in(team.alice)
    typed = posted(whole(mean="12,5"), submit="1")
    typed["c:study:s:condition"] = ""
    response = alice.post(page("entry", team, unit), typed, follow=True)
    shown = words(response)
    assert "things to put right" in shown
    assert "“Condition” is needed." in shown
    assert 'value="12,5"' in response.content.decode()
    assert not Entry.objects.of_author(team.alice.viewer).exists()


def test_rows_are_added_copied_and_removed_without_a_script(team: Team, unit: Any, sign_in: Enter) -> None:
    alice, here = sign_in(team.alice), page("entry", team, unit)

    def rows() -> list[str]:
        return [
            row["row"] for row in Draft.objects.of_author(team.alice.viewer).get().payload["groups"]["change"]
        ]

    alice.post(here, posted(whole(), add="change"))
    assert rows() == ["c1", "change-1"]
    added = alice.post(here, posted(whole(), version="1", add="change:c1"))
    assert added.url.endswith("#r-change-change-1")
    copied = Draft.objects.of_author(team.alice.viewer).get().payload["groups"]["change"][1]
    assert copied["cells"]["mean"]["text"] == "89"
    alice.post(here, posted(whole(), version="2", remove="change:c1"))
    assert rows() == []


def test_a_doubt_asks_beside_the_cell_and_can_be_answered(team: Team, unit: Any, sign_in: Enter) -> None:
    alice, here = sign_in(team.alice), page("entry", team, unit)
    typed = whole(spread_kind="sd", spread="0.2")
    alice.post(here, posted(typed))
    shown = alice.get(here).content.decode()
    assert "is it a standard error?" in shown
    assert "SD = SE × √n" in shown
    alice.post(here, posted(typed, version="1", set="change:c1:spread_kind:se"))
    stored = Draft.objects.of_author(team.alice.viewer).get().payload
    assert stored["groups"]["change"][0]["cells"]["spread_kind"]["text"] == "se"


def test_not_reported_is_typed_in_short(team: Team, unit: Any, sign_in: Enter) -> None:
    alice, here = sign_in(team.alice), page("entry", team, unit)
    alice.post(here, posted(whole(n="nr", phase="!not_applicable"), **{"o:change:c1": "computed"}))
    cells = Draft.objects.of_author(team.alice.viewer).get().payload["groups"]["change"][0]["cells"]
    assert cells["n"] == {"text": "", "status": "not_reported"}
    assert cells["phase"] == {"text": "", "status": "not_applicable"}
    assert cells["mean"] == {"text": "89", "status": "computed"}
    assert 'value="NR"' in alice.get(here).content.decode()


def test_a_second_window_keeps_what_it_typed(team: Team, unit: Any, sign_in: Enter) -> None:
    alice, here = sign_in(team.alice), page("entry", team, unit)
    alice.post(here, posted(whole()))
    late = alice.post(here, posted(whole(mean="77")))
    assert late.status_code == 409
    assert "another window" in words(late)
    assert 'value="77"' in late.content.decode()
    assert re.search(r'name="version"\s+value="1"', late.content.decode())


def test_the_script_saves_and_hears_what_is_doubted(team: Team, unit: Any, sign_in: Enter) -> None:
    alice, here = sign_in(team.alice), page("entry", team, unit)
    reply = alice.post(here, posted(whole(mean="1,5"), autosave="1"))
    told = reply.json()
    assert told["version"] == 1
    (wrong,) = [note for note in told["notes"] if note["kind"] == "error"]
    assert (wrong["cell"], wrong["at"]) == ("c-change-c1-mean", "n-change-c1")
    clash = alice.post(here, posted(whole(), autosave="1"))
    assert (clash.status_code, "another window" in clash.json()["detail"]) == (409, True)


def test_two_extractors_go_from_blind_entries_to_finals_through_the_pages(
    team: Team, unit: Any, sign_in: Enter
) -> None:
    bob = sign_in(team.bob)
    response = bob.post(page("entry", team, unit), posted(whole(spread_kind="sd"), submit="1"))
    assert response.url == page("extraction", team)
    assert bob.get(page("reconcile", team, unit)).status_code == 404
    alice = sign_in(team.alice)
    response = alice.post(page("entry", team, unit), posted(whole(), submit="1"))
    assert response.url == page("reconcile", team, unit)
    shown = alice.get(response.url)
    assert "0 of 1 differences settled" in words(shown)
    assert words(shown).count("Another value") == 1
    (name,) = set(re.findall(r'name="f:([^"]+)"', shown.content.decode()))
    open_still = alice.post(response.url, {"complete": "1"})
    assert (open_still.status_code, "1 difference is still open" in words(open_still)) == (400, True)
    wrong = alice.post(response.url, {f"f:{name}": "other", f"v:{name}": "perhaps", f"w:{name}": "p. 3"})
    assert (wrong.status_code, "not one of the answers" in words(wrong)) == (400, True)
    done = alice.post(
        response.url, {f"f:{name}": "other", f"v:{name}": "se", f"w:{name}": "p. 3", "complete": "1"}
    )
    assert done.url == page("extraction", team)
    final = Final.objects.visible_to(team.dora.viewer).get(field="spread_kind")
    assert (final.canonical, final.origin, final.why) == ("se", "other", "p. 3")
    assert "another value: p. 3" in words(sign_in(team.dora).get(page("reconcile", team, unit)))


def test_a_row_that_only_one_has_is_taken_or_left_whole(team: Team, unit: Any, sign_in: Enter) -> None:
    more = whole()
    more["groups"]["change"].append(change("c2", "a1", months="6", mean="30"))
    submit(actor=team.alice.viewer, unit=unit, payload=whole())
    submit(actor=team.bob.viewer, unit=unit, payload=more)
    carol, here = sign_in(team.carol), page("reconcile", team, unit)
    shown = carol.get(here).content.decode()
    taken, left = re.findall(r'name="whole"\s+value="([^"]+)"', shown)
    carol.post(here, {"whole": taken})
    rows = Final.objects.visible_to(team.carol.viewer)
    assert {row.status for row in rows} == {"reported"}
    carol.post(here, {"whole": left})
    latest = {
        row.field: row.status for row in Final.objects.visible_to(team.carol.viewer).order_by("version")
    }
    assert set(latest.values()) == {"left_out"}


def test_the_lead_adds_a_form_and_hands_out(team: Team, sign_in: Enter) -> None:
    include(team, {"Henderson 2002": "efficacy"})
    dora, here = sign_in(team.dora), page("extraction", team)
    dora.post(here, {"preset": "bone_density_children"})
    refused = dora.post(here, {"preset": "bone_density_children"})
    assert (refused.status_code, "already" in words(refused)) == (400, True)
    (form,) = re.findall(r'<option value="([0-9a-f-]{36})">', dora.get(here).content.decode())
    one = dora.post(here, {"form": form, "seats": [str(team.alice.seat.uid)]})
    assert (one.status_code, "two extractors" in words(one)) == (400, True)
    dora.post(here, {"form": form, "seats": [str(team.alice.seat.uid), str(team.bob.seat.uid)]})
    assert [handed.study.label for handed in entries.mine(team.alice.viewer)] == ["Henderson 2002"]
    assert sign_in(team.alice).post(here, {"preset": "harms_series"}).status_code == 403


def test_a_stranger_and_a_foreign_study_get_the_one_404(
    team: Team, unit: Any, client: Any, sign_in: Enter
) -> None:
    paths = [page("entry", team, unit), page("reconcile", team, unit), page("extraction", team)]
    client.force_login(team.eve)
    bodies = {client.get(path).content for path in paths}
    assert {client.get(path).status_code for path in paths} == {404}
    assert len(bodies) == 1
    assert client.post(paths[0], posted(whole())).status_code == 404
    dora = sign_in(team.dora)
    assert {dora.get(path).status_code for path in paths[:2]} == {404}
    assert {dora.get(path).content for path in paths[:2]} == bodies


def test_list_pages_need_few_queries(team: Team, sign_in: Enter) -> None:
    labels = {f"Study {n:02}": "efficacy" for n in range(12)}
    handed = hand_out(team, include(team, labels))
    for one in list(handed.values())[:4]:
        save_draft(actor=team.alice.viewer, unit=one.uid, payload=whole(), version=0)
    for person in (team.alice, team.carol, team.dora):
        browser = sign_in(person)
        with CaptureQueriesContext(connection) as page_and_shell:
            assert browser.get(page("extraction", team)).status_code == 200
        with CaptureQueriesContext(connection) as shell:
            road.all_steps(person.viewer, team.review)
        reads = [one for one in page_and_shell.captured_queries if "SELECT" in one["sql"]]
        assert len(reads) - len(shell) <= MOST_QUERIES
        with CaptureQueriesContext(connection) as step:
            stands.steps(person.viewer, team.review)
        assert len(step) <= 4


def test_forms_carry_a_key_and_sending_twice_is_harmless(team: Team, unit: Any, sign_in: Enter) -> None:
    alice, here = sign_in(team.alice), page("entry", team, unit)
    assert 'name="once"' in alice.get(here).content.decode()
    form = posted(whole(), submit="1", once="k" * 32)
    first, second = alice.post(here, form), alice.post(here, form)
    assert urlsplit(first.url) == urlsplit(second.url)
    assert Entry.objects.of_author(team.alice.viewer).count() == 1


def test_a_submitted_entry_is_shown_and_no_longer_changed(team: Team, unit: Any, sign_in: Enter) -> None:
    submit(actor=team.alice.viewer, unit=unit, payload=whole())
    alice = sign_in(team.alice)
    shown = alice.get(page("entry", team, unit)).content.decode()
    assert "disabled" in shown
    assert "data-entry" not in shown
    alice.post(page("entry", team, unit), posted(whole(mean="1")))
    assert json.dumps(entries.work(team.alice.viewer, unit).payload).count('"89"') == 1
