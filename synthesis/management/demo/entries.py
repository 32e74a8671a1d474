"""From the cells of the facts to the payload of an entry, as an extractor would have typed it.

A cell that only one of the two readings has stands in that entry alone; what the facts of the study say beside the
cells (condition, arms, technique) stands in both. Rows have the same keys in both entries and in the settled values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from synthesis.management.demo import facts

DESIGNS = {
    "RCT": "rct",
    "CCT": "cct",
    "prospective cohort": "prospective_cohort",
    "case-control": "case_control",
}
CONDITIONS = {"neuromuscular": "neuromuscular", "chronic illness": "chronic_illness"}
ROLES = {"experimental": "intervention", "comparator": "comparator"}
ROUTES = {"IV": "iv", "oral": "oral"}
SITES = {
    "lateral distal femur, metaphyseal region": "lateral_distal_femur_1",
    "lumbar spine": "lumbar_spine",
    "lumbar spine L1-L4": "lumbar_spine_l1_l4",
    "total body": "total_body",
}
TESTS = {"not significant": "not_significant", "no difference stated": "not_reported"}
TIMINGS = {"first exposure": "first_dose", "first dosing": "first_dose"}
CATEGORIES = {"serious_adverse_event": "other"}
"""A category of the facts that the form asks as another one, with "serious" beside it."""
POINTS = {1: "not_described", 2: "appropriate"}
"""Points of a Jadad item that is claimed: 1 for the claim alone, 2 with an appropriate method."""
NOT_REPORTED = "!not_reported"
_OF_ARM = {"n_randomised", "n_analysed", "dose"}
"""Fields of an arm; "n_randomised" without an arm is the study's, "p_within" goes to its result."""
_MONTHS = re.compile(r"(\d+) months")
Texts = dict[str, Any]
Side = str
"""Which reading: "a", "b", or "final" for what the pair settled on."""


@dataclass
class Typed:
    """The rows of an entry by group, and why the settled value stands, by (group, row, field or empty)."""

    groups: dict[str, dict[str, Texts]] = field(default_factory=dict)
    whys: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def put(self, group: str, row: str, texts: Texts) -> None:
        """Add answers to a row; what is None is not answered."""
        told = {name: _text(value) for name, value in texts.items() if value is not None and value != ""}
        self.groups.setdefault(group, {}).setdefault(row, {}).update(told)

    def why(self, group: str, row: str, name: str) -> str:
        """Return why a settled value stands: said of the field here, of the field everywhere, or of its row."""
        of_field = self.whys.get(("", "", name.removesuffix("_detail")))
        return self.whys.get((group, row, name)) or of_field or self.whys.get((group, row, ""), "")

    def payload(self, report: str) -> dict[str, Any]:
        """Return the payload, every row read in this report (uid)."""
        return {
            "groups": {
                group: [_row(key, report, texts) for key, texts in rows.items()]
                for group, rows in self.groups.items()
            }
        }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


def _row(key: str, report: str, texts: Texts) -> dict[str, Any]:
    cells = {
        name: {"text": "", "status": text[1:]}
        if text.startswith("!")
        else {"text": text, "status": "reported"}
        for name, text in texts.items()
    }
    return {"row": key, "report": report, "page": "", "quote": "", "cells": cells}


def extraction(told: facts.Fact, side: Side) -> Typed:
    """Return what one reading of a study puts into the extraction form."""
    study = facts.studies()[told["study"]]
    typed = Typed()
    _study(typed, study)
    _arms(typed, study, told, side)
    site = _whole(told, side, "site")
    for place, cell in enumerate(told["cells"]):
        value = cell.get(side)
        if value is None or _not_there(value):
            _keep_why(typed, cell, place)
            continue
        kind = cell["field"]
        if kind in _ROWS:
            group, key, texts = _ROWS[kind](study, cell, value, place, site)
            typed.put(group, key, texts)
        elif kind in _OF_ARM and "arm" in cell:
            typed.put("arms", cell["arm"], {kind: value})
        elif kind in {"design", "n_randomised", "followup_months"}:
            named = "design_as_classified" if kind == "design" else kind
            typed.put("study", "study", {named: DESIGNS.get(value, value) if kind == "design" else value})
        _keep_why(typed, cell, place)
    return typed


