from __future__ import annotations

import dataclasses
import math
import random
from typing import Any

import pytest

from extraction.pure.cells import Cell
from extraction.pure.compare import Comparison, FieldComparison, RowComparison, auto_finals, compare
from extraction.pure.validate import check_entry
from tests.extraction.entries import change, payload, preset, row, study, two_arms

FORM = preset("bone_density_children")
SWAP = {"only_a": "only_b", "only_b": "only_a"}


def cells(**groups: Any) -> tuple[Cell, ...]:
    data = {"study": study(), "arms": two_arms(), **groups}
    return check_entry(FORM, payload(**data), complete=False).cells


def side_b(**groups: Any) -> tuple[Cell, ...]:
    return cells(**{"arms": two_arms("x", "y")[::-1], **groups})


def mirrored(comparison: Comparison) -> Comparison:
    def turn(field: FieldComparison) -> FieldComparison:
        relation = SWAP.get(field.relation, field.relation)
        words = field.words
        if relation != field.relation:
            words = {"Entered only by A.": "Entered only by B."}.get(words, "Entered only by A.")
        return dataclasses.replace(
            field,
            relation=relation,  # type: ignore[arg-type]
            words=words,
            a=field.b,
            b=field.a,
            canonical_a=field.canonical_b,
            canonical_b=field.canonical_a,
        )

    return Comparison(
        tuple(
            RowComparison(r.group, r.row_key, r.row_b, r.row_a, r.label, tuple(map(turn, r.fields)))
            for r in comparison.rows
        )
    )


def both(a: tuple[Cell, ...], b: tuple[Cell, ...]) -> Comparison:
    result = compare(FORM, a, b)
    assert compare(FORM, b, a) == mirrored(result)
    return result


def rows_of(comparison: Comparison, group: str) -> list[RowComparison]:
    return [row for row in comparison.rows if row.group == group]


def relations(row: RowComparison) -> dict[str, str]:
    return {field.field: field.relation for field in row.fields}


def words(row: RowComparison) -> dict[str, str]:
    return {field.field: field.words for field in row.fields}


def one_change(a: dict[str, Any], b: dict[str, Any]) -> RowComparison:
    found = rows_of(both(cells(change=[a]), side_b(change=[b])), "change")
    assert len(found) == 1
    return found[0]


def test_two_equal_entries_agree_on_everything() -> None:
    entry = cells(change=[change("c1", "a1", mean="89", spread_kind="se", spread="21", n="6")])
    result = both(entry, entry)
    assert result.open_fields == 0
    assert result.count("identical") == len(entry) == len(auto_finals(result))
    assert {row.row_a for row in result.rows} == {"s", "a1", "a2", "c1"}


def test_arms_are_matched_by_what_they_are_not_by_their_order_or_key() -> None:
    result = both(cells(), side_b())
    arms = rows_of(result, "arms")
    assert [(row.row_a, row.row_b) for row in arms] == [("a1", "x"), ("a2", "y")]
    assert [row.label for row in arms] == [
        "pamidronate · Intervention · Pamidronate",
        "saline placebo · Comparator · Placebo",
    ]


def test_the_only_comparators_are_one_arm_whatever_they_are_called() -> None:
    other = two_arms("x", "y")
    other[1] = row(
        "y", label="children who were only observed", role="comparator", drug="none", n_randomised="9"
    )
    result = both(cells(), cells(arms=other))
    arms = rows_of(result, "arms")
    assert [(arm.row_a, arm.row_b) for arm in arms] == [("a1", "x"), ("a2", "y")]
    assert relations(arms[1])["drug"] == "different"


def test_an_arm_that_only_one_side_has_stays_alone() -> None:
    subset = row(
        "a3", label="subgroup, year before", role="intervention", drug="pamidronate", n_randomised="3"
    )
    result = both(cells(arms=[*two_arms(), subset]), side_b())
    arms = {arm.row_a: arm for arm in rows_of(result, "arms")}
    assert arms["a3"].row_b is None
    assert set(relations(arms["a3"]).values()) == {"only_a"}


