"""The plots: what they show, that nothing overflows, and that any text is safe in them."""

import re
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from synthesis.pure import change, plots
from synthesis.pure.forest_rows import Diamond, Forest, ForestGroup, ForestPanel, ForestRow, forest_of
from synthesis.pure.plots import PlotInput, base
from synthesis.pure.plots.direction import Point, draw_direction, points_of
from synthesis.pure.plots.forest import draw_forest
from tests.synthesis.studies import contrast, dataset, result, study

SVG = "{http://www.w3.org/2000/svg}"


def elements(svg: str) -> Any:
    return etree.fromstring(svg.encode())


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in elements(svg).iter(f"{SVG}text")]


def extent(node: Any) -> tuple[float, float]:
    """Left and right end of a text by the widths that the plots measure with."""
    weight: Any = "bold" if node.get("font-weight") else "plain"
    width = base.text_width(node.text or "", float(node.get("font-size")), weight)
    x = float(node.get("x"))
    left = {"start": x, "middle": x - width / 2, "end": x - width}[node.get("text-anchor", "start")]
    return left, left + width


def assert_nothing_overflows(svg: str) -> None:
    root = elements(svg)
    _, _, width, height = (float(part) for part in root.get("viewBox").split())
    boxes = []
    for node in root.iter(f"{SVG}text"):
        left, right = extent(node)
        y = float(node.get("y"))
        assert left >= -0.6, node.text
        assert right <= width + 0.6, node.text
        assert 0 < y <= height
        boxes.append((y, left, right, node.text))
    for index, (y, left, right, text) in enumerate(boxes):
        for other_y, other_left, other_right, other in boxes[index + 1 :]:
            if abs(y - other_y) < 9:
                assert right <= other_left + 0.6 or other_right <= left + 0.6, (text, other)
    for node in root.iter(f"{SVG}line"):
        assert all(-0.6 <= float(node.get(name)) <= width + 0.6 for name in ("x1", "x2"))


def summary() -> change.ChangeSummary:
    spread = {"n": 6, "spread_kind": "se"}
    first = study(
        "Henderson 2002",
        results=(result("t", mean=89, spread=21, **spread), result("c", mean=9, spread=6, **spread)),
    )
    second = study(
        "Bianchi 2000",
        condition_class="chronic illness",
        results=(
            result("t", n=38, mean=14.9, spread_kind="sd", spread=9.8),
            result("c", n=38, mean=-2.6, spread_kind="sd", spread=5.0),
        ),
    )
    third = study("Rudge 2005", results=(result("t", n=10, mean=15.4), result("c", n=8, mean=8.2)))
    fourth = study(
        "Ward 2021",
        contrasts=(
            contrast(measure="z", form="z_change", estimate=0.41, ci_low=0.02, ci_high=0.81, adjusted=True),
            contrast(
                measure="bmc", form="absolute_change", direction="intervention", p_operator="<", p_value=0.05
            ),
        ),
    )
    return change.summarise(dataset(first, second, third, fourth))


def forest() -> Forest:
    return forest_of(summary(), title="Change in BMD", favours=("control", "bisphosphonate"))


@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("name", ["forest", "direction"])
def test_every_plot_is_announced_and_free_of_styles_and_scripts(name: str, wide: bool) -> None:
    plot = plots.find(name)
    assert plot is not None
    svg = plot.draw(PlotInput(summary(), "Change in BMD", ident="a b"), wide)
    root = elements(svg)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "a-b-t a-b-d"
    assert root.find(f"{SVG}title").text == "Change in BMD"
    assert root.find(f"{SVG}desc").get("id") == "a-b-d"
    assert " style=" not in svg
    assert "<script" not in svg
    assert set(re.findall(r"#[0-9a-f]{6}", svg)) <= {base.INK, base.SOFT, base.PAPER}
    assert_nothing_overflows(svg)


def test_the_register_knows_every_plot_once() -> None:
    assert [plot.name for plot in plots.registered()] == ["direction", "forest"]
    assert plots.find("funnel") is None
    with pytest.raises(ValueError, match="registered already"):
        base.register(plots.registered()[0])