def _not_there(value: Any) -> bool:
    return isinstance(value, dict) and value.get("status") in {"not mentioned", "not entered"}


def _keep_why(typed: Typed, cell: facts.Fact, place: int) -> None:
    """Keep the pair's reason where the settled value will stand."""
    why = cell.get("why")
    if not why:
        return
    kind = cell["field"]
    if kind in _ROWS:
        group = _group_of(cell)
        typed.whys[group, f"{group}-{place}", ""] = why
        typed.whys.setdefault(("arms", cell["arm"], ""), why)
    elif "arm" in cell:
        typed.whys["arms", cell["arm"], kind] = why
    elif kind == "site":
        typed.whys["", "", "site"] = why
    else:
        typed.whys["study", "study", "design_as_classified" if kind == "design" else kind] = why


def _whole(told: facts.Fact, side: Side, name: str) -> Any:
    """An answer on the study as a whole; None where the facts have no such cell."""
    return next(
        (cell.get(side) for cell in told["cells"] if cell["field"] == name and "arm" not in cell), None
    )


def _study(typed: Typed, study: facts.Fact) -> None:
    typed.put(
        "study",
        "study",
        {
            "design_as_reported": study["design_as_reported"],
            "condition_class": CONDITIONS[study["condition_class"]],
            "condition": study["condition"],
            "followup_months": study.get("followup_months"),
            "treatment_months": study.get("treatment_months"),
            "co_interventions": study.get("co_interventions"),
        },
    )


def _arms(typed: Typed, study: facts.Fact, told: facts.Fact, side: Side) -> None:
    """The arms that this reading speaks of."""
    named = {
        arm
        for cell in told["cells"]
        if cell.get(side) is not None and not _not_there(cell[side])
        for arm in [*cell.get("arms", ()), *([cell["arm"]] if "arm" in cell else ())]
    }
    for arm in study["arms"]:
        if arm["key"] in named:
            relation = (
                "subset" if "subset_of" in arm else "matched_pairs" if "matched_pairs_with" in arm else ""
            )
            texts = {
                "label": arm["label"],
                "role": ROLES[arm["role"]],
                "drug": arm.get("drug") or _no_drug(study, arm),
                "dose": arm.get("dose"),
                "route": ROUTES.get(arm.get("route", "")),
                "schedule": arm.get("schedule"),
                "relation": relation,
                "subset_of": arm.get("subset_of"),
            }
            typed.put("arms", arm["key"], texts)


def _no_drug(study: facts.Fact, arm: facts.Fact) -> str:
    if arm["role"] == "experimental":
        whole = next(one for one in study["arms"] if one["key"] == arm["subset_of"])
        return str(whole["drug"])
    compared = study["comparator"].casefold()
    if "placebo" in compared:
        return "placebo"
    return "none" if "untreated" in compared else NOT_REPORTED


def _group_of(cell: facts.Fact) -> str:
    if cell["field"] == "result":
        return "endpoint" if cell["form"] == "value" else "change"
    return {"harm": "harms", "contrast": "contrasts"}[cell["field"]]


def _site(cell: facts.Fact, whole: Any) -> Texts:
    words = cell.get("site") or whole
    if not isinstance(words, str):
        return {"site": "not_stated"}
    return {"site": SITES[words], "site_detail": words}


def _technique(study: facts.Fact) -> str | None:
    return "dxa" if study.get("technique") == "DXA" else None


def _result(study: facts.Fact, cell: facts.Fact, value: Any, place: int, site: Any) -> tuple[str, str, Texts]:
    group = _group_of(cell)
    texts = {
        "arm": cell["arm"],
        "measure": cell["measure"],
        "form": cell["form"] if group == "change" else None,
        **_site(cell, site),
        "technique": _technique(study),
        "months": cell["months"],
        "statistic": "mean",
        **{name: value.get(name) for name in ("n", "mean", "spread_kind", "spread")},
        "p_within": _p(_within(study, cell)),
    }
    return group, f"{group}-{place}", texts


