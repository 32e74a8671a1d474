from __future__ import annotations

from typing import Any

from extraction.pure.appraisal import appraisal_form
from extraction.pure.assemble import study_data, unplaced
from extraction.pure.cells import FinalCell
from extraction.pure.compare import auto_finals, compare
from extraction.pure.dataset import StudyData
from extraction.pure.fields import FormSpec
from extraction.pure.validate import check_entry
from tests.extraction.entries import change, payload, preset, row, study, two_arms

FORM = preset("bone_density_children")


def finals_of(form: FormSpec, data: dict[str, Any]) -> tuple[FinalCell, ...]:
    entry = check_entry(form, data, complete=True)
    assert entry.ok, entry.errors
    agreed = auto_finals(compare(form, entry.cells, entry.cells))
    return tuple(
        FinalCell(f"f{i}", cell.group, cell.row_key, cell.field, cell.canonical, cell.status)
        for i, cell in enumerate(agreed)
    )


def finals(**groups: Any) -> tuple[FinalCell, ...]:
    return finals_of(FORM, payload(**{"study": study(), "arms": two_arms(), **groups}))


def built(purpose: Any = "efficacy", **groups: Any) -> StudyData:
    return study_data("u1", "Henderson 2002", purpose, finals(**groups))


def test_a_result_keeps_its_arm_place_numbers_and_finals() -> None:
    given = finals(
        change=[change("c1", "a1", n="6", mean="89", spread_kind="se", spread="21", p_within="<0.05")]
    )
    data = study_data("u1", "Henderson 2002", "efficacy", given)
    arm = data.arms[0]
    assert (arm.label, arm.role, arm.drug, arm.n_randomised) == (
        "pamidronate",
        "intervention",
        "pamidronate",
        6,
    )
    (result,) = data.results
    assert (result.arm_key, result.measure, result.form) == (arm.key, "abmd", "percent_change")
    assert (result.site, result.months, result.n) == ("lateral_distal_femur_1", 18.0, 6)
    assert (result.mean, result.spread_kind, result.spread, result.low) == (89.0, "se", 21.0, None)
    assert (result.p_operator, result.p_value, result.direction) == ("<", 0.05, "not_reported")
    uid = result.finals["mean"]
    assert next(cell.canonical for cell in given if cell.uid == uid) == "89"


def test_bounds_stand_in_for_the_spread() -> None:
    data = built(change=[change("c1", "a1", mean="5", spread_kind="ci95", low="-1", high="11")])
    (result,) = data.results
    assert (result.spread, result.low, result.high, result.spread_kind) == (None, -1.0, 11.0, "ci95")


def test_a_median_is_not_handed_on_as_a_mean() -> None:
    data = built(
        change=[change("c1", "a1", statistic="median", mean="0.5", spread_kind="iqr", low="-0.3", high="1.7")]
    )
    assert (data.results[0].mean, data.results[0].low) == (None, -0.3)


def test_a_spread_whose_kind_is_not_settled_is_left_out() -> None:
    given = finals(change=[change("c1", "a1", mean="89", spread_kind="se", spread="21")])
    data = study_data("u1", "x", "efficacy", [cell for cell in given if cell.field != "spread_kind"])
    assert (data.results[0].spread_kind, data.results[0].spread) == (None, None)


def test_a_value_at_a_time_is_a_result_of_form_value() -> None:
    value = row("e1", arm="a2", measure="z", site="lumbar_spine", months="0", mean="-4.2")
    (result,) = built(endpoint=[value]).results
    assert (result.form, result.months, result.mean, result.n) == ("value", 0.0, -4.2, None)


def test_a_contrast_needs_no_values_of_the_arms() -> None:
    base = {"arm": "a1", "versus": "a2", "measure": "bmc", "form": "value", "site": "lumbar_spine"}
    data = built(contrasts=[row("k1", **base, p_between="<0.005", direction="intervention", adjusted="no")])
    (found,) = data.contrasts
    assert (found.arm_key, found.versus_key) == (data.arms[0].key, data.arms[1].key)
    assert (found.estimate, found.p_operator, found.p_value) == (None, "<", 0.005)
    assert (found.direction, found.adjusted) == ("intervention", False)


def test_not_significant_says_nothing_about_the_direction() -> None:
    base = {"arm": "a1", "versus": "a2", "measure": "abmd", "form": "value", "site": "lumbar_spine"}
    (found,) = built(contrasts=[row("k1", **base, test_result="not_significant")]).contrasts
    assert (found.p_operator, found.p_value, found.direction, found.adjusted) == (
        "ns",
        None,
        "not_reported",
        None,
    )


def harm(key: str, **texts: str) -> dict[str, Any]:
    base = {"arm": "a1", "category": "hypocalcaemia", "event": key, "unit": "children"}
    return row(key, **{**base, **texts})