def test_the_forest_has_revmans_order_and_no_diamond() -> None:
    svg = draw_forest(forest())
    shown = texts(svg)
    order = ["Study", "Mean", "SD", "n", "Difference [95% CI]", "Henderson 2002", "80.0 [26.1, 133.9]"]
    places = [shown.index(text) for text in order]
    assert places == sorted(places)
    assert "−2.6" in shown
    assert "7.2 [no interval]" in shown
    assert elements(svg).findall(f"{SVG}polygon") == []
    assert "not pooled and there is no diamond" in elements(svg).find(f"{SVG}desc").text
    assert "Bianchi 2000: 17.5 %, 13.9 to 21.1." in elements(svg).find(f"{SVG}desc").text


def test_marks_tell_computed_printed_and_without_interval_apart() -> None:
    root = elements(draw_forest(forest()))
    kinds = [node.get("class") for node in root.iter(f"{SVG}rect")]
    assert sorted(kinds) == ["f-hollow", "f-mark", "f-mark"]
    assert len(root.findall(f"{SVG}circle")) == 1


def test_marks_stand_where_their_numbers_are() -> None:
    """The square of 0.41 must lie between the ends of its whisker in the same proportion as the numbers."""
    panel = [panel for panel in forest().panels if panel.unit == "Z"]
    root = elements(draw_forest(Forest("t", tuple(panel))))
    square = root.find(f"{SVG}rect")
    middle = float(square.get("x")) + float(square.get("width")) / 2
    whisker = next(node for node in root.iter(f"{SVG}line") if node.get("stroke-width") == "1.5")
    low, high = float(whisker.get("x1")), float(whisker.get("x2"))
    assert (middle - low) / (high - low) == pytest.approx((0.41 - 0.02) / (0.81 - 0.02), abs=0.01)
    zero = next(node for node in root.iter(f"{SVG}line") if node.get("class") == "f-zero")
    assert float(zero.get("x1")) < low


def pooled() -> Forest:
    made = forest()
    diamond = Diamond("All studies, REML", 20.0, (5.0, 35.0), (-30.0, 70.0), "HKSJ, t on 2 df")
    rows = tuple(
        replace(group, rows=tuple(replace(row, weight=40.0) for row in group.rows))
        for group in made.panels[0].groups
    )
    return replace(made, panels=(replace(made.panels[0], groups=rows, diamond=diamond), *made.panels[1:]))


@pytest.mark.parametrize("wide", [True, False])
def test_a_pool_that_is_handed_in_becomes_a_diamond_with_its_rule(wide: bool) -> None:
    svg = draw_forest(pooled(), wide=wide)
    assert len(elements(svg).findall(f"{SVG}polygon")) == 1
    words = " ".join(texts(svg))
    assert "20.0 [5.0, 35.0]" in words
    assert "HKSJ, t on 2 df; prediction interval −30.0 to 70.0" in words
    assert "no diamond" not in elements(svg).find(f"{SVG}desc").text
    assert_nothing_overflows(svg)
    alone = replace(pooled().panels[0], diamond=Diamond("All", 1.0, (0.0, 2.0), None, "equal effects"))
    assert "equal effects" in texts(draw_forest(Forest("t", (alone,)), wide=wide))


NASTY = 'Müller & <b>“O\'Neil”</b> "x" \x00\x0b 小児骨粗鬆症 ' + "Donaudampfschifffahrtsgesellschaft" * 4


