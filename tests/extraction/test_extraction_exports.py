from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from extraction import exports
from extraction.models.entries import Entry
from extraction.services.entries import save_draft, submit
from reviewapp.pure.tables import Table, to_csv, to_objects
from tests.conftest import Team
from tests.extraction.entries import change, payload, row, study, two_arms
from tests.extraction.included import hand_out, include
from tests.extraction.test_dataset import reconcile

pytestmark = pytest.mark.django_db


def whole(**texts: str) -> dict[str, Any]:
    numbers = {"n": "6", "mean": "89", "spread_kind": "se", "spread": "21", **texts}
    return payload(study=study(), arms=two_arms(), change=[change("c1", "a1", **numbers)])


@pytest.fixture
def studies(team: Team) -> dict[str, Any]:
    return include(team, {"Henderson 2002": "efficacy", "Acott 2005": "efficacy"})


def listed(table: Table) -> list[dict[str, Any]]:
    return [dict(row) for row in to_objects(table)]


def bytes_of(table: Table) -> bytes:
    return b"".join(to_csv(table))


def test_entries_hold_my_own_and_what_is_released_to_me(team: Team, studies: dict[str, Any]) -> None:
    handed = hand_out(team, studies)
    nobody = {
        person.user.name: bytes_of(exports.entries(person.viewer)) for person in (team.alice, team.dora)
    }
    submit(actor=team.bob.viewer, unit=handed["Acott 2005"].uid, payload=whole())
    for person in (team.alice, team.dora):
        assert bytes_of(exports.entries(person.viewer)) == nobody[person.user.name]
    mine = listed(exports.entries(team.bob.viewer))
    assert {one["seat"] for one in mine} == {"Bob"}
    mean = next(one for one in mine if one["field"] == "mean")
    assert (mean["as_printed"], mean["value"], mean["number"], mean["unit_text"], mean["page"]) == (
        "89",
        "89",
        "89.000000",
        "%",
        "p. 3",
    )
    submit(actor=team.alice.viewer, unit=handed["Acott 2005"].uid, payload=whole(n="5"))
    both = listed(exports.entries(team.alice.viewer))
    assert {one["seat"] for one in both} == {"Alice", "Bob"}
    assert both[0]["group"] == "study"


def test_finals_name_both_sides_and_are_the_same_for_everyone(team: Team, studies: dict[str, Any]) -> None:
    handed = hand_out(team, studies)
    reconcile(team, handed["Henderson 2002"].uid, whole(), whole(n="5"))
    tables = [
        bytes_of(exports.finals(person.viewer)) for person in (team.alice, team.bob, team.carol, team.dora)
    ]
    assert len(set(tables)) == 1
    (n,) = [
        one
        for one in listed(exports.finals(team.dora.viewer))
        if (one["group"], one["field"]) == ("change", "n")
    ]
    assert {n["a_printed"], n["b_printed"]} == {"5", "6"}
    assert (n["value"], n["origin"], n["relation"]) == (n["a_printed"], "a", "different")
    assert (n["label"], n["settled_by"]) == ("Children analysed", "Carol")


def test_appraisals_hold_items_and_the_score_computed_from_them(team: Team, studies: dict[str, Any]) -> None:
    handed = hand_out(team, {"Henderson 2002": studies["Henderson 2002"]}, "appraisal_2007")
    judged = payload(
        jadad=[
            row(
                "jadad",
                randomised="yes",
                randomisation_method="appropriate",
                blinded="no",
                withdrawals="yes",
            )
        ],
        allocation=[row("allocation", judgement="B")],
    )
    reconcile(team, handed["Henderson 2002"].uid, judged, judged)
    found = listed(exports.appraisals(team.dora.viewer))
    total = next(one for one in found if (one["instrument"], one["item"]) == ("jadad", "total"))
    assert (total["judgement"], total["is_score"]) == ("3", True)
    grade = next(one for one in found if one["instrument"] == "allocation" and not one["is_score"])
    assert (grade["judgement"], grade["words"]) == ("B", "B – Unclear")