def test_results_are_matched_through_the_arms() -> None:
    a = cells(change=[change("c1", "a1", mean="89"), change("c2", "a2", mean="9")])
    b = side_b(change=[change("k1", "y", mean="9"), change("k2", "x", mean="89")])
    result = both(a, b)
    found = rows_of(result, "change")
    assert [(row.row_a, row.row_b) for row in found] == [("c1", "k2"), ("c2", "k1")]
    assert result.open_fields == 0
    arm = next(item for item in auto_finals(result) if (item.group, item.field) == ("change", "arm"))
    assert arm.canonical == rows_of(result, "arms")[0].row_key
    assert found[0].label == (
        "pamidronate · Areal BMD (g/cm²) · Percent change from baseline · "
        "Lateral distal femur, region 1 (metaphysis) · 18 months"
    )


def test_the_key_of_a_row_stays_when_other_rows_come_or_go() -> None:
    a, b = [change("c1", "a1", mean="89")], [change("k1", "x", mean="88")]
    first = rows_of(compare(FORM, cells(change=a), side_b(change=b)), "change")[0]
    more = [change("c0", "a1", mean="3", months="6"), *a]
    later = rows_of(compare(FORM, cells(change=more), side_b(change=b)), "change")
    assert first.row_key in {row.row_key for row in later}
    assert len({row.row_key for row in later}) == 2


def test_rows_that_look_the_same_keep_different_keys() -> None:
    twice = [change("c1", "a1", mean="5"), change("c2", "a1", mean="6")]
    found = rows_of(both(cells(change=twice), side_b()), "change")
    assert found[1].row_key == found[0].row_key + "-2"


def test_a_variant_of_the_site_is_a_difference_within_one_row() -> None:
    row = one_change(
        change("c1", "a1", mean="5", site="lumbar_spine"),
        change("k1", "x", mean="5", site="lumbar_spine_l1_l4"),
    )
    assert relations(row)["site"] == "different"
    assert "“Lumbar spine L1–L4” against “Lumbar spine, levels not stated”" in words(row)["site"]


def test_one_contradiction_is_bridged_by_the_same_numbers_and_only_by_them() -> None:
    same = one_change(
        change("c1", "a1", mean="89", n="6", months="12"), change("k1", "x", mean="89", n="6", months="18")
    )
    assert relations(same)["months"] == "different"
    apart = both(
        cells(change=[change("c1", "a1", mean="89", months="12")]),
        side_b(change=[change("k1", "x", mean="70", months="18")]),
    )
    assert [(row.row_a, row.row_b) for row in rows_of(apart, "change")] == [("c1", None), (None, "k1")]


def test_results_of_different_arms_are_never_one_row() -> None:
    result = both(
        cells(change=[change("c1", "a1", mean="89")]), side_b(change=[change("k1", "y", mean="89")])
    )
    assert len(rows_of(result, "change")) == 2


def test_an_se_and_the_sd_it_stands_for_are_equivalent_and_show_the_arithmetic() -> None:
    row = one_change(
        change("c1", "a1", mean="9", n="6", spread_kind="se", spread="6"),
        change("k1", "x", mean="9", n="6", spread_kind="sd", spread="14.70"),
    )
    assert 6 * math.sqrt(6) == pytest.approx(14.6969, abs=1e-4)
    assert relations(row)["spread"] == relations(row)["spread_kind"] == "equivalent"
    assert words(row)["spread"] == "The same spread in another form: 6 × √6 = 14.70"
    assert not any(field.agreed for field in row.fields if field.field in {"spread", "spread_kind"})


def test_a_rounded_se_is_the_same_spread_within_rounding() -> None:
    row = one_change(
        change("c1", "a1", mean="9", n="6", spread_kind="se", spread="6"),
        change("k1", "x", mean="9", n="6", spread_kind="sd", spread="15.4"),
    )
    assert relations(row)["spread"] == "within_rounding"
    far = one_change(
        change("c1", "a1", mean="9", n="6", spread_kind="se", spread="6"),
        change("k1", "x", mean="9", n="6", spread_kind="sd", spread="20"),
    )
    assert relations(far)["spread"] == relations(far)["spread_kind"] == "different"