def _within(study: facts.Fact, cell: facts.Fact) -> Any:
    """The p against baseline of the row, where the extraction names one for its arm and measure."""
    wanted = ("arm", "measure", "site", "months", "form")
    found: facts.Fact = next(
        (one for one in study["results"] if all(one.get(name) == cell.get(name) for name in wanted)), {}
    )
    named = next(
        (
            one
            for told in facts.extraction()
            if told["study"] == study["id"]
            for one in told["cells"]
            if one["field"] == "p_within" and all(one.get(name) == cell.get(name) for name in wanted[:3])
        ),
        None,
    )
    return found.get("p_within") if named is not None else None


def _p(told: Any) -> str | None:
    if not isinstance(told, dict) or "value" not in told:
        return None
    return f"{told['operator']} {told['value']}"


def _contrast(
    study: facts.Fact, cell: facts.Fact, value: Any, place: int, site: Any
) -> tuple[str, str, Texts]:
    first, second = cell["arms"]
    known: facts.Fact = next(
        (
            one
            for one in study.get("contrasts", ())
            if one["arms"] == cell["arms"] and one["site"] == cell.get("site", one["site"])
        ),
        {},
    )
    time = value.get("time", cell.get("time", ""))
    months = _MONTHS.fullmatch(time)
    direction = value.get("direction", "")
    if direction.startswith("favours"):
        direction = "intervention" if direction == f"favours {first}" else "comparator"
    texts = {
        "arm": first,
        "versus": second,
        "measure": value.get("measure", cell.get("measure")),
        "form": known.get("form", "value"),
        **_site({"site": cell.get("site") or known.get("site")}, site),
        "technique": _technique(study),
        "months": months[1] if months else cell.get("months"),
        "time_detail": "" if months else time,
        "p_between": _p(value.get("p")),
        "test": value.get("test"),
        "test_result": "not_reported" if value.get("status") else TESTS.get(value.get("test_result", "")),
        "direction": direction.replace(" ", "_"),
    }
    return "contrasts", f"contrasts-{place}", texts


def _harm(study: facts.Fact, cell: facts.Fact, value: Any, place: int, _site: Any) -> tuple[str, str, Texts]:
    known = next(
        one for one in study["harms"] if (one["arm"], one["category"]) == (cell["arm"], cell["category"])
    )
    status = value["status"]
    texts = {
        "arm": cell["arm"],
        "category": CATEGORIES.get(cell["category"], cell["category"]),
        "event": known["event"],
        "status": status,
        "events": value.get("events", 0 if status == "zero_reported" else None),
        "n": value.get("n"),
        "unit": known["unit"],
        "timing": TIMINGS.get(known.get("timing", "")),
        "serious": "yes" if cell["category"] in CATEGORIES else None,
    }
    return "harms", f"harms-{place}", texts


_ROWS = {"result": _result, "contrast": _contrast, "harm": _harm}


def appraisal(told: facts.Fact, side: Side) -> Typed | None:
    """Return what one reading of a study puts into the appraisal form; None where nobody judged it."""
    points, grade = _whole(told, side, "jadad"), _whole(told, side, "allocation_concealment")
    if points is None or grade is None:
        return None
    typed = Typed()
    typed.put(
        "jadad",
        "jadad",
        {
            "randomised": "yes" if points["randomization"] else "no",
            "randomisation_method": POINTS.get(points["randomization"]),
            "blinded": "yes" if points["blinding"] else "no",
            "blinding_method": POINTS.get(points["blinding"]),
            "withdrawals": "yes" if points["withdrawals"] else "no",
        },
    )
    typed.put("allocation", "allocation", {"judgement": grade[0]})
    for cell in told["cells"]:
        if cell["field"] == "jadad" and cell.get("why"):
            typed.whys["jadad", "jadad", ""] = cell["why"]
    return typed
