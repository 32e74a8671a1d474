"""The checks on every arm-level number of the worked review that was seen in print."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from extraction.pure.validate import EntryCheck, check_entry
from tests.extraction.entries import payload, preset, row, study, two_arms

FORM = preset("bone_density_children")
DATA = Path(os.environ.get("DYAD_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
SITES = {
    "l1": "lumbar_spine_l1_l4",
    "spine": "lumbar_spine",
    "distal femur": "lateral_distal_femur_1",
    "neck": "femoral_neck",
    "shaft": "femoral_shaft",
    "total body": "total_body",
}


class Printed(NamedTuple):
    study: str
    group: str
    texts: dict[str, str]


def printed() -> list[Printed]:
    path = DATA / "bisphosphonates" / "facts.json"
    if not path.exists():
        pytest.skip(f"no folder {DATA}")
    found = []
    for item in json.loads(path.read_text("utf-8"))["studies"]:
        for outcome in item["outcomes"]:
            name = outcome["measure"].lower()
            if outcome["statistic"] == "mean" and outcome["value"] is not None and "bm" in name:
                found.append(read(item["id"], name, outcome))
    return found


def read(study_id: str, name: str, outcome: dict[str, Any]) -> Printed:
    measure = "bmad" if "bmad" in name else "z" if "z" in name.split() or "z-score" in name else "abmd"
    place = (outcome["site"] or "").lower()
    texts = {
        "arm": "a1",
        "measure": measure,
        "site": next((site for words, site in SITES.items() if words in place), "not_stated"),
        "mean": str(outcome["value"]),
    }
    form = "percent_change" if "percent" in name else "z_change" if "change" in name else None
    if form:
        texts["form"] = form
    if outcome["n"]:
        texts["n"] = str(outcome["n"])
    for kind in ("sd", "se"):
        if outcome[kind] is not None:
            texts.update(spread_kind=kind, spread=str(outcome[kind]))
    if outcome["p_within_group"]:
        texts["p_within"] = outcome["p_within_group"]
    return Printed(study_id, "change" if form else "endpoint", texts)


def ask(item: Printed, **changed: str) -> EntryCheck:
    arms = two_arms()
    for arm in arms:
        arm["cells"]["n_randomised"]["text"] = "200"
    rows = {item.group: [row("r", **{**item.texts, **changed})]}
    return check_entry(FORM, payload(study=study(), arms=arms, **rows), complete=True)


@pytest.mark.data
def test_true_numbers_raise_no_question_but_the_one_that_must_be_asked() -> None:
    rows = printed()
    assert len(rows) >= 55
    asked = []
    for item in rows:
        result = ask(item)
        assert result.errors == (), item
        asked += [(item.study, item.texts["mean"], doubt.code) for doubt in result.doubts]
    assert asked == [("bianchi2000", "2.6", "p_recomputed")]


@pytest.mark.data
def test_the_standard_errors_that_must_be_asked_about_as_sd_are() -> None:
    rows = [item for item in printed() if item.texts.get("spread_kind") == "se"]
    hits = [
        item for item in rows if any(doubt.code == "se_as_sd" for doubt in ask(item, spread_kind="sd").doubts)
    ]
    found = {(item.study, item.texts["mean"]) for item in hits}
    assert {("henderson2002", "89"), ("acott2005", "0.63")} <= found
    assert len(hits) >= 0.7 * len(rows)


@pytest.mark.data
def test_a_density_in_thousandths_is_never_taken() -> None:
    rows = [item for item in printed() if item.group == "endpoint" and item.texts["measure"] != "z"]
    assert len(rows) >= 10
    for item in rows:
        thousand = str(Decimal(item.texts["mean"]) * 1000)
        (error,) = ask(item, mean=thousand).errors
        assert "Is it in mg/cm" in error.proposal