def test_a_printed_zero_differs_from_a_mention_without_a_number() -> None:
    data = built(
        harms=[
            harm("seizure", status="zero_reported", events="0", n="6"),
            harm("tetany", status="mentioned_without_number"),
            harm("cramp", status="counted", events="2"),
        ]
    )
    assert [(h.event, h.status, h.events, h.n) for h in data.harms] == [
        ("seizure", "zero_reported", 0, 6),
        ("tetany", "mentioned_without_number", None, None),
        ("cramp", "counted", 2, None),
    ]


def test_a_zero_is_a_zero_while_its_number_is_not_settled() -> None:
    given = finals(harms=[harm("seizure", status="zero_reported", events="0")])
    (found,) = study_data("u", "x", "efficacy", [c for c in given if c.field != "events"]).harms
    assert (found.status, found.events) == ("zero_reported", 0)
    rest = [c for c in given if c.field not in {"events", "status"}]
    (open_one,) = study_data("u", "x", "efficacy", rest).harms
    assert (open_one.status, open_one.events) == ("not_reported", None)


def test_a_study_included_for_its_harms_brings_no_bone_outcomes() -> None:
    data = built(
        "harms_only",
        change=[change("c1", "a1", mean="5")],
        harms=[harm("cramp", status="counted", events="2")],
    )
    assert (data.results, data.contrasts, len(data.harms)) == ((), (), 1)


def test_a_row_without_its_arm_is_named_and_left_out() -> None:
    given = finals(change=[change("c1", "a1", mean="5"), change("c2", "a2", mean="6")])
    assert unplaced(given) == ()
    first = next(cell.row_key for cell in given if cell.group == "arms")
    cut = [cell for cell in given if (cell.row_key, cell.field) != (first, "role")]
    data = study_data("u", "x", "efficacy", cut)
    assert [result.mean for result in data.results] == [6.0]
    lost = next(cell.row_key for cell in given if cell.field == "arm" and cell.canonical == first)
    assert unplaced(cut) == (first, lost)
    no_site = [cell for cell in given if cell.field != "site"]
    assert len(unplaced(no_site)) == 2


def test_rows_without_their_placing_fields_are_left_out() -> None:
    base = {"arm": "a1", "versus": "a2", "measure": "bmc", "form": "value", "site": "lumbar_spine"}
    given = finals(
        change=[change("c1", "a1", mean="5")],
        contrasts=[row("k1", **base, direction="neither")],
        harms=[harm("cramp", status="counted", events="2")],
    )
    cut = [cell for cell in given if cell.field not in {"form", "event"}]
    data = study_data("u", "x", "efficacy", cut)
    assert (data.results, data.contrasts, data.harms) == ((), (), ())
    assert len(unplaced(cut)) == 3


def test_a_subset_names_the_arm_it_is_part_of() -> None:
    part = row(
        "a3", label="16 of them", role="intervention", drug="pamidronate", relation="subset", subset_of="a1"
    )
    arms = {arm.label: arm for arm in built(arms=[*two_arms(), part]).arms}
    assert arms["16 of them"].relation == f"subset of {arms['pamidronate'].key}"


def test_the_study_is_described_and_an_unavailable_document_is_not_a_silent_one() -> None:
    rows = study(funding="public")
    rows[0]["cells"]["design_as_reported"] = {"text": "", "status": "document_not_available"}
    rows[0]["cells"]["setting"] = {"text": "", "status": "not_reported"}
    data = built(study=rows)
    assert data.design_as_reported is None
    assert (data.design_as_classified, data.condition_class) == ("rct", "neuromuscular")
    assert data.characteristics["design_as_reported"] == "document not available to us"
    assert data.characteristics["setting"] == "not reported"
    assert data.characteristics["funding"] == "public"


def test_the_appraisal_brings_its_judgements_and_what_follows() -> None:
    judged = finals_of(
        appraisal_form(),
        payload(
            jadad=[
                row(
                    "j",
                    randomised="yes",
                    randomisation_method="not_described",
                    blinded="yes",
                    blinding_method="appropriate",
                    withdrawals="yes",
                )
            ],
            allocation=[row("a", judgement="B")],
        ),
    )
    data = study_data("u", "x", "efficacy", finals(), judged)
    assert data.appraisal["jadad.total"] == "4"
    assert data.appraisal["jadad.words"] == "Jadad 4 of 5 (R 1, B 2, W 1)"
    assert data.appraisal["allocation.judgement"] == "B"


def test_a_study_without_finals_is_empty_not_broken() -> None:
    data = study_data("u", "Lepore 1991", "efficacy", ())
    assert (data.arms, data.results, data.characteristics, data.appraisal) == ((), (), {}, {})
