"""Harms: exact limits, the difference between zero and silence, and what is never added up."""

from dataclasses import replace

import pytest

from extraction.pure.dataset import Arm
from synthesis.pure import harms
from tests.synthesis.studies import CONTROL, DRUG, dataset, harm, study


def event(found: harms.HarmsTable, name: str = "fever") -> harms.EventTable:
    tables = [table for group in found.categories for table in group.events if table.event == name]
    assert len(tables) == 1
    return tables[0]


def row(**fields: object) -> harms.HarmRow:
    return event(harms.tabulate(dataset(study(harms=(harm("t", **fields),))))).rows[0]


def test_no_event_in_forty_two_children_has_two_named_limits() -> None:
    got = row(status="zero_reported", n=42)
    assert got.events == 0
    assert got.rate is not None
    assert got.rate.exact[0] == 0
    assert got.rate.exact[1] == pytest.approx(1 - 0.025 ** (1 / 42))
    assert got.rate.upper_one_sided == pytest.approx(1 - 0.05 ** (1 / 42))
    assert got.rate.rule_of_three == pytest.approx(3 / 42)
    assert got.text == "0 of 42 children: at most 8.4 % (two-sided), 6.9 % (one-sided)"


def test_events_have_an_exact_and_a_wilson_interval() -> None:
    got = row(events=5, n=18)
    assert got.rate is not None
    assert got.rate.exact == pytest.approx((0.09694921252555933, 0.5348019655830561), rel=1e-9)  # R
    assert got.rate.wilson == pytest.approx((0.12499753379553996, 0.5087265656029745), rel=1e-9)
    assert (got.rate.upper_one_sided, got.rate.rule_of_three) == (None, None)
    assert got.text == "5 of 18 children: 27.8 %, 9.7 % to 53.5 %"


def test_silence_is_not_a_zero() -> None:
    silent, mentioned = row(status="not_reported", n=20), row(status="mentioned_without_number", n=20)
    assert (silent.events, silent.rate, silent.text) == (None, None, "Not reported (this is not a zero)")
    assert (mentioned.events, mentioned.text) == (None, "Mentioned without a number")


def test_what_is_not_a_child_gets_no_interval() -> None:
    got = row(events=17, n=204, unit="infusions")
    assert got.rate is None
    assert got.text == "17 of 204 infusions"
    assert "not independent" in got.notes[0]


def test_impossible_and_incomplete_counts_are_said() -> None:
    assert "not possible" in row(events=9, n=8).notes[0]
    assert "number at risk" in row(events=2).notes[0]
    assert row(events=2).text == "2 (children; at risk not printed)"
    assert "Marked as a reported zero" in row(status="zero_reported", events=2, n=9).notes[0]
    with pytest.raises(ValueError, match="at least one child"):
        harms.rate(0, 0)


def test_children_are_added_within_one_event_and_unit_only() -> None:
    one = study(
        harms=(
            harm("t", events=3, n=10),
            harm("c", events=1, n=10),
            harm("t", "myalgia", events=2, n=10),
            harm("t", events=20, n=60, unit="infusions", row_key="h2"),
        )
    )
    two = study("Neri 2004", harms=(harm("t", events=1, n=15), harm("c", status="not_reported")))
    found = harms.tabulate(dataset(one, two))
    tables = [(table.event, table.unit) for table in found.categories[0].events]
    assert tables == [("fever", "children"), ("myalgia", "children"), ("fever", "infusions")]
    fever = found.categories[0].events[0]
    sums = {total.role: (total.arms, total.events, total.n) for total in fever.totals}
    assert sums == {"intervention": (2, 4, 25), "comparator": (1, 1, 10)}
    assert "1 more arms" in (fever.totals[1].note or "")
    assert found.categories[0].events[2].totals[0].n is None
    assert not hasattr(found.categories[0], "totals")


def test_case_series_stand_apart_from_comparisons() -> None:
    series = study("Series 1999", purpose="harms_only", arms=(DRUG,), harms=(harm("t", events=2, n=30),))
    got = event(harms.tabulate(dataset(study(harms=(harm("t", events=3, n=10),)), series)))
    assert [row.study for row in got.rows] == ["Rossi 2001"]
    assert [row.study for row in got.series] == ["Series 1999"]
    assert [(total.kind, total.n) for total in got.totals] == [("comparative", 10), ("case series", 30)]
    assert harms.is_series(study(arms=(DRUG,)))
    assert not harms.is_series(study())


def test_a_subset_and_the_year_before_are_not_counted_again() -> None:
    part = Arm("s", "Subgroup", "intervention", relation="subset of arm t")
    before = replace(CONTROL, relation="period before treatment")
    one = study(
        arms=(DRUG, part, before),
        harms=(harm("t", events=3, n=10), harm("s", events=2, n=4), harm("c", events=0, n=10)),
    )
    got = event(harms.tabulate(dataset(one)))
    assert [(total.role, total.events, total.n) for total in got.totals] == [
        ("intervention", 3, 10),
        ("comparator", None, None),
    ]


def test_studies_that_share_children_are_not_added() -> None:
    one, two = (study(label, harms=(harm("t", events=1, n=9),)) for label in ("A 2001", "B 2003"))
    got = event(harms.tabulate(dataset(one, two), sharing=[{one.uid, two.uid}]))
    assert (got.totals[0].events, got.totals[0].n) == (None, None)
    assert "share children" in (got.totals[0].note or "")


def test_the_same_event_twice_in_one_arm_is_not_added() -> None:
    twice = study(harms=(harm("t", events=1, n=9), harm("t", events=2, n=9, row_key="later")))
    got = event(harms.tabulate(dataset(twice)))
    assert got.totals[0].n is None
    assert "more than once" in (got.totals[0].note or "")


def test_studies_without_any_word_on_harms_are_listed() -> None:
    found = harms.tabulate(
        dataset(
            study("Silent 2000"),
            study("Old 1990", purpose="background", harms=(harm("t", events=1, n=3),)),
            study("Said 2001", harms=(harm("t", status="not_reported"),)),
            study("Told 2002", harms=(harm("t", status="zero_reported", n=5),)),
            without=("Lost 1991",),
        )
    )
    assert found.without_harms == ("Lost 1991", "Silent 2000", "Said 2001")


def test_an_arm_that_is_not_described_keeps_its_key() -> None:
    got = event(harms.tabulate(dataset(study(harms=(harm("x", events=1, n=3),))))).rows[0]
    assert (got.arm, got.drug) == ("x", None)