@pytest.mark.parametrize("wide", [True, False])
def test_hostile_and_endless_text_is_escaped_and_stays_inside(wide: bool) -> None:
    row = ForestRow(
        NASTY, NASTY, ("123456.789", "98765.432", "12345"), ("−123456.789", "–", "–"), 1e6, (-2e6, 4e6)
    )
    panel = ForestPanel(NASTY, "g", 3, (ForestGroup(NASTY, (row, replace(row, ci=None))),), (NASTY, NASTY))
    diamond = replace(panel, diamond=Diamond(NASTY, 1.0, (0.0, 2.0), (-1.0, 3.0), NASTY))
    svg = draw_forest(Forest(NASTY, (panel, diamond), ident='"><script>'), wide=wide)
    assert "<b>" not in svg
    assert "<script" not in svg
    assert elements(svg).find(f"{SVG}title").text.startswith("Müller & <b>")
    assert_nothing_overflows(svg)
    assert_nothing_overflows(
        draw_direction((Point(NASTY, NASTY, "intervention", 60),), title=NASTY, wide=wide)
    )


def test_an_empty_forest_says_so() -> None:
    nothing = change.summarise(dataset())
    for wide in (True, False):
        svg = draw_forest(forest_of(nothing, title="Nothing"), wide=wide)
        assert "No study has a difference" in " ".join(texts(svg))
        assert "No study reports" in " ".join(texts(draw_direction((), title="Nothing", wide=wide)))


def test_directions_come_from_numbers_and_words_never_from_p_values() -> None:
    silent = study("Golden 2005", contrasts=(contrast(p_operator="NS"),))
    got = points_of(
        change.summarise(dataset(silent, study("Even 2001", contrasts=(contrast(estimate=0.0),))))
    )
    assert {(point.study, point.direction) for point in got} == {
        ("Golden 2005", "not_reported"),
        ("Even 2001", "neither"),
    }
    found = {(point.study, point.outcome): point for point in points_of(summary())}
    assert found["Henderson 2002", "aBMD, mean percent change"] == Point(
        "Henderson 2002", "aBMD, mean percent change", "intervention", 12
    )
    assert found["Ward 2021", "BMC, mean change"].direction == "intervention"


def test_results_of_one_study_that_point_both_ways_count_as_neither() -> None:
    rows = (
        contrast(estimate=2.0, se=1.0),
        contrast(estimate=-2.0, se=1.0, months=24, row_key="k2"),
    )
    got = points_of(change.summarise(dataset(study(contrasts=rows))))
    assert [point.direction for point in got] == ["neither"]


@pytest.mark.parametrize("wide", [True, False])
def test_the_four_directions_have_four_signs(wide: bool) -> None:
    points = tuple(
        Point(f"Study {index}", "aBMD, mean change", direction, n)
        for index, (direction, n) in enumerate(
            (("intervention", 60), ("comparator", 30), ("neither", 10), ("not_reported", None))
        )
    )
    svg = draw_direction(points, title="t", wide=wide)
    root = elements(svg)
    assert len(root.findall(f"{SVG}polygon")) == 6  # three in the plot and three in its key
    assert texts(svg).count("?") == 2
    assert "Study 1, aBMD, mean change: favours the comparator." in root.find(f"{SVG}desc").text
    assert_nothing_overflows(svg)


def test_ticks_are_round_and_enclose_the_data() -> None:
    assert base.ticks(-0.2, 1.9) == [-0.5, 0.0, 0.5, 1.0, 1.5, 2.0]
    assert base.ticks(0, 134) == [0.0, 50.0, 100.0, 150.0]
    assert base.ticks(0, 0) == [0.0, 0.2]
    small = base.ticks(-0.0002, 0.0011)
    assert small[0] <= -0.0002
    assert small[-1] >= 0.0011
    with pytest.raises(ValueError, match="finite"):
        base.ticks(0, float("inf"))


def test_text_is_measured_and_broken() -> None:
    assert base.text_width("iiii", 10) < base.text_width("MMMM", 10)
    assert base.text_width("é", 10) == base.text_width("e\u0301", 10) == base.text_width("e", 10)
    assert base.text_width("小", 10) == 10
    assert base.wrapped("one two three", 10, 45) == ["one two", "three"]
    broken = base.wrapped("x" * 40, 10, 50)
    assert "".join(broken) == "x" * 40
    assert all(base.text_width(line, 10) <= 50 for line in broken)
    assert base.wrapped("", 10, 50) == [""]