def test_an_interval_and_the_spread_it_stands_for_are_equivalent() -> None:
    # t(.975, 5) = 2.5706; half width 5.1412 = 2.5706 x SE 2.0, and SD = 2.0 x √6 = 4.899
    interval = change("c1", "a1", mean="9", n="6", spread_kind="ci95", low="3.8588", high="14.1412")
    for kind, spread in (("se", "2.00"), ("sd", "4.90")):
        row = one_change(interval, change("k1", "x", mean="9", n="6", spread_kind=kind, spread=spread))
        told = relations(row)
        assert (told["spread"], told["low"], told["high"], told["spread_kind"]) == ("equivalent",) * 4
        assert "(14.1412 − 3.8588) / (2 × 2.571)" in words(row)["spread"]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({}, {"n": "7"}),
        ({"n": ""}, {"n": ""}),
        ({"spread_kind": "unstated"}, {}),
        ({"n": "1"}, {"n": "1"}),
        ({"spread": ""}, {}),
        ({"spread_kind": "ci95", "spread": ""}, {}),
    ],
)
def test_no_spread_is_converted_without_one_known_n_and_a_stated_kind(
    a: dict[str, str], b: dict[str, str]
) -> None:
    row = one_change(
        change("c1", "a1", **{"mean": "9", "n": "6", "spread_kind": "se", "spread": "6", **a}),
        change("k1", "x", **{"mean": "9", "n": "6", "spread_kind": "sd", "spread": "14.70", **b}),
    )
    assert relations(row)["spread_kind"] == "different"


@pytest.mark.parametrize(
    ("a", "b", "relation", "told"),
    [
        ("12.3", "12.30", "equivalent", "The same number, printed with other decimals."),
        ("12.3", "12.34", "within_rounding", "The same after rounding to 12.3."),
        ("12.3", "12.36", "different", "They differ by 0.06."),
        ("1.86", "-1.86", "different", "The same digits with opposite signs."),
        ("0.89", "89", "different", "They differ by a factor of 100: is the unit the same?"),
        ("89", "98", "different", "The same digits in another order."),
        ("0", "5", "different", "They differ by 5."),
    ],
)
def test_two_numbers_are_related_in_words(a: str, b: str, relation: str, told: str) -> None:
    row = one_change(change("c1", "a1", mean=a), change("k1", "x", mean=b))
    assert relations(row)["mean"] == relation
    assert words(row)["mean"] == told


def test_the_more_precise_print_of_an_agreed_number_is_kept() -> None:
    result = compare(
        FORM,
        cells(change=[change("c1", "a1", mean="12.3")]),
        side_b(change=[change("k1", "x", mean="12.30")]),
    )
    final = next(item for item in auto_finals(result) if item.field == "mean")
    assert (final.canonical, final.unit, final.status) == ("12.30", "%", "reported")


def test_two_sds_that_differ_by_root_n_are_pointed_out() -> None:
    row = one_change(
        change("c1", "a1", mean="89", n="6", spread_kind="sd", spread="21"),
        change("k1", "x", mean="89", n="6", spread_kind="sd", spread="51.4"),
    )
    assert words(row)["spread"] == "The ratio is √6: one may be a standard error."


@pytest.mark.parametrize(
    ("a", "b", "relation", "told"),
    [
        ("0.03", "0.030", "equivalent", "The same p-value, printed with other decimals."),
        ("<0.05", "0.003", "different", "=0.003 is one of the values that <0.05 allows."),
        ("<0.05", "<0.01", "different", ""),
        ("NS", "0.3", "different", ""),
        ("NS", "ns", "identical", ""),
        ("<0.01", "0.02", "different", ""),
    ],
)
def test_two_p_values_are_related_in_words(a: str, b: str, relation: str, told: str) -> None:
    row = one_change(change("c1", "a1", p_within=a), change("k1", "x", p_within=b))
    assert (relations(row)["p_within"], words(row)["p_within"]) == (relation, told)


def test_texts_that_differ_in_case_and_spacing_only_are_equivalent() -> None:
    result = both(
        cells(study=study(setting="One centre, Canada")), cells(study=study(setting="one centre  canada"))
    )
    told = relations(rows_of(result, "study")[0])
    assert told["setting"] == "equivalent"
    other = both(cells(study=study(setting="Italy")), cells(study=study(setting="Canada")))
    assert relations(rows_of(other, "study")[0])["setting"] == "different"