def test_the_codebook_has_every_question_once(team: Team, studies: dict[str, Any]) -> None:
    hand_out(team, studies)
    found = listed(exports.codebook(team.alice.viewer))
    assert len({(one["form"], one["group"], one["field"]) for one in found}) == len(found) > 100
    age = next(one for one in found if one["field"] == "age_mean")
    assert (age["unit"], age["hard_max"], age["soft_max"]) == ("years", "25", "18")


def api(client: Client, team: Team, name: str, *args: Any) -> str:
    return reverse(name, args=[team.review.uid, *args])


def test_the_api_takes_two_entries_to_the_dataset(team: Team, studies: dict[str, Any], sign_in: Any) -> None:
    unit = hand_out(team, {"Henderson 2002": studies["Henderson 2002"]})["Henderson 2002"].uid
    json = {"content_type": "application/json"}
    browser = sign_in(team.bob)
    kept = browser.put(
        api(browser, team, "api_entry", unit), {"payload": whole(mean="1,5"), "version": 0}, **json
    )
    assert (kept.json()["version"], kept.json()["errors"][0]["proposal"]) == (1, "Did you mean 1.5?")
    stale = browser.put(api(browser, team, "api_entry", unit), {"payload": whole(), "version": 0}, **json)
    assert stale.status_code == 409
    wrong = browser.post(api(browser, team, "api_entry", unit), {}, **json)
    assert (wrong.status_code, Entry.objects.of_author(team.bob.viewer).count()) == (400, 0)
    assert wrong.json()["errors"]
    key = {"HTTP_IDEMPOTENCY_KEY": "one"}
    first = browser.post(api(browser, team, "api_entry", unit), {"payload": whole()}, **json, **key)
    again = browser.post(api(browser, team, "api_entry", unit), {"payload": whole()}, **json, **key)
    assert first.json() == again.json()
    assert browser.get(api(browser, team, "api_entry_pairs")).json() == []
    assert browser.get(api(browser, team, "api_entry_pair", unit)).status_code == 404
    submit(actor=team.alice.viewer, unit=unit, payload=whole(n="5"))
    pair = browser.get(api(browser, team, "api_entry_pair", unit)).json()
    ((group, key_, field),) = [
        (row["group"], row["row_key"], field["field"])
        for row in pair["rows"]
        for field in row["fields"]
        if not field["agreed"]
    ]
    choice = {"group": group, "row_key": key_, "field": field, "origin": "other", "value": "6", "why": "p. 3"}
    browser.post(api(browser, team, "api_entry_pair", unit), {"choices": [choice]}, **json)
    assert browser.post(api(browser, team, "api_complete", unit), {}, **json).json()["reconciled"]
    data = browser.get(api(browser, team, "api_dataset")).json()
    assert data["studies"][0]["results"][0]["n"] == 6
    assert data["without_values"] == ["Acott 2005"]
    finals = browser.get(api(browser, team, "api_finals")).json()
    assert [one["origin"] for one in finals if one["field"] == "n"] == ["other"]


def test_the_api_shows_strangers_the_one_404(team: Team, studies: dict[str, Any], client: Client) -> None:
    unit = hand_out(team, studies)["Acott 2005"].uid
    client.force_login(team.eve)
    for name in ("api_forms", "api_entries", "api_entry_pairs", "api_finals", "api_dataset"):
        assert client.get(api(client, team, name)).status_code == 404
    for name in ("api_entry", "api_entry_pair"):
        assert client.get(api(client, team, name, unit)).status_code == 404


def test_the_api_shows_nothing_of_the_other_entry(team: Team, studies: dict[str, Any], sign_in: Any) -> None:
    handed = hand_out(team, studies)["Acott 2005"]
    names = [("api_forms",), ("api_entries",), ("api_entry", handed.uid), ("api_entry_pairs",)]
    names += [("api_entry_pair", handed.uid), ("api_finals",), ("api_dataset",), ("api_events",)]

    def seen() -> list[tuple[int, bytes]]:
        browser = sign_in(team.alice)
        answers = [browser.get(api(browser, team, *name)) for name in names]
        return [(one.status_code, one.content) for one in answers]

    before = seen()
    save_draft(actor=team.bob.viewer, unit=handed.uid, payload=whole(), version=0)
    submit(actor=team.bob.viewer, unit=handed.uid, payload=whole())
    assert seen() == before