def test_a_status_is_an_answer_of_its_own() -> None:
    silent, unavailable = study(), study()
    silent[0]["cells"]["condition"] = {"text": "", "status": "not_reported"}
    unavailable[0]["cells"]["condition"] = {"text": "", "status": "document_not_available"}
    agreed = both(cells(study=silent), cells(study=silent))
    final = next(item for item in auto_finals(agreed) if item.field == "condition")
    assert (final.canonical, final.status) == (None, "not_reported")
    unlike = both(cells(study=silent), cells(study=unavailable))
    told = words(rows_of(unlike, "study")[0])["condition"]
    assert told == "document not available to us against not reported"
    against = both(cells(study=silent), cells())
    assert words(rows_of(against, "study")[0])["condition"] == "not reported against “cerebral palsy”"


def test_the_same_value_from_different_sources_is_agreed_and_says_so() -> None:
    read = change("k1", "x", mean="5")
    read["cells"]["mean"]["status"] = "digitised"
    row = one_change(change("c1", "a1", mean="5"), read)
    mean = next(field for field in row.fields if field.field == "mean")
    assert (mean.agreed, mean.agreed_status) == (True, "reported")
    assert mean.words == "One says digitised from a figure, one reported."


def test_a_field_that_one_side_left_out_is_open() -> None:
    row = one_change(change("c1", "a1", mean="5", n="6"), change("k1", "x", mean="5"))
    assert (relations(row)["n"], words(row)["n"]) == ("only_a", "Entered only by A.")


def test_a_different_arm_in_a_reference_is_a_difference() -> None:
    def subset(of: str) -> dict[str, Any]:
        return row(
            "q",
            label="first year",
            role="intervention",
            drug="pamidronate",
            dose="first year",
            relation="subset",
            subset_of=of,
        )

    result = both(cells(arms=[*two_arms(), subset("a1")]), cells(arms=[*two_arms("x", "y"), subset("y")]))
    told = next(row for row in rows_of(result, "arms") if row.row_a == "q")
    assert words(told)["subset_of"] == "Different arms."


def test_an_empty_entry_can_be_compared() -> None:
    assert compare(FORM, (), ()) == Comparison(())
    assert both(cells(), ()).count("only_a") == len(cells())


def random_entry(rng: random.Random) -> tuple[Cell, ...]:
    keys = rng.sample(["a", "b", "c", "d"], 3)
    arms = [
        row(
            key,
            label=rng.choice(["drug", "control", "drug subset"]),
            role=rng.choice(["intervention", "comparator"]),
            drug=rng.choice(["pamidronate", "placebo"]),
        )
        for key in keys[: rng.randint(1, 3)]
    ]
    used = [arm["row"] for arm in arms]
    changes = [
        change(
            f"c{i}",
            rng.choice(used),
            months=rng.choice(["6", "12", "12.0"]),
            site=rng.choice(["lumbar_spine", "lumbar_spine_l1_l4", "total_body"]),
            mean=rng.choice(["5", "5.0", "-5", "7.25"]),
            n=rng.choice(["6", "7"]),
            spread_kind=rng.choice(["sd", "se"]),
            spread=rng.choice(["6", "14.70", "2"]),
        )
        for i in range(rng.randint(0, 5))
    ]
    harms = [
        row(
            f"h{i}",
            arm=rng.choice(used),
            category=rng.choice(["acute_phase", "allergy"]),
            event=rng.choice(["fever", "high fever", "rash"]),
            unit="children",
            status="counted",
            events=rng.choice(["1", "2"]),
        )
        for i in range(rng.randint(0, 3))
    ]
    return cells(arms=arms, change=changes, harms=harms)


def test_comparison_is_symmetric_deterministic_and_loses_no_cell() -> None:
    rng = random.Random(5)
    for _ in range(300):
        a, b = random_entry(rng), random_entry(rng)
        result = both(a, b)
        assert compare(FORM, a, b) == result
        compared = [field for row in result.rows for field in row.fields]
        assert sum(field.a is not None for field in compared) == len(a)
        assert sum(field.b is not None for field in compared) == len(b)
        keys = [(row.group, row.row_key) for row in result.rows]
        assert len(set(keys)) == len(keys)


def test_an_entry_compared_with_itself_always_agrees() -> None:
    rng = random.Random(6)
    for _ in range(100):
        entry = random_entry(rng)
        result = compare(FORM, entry, entry)
        assert result.open_fields == 0
        assert all(row.row_a == row.row_b for row in result.rows)
