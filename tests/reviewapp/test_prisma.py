"""The sums of the flow, its boxes, its figure, and the cells of the diagram app."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from reviewapp.pure.lettering import lines_of, width_of
from reviewapp.pure.prisma import Counts, Found, Reason, Reports, check, sums
from reviewapp.pure.prisma_app import COLUMNS, app_rows, reasons_cell
from reviewapp.pure.prisma_boxes import flow
from reviewapp.pure.prisma_svg import draw, standalone

SVG = "{http://www.w3.org/2000/svg}"
# 283 database rows less 156 duplicates are 127 records; all six rows of other methods are known already
DEMO = Counts(
    found=(
        Found("Embase", "database", 111),
        Found("Web of Science", "database", 63),
        Found("PubMed", "database", 45),
        Found("CENTRAL", "database", 37),
        Found("CINAHL", "database", 27),
        Found("Expert contact", "other", 4, "experts"),
        Found("Hand search", "other", 2, "hand_search"),
    ),
    duplicates=156,
    records=127,
    screened=127,
    excluded=68,
    already_identified=6,
    databases=Reports(
        sought=59,
        assessed=59,
        excluded=(
            Reason("Published after December 2006", 27),
            Reason("Primary osteoporosis", 9),
            Reason("Not a bisphosphonate", 3),
            Reason("Other indication", 1),
        ),
        included=19,
    ),
    efficacy=8,
    efficacy_reports=9,
    harms_only=10,
    harms_only_reports=10,
    titles_released=True,
    texts_released=True,
)
LONG = "A reason so long that it must be broken into several lines to stay inside its box"
BIG = replace(
    DEMO,
    found=(*DEMO.found, Found("ClinicalTrials.gov", "register", 1)),
    records=128,
    in_rounds=1,
    already_identified=2,
    other_records=4,
    others=Reports(sought=4, not_retrieved=1, assessed=3, excluded=(Reason(LONG, 2), Reason("x" * 90, 1))),
)
UNRELEASED = Counts(found=(Found("MEDLINE", "database", 6),), records=6, in_rounds=6)


@pytest.mark.parametrize("counts", [Counts(), DEMO, BIG, UNRELEASED])
def test_a_sound_flow_passes_every_sum(counts: Counts) -> None:
    assert check(counts) == []
    assert all(one.holds for one in sums(counts))


def test_the_formula_leaves_zeros_out() -> None:
    assert [one.formula for one in sums(DEMO)] == [
        "283 = 156 + 127",
        "127 = 127",
        "127 = 68 + 59",
        "59 = 59",
        "59 = 40 + 19",
        "6 = 6",
        "0 = 0",
        "19 = 9 + 10",
        "19 ≥ 18",
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"duplicates": 155}, "Found = removed + records, databases and registers: 283 ≠ 155 + 127"),
        ({"screened": 126}, "Screened = excluded + conflicts not settled + sought: 126 ≠ 68 + 59"),
        ({"excluded": 67}, "Screened = excluded + conflicts not settled + sought: 127 ≠ 67 + 59"),
        ({"already_identified": 5}, "Found = removed + records, other methods: 6 ≠ 5"),
        ({"efficacy": 12}, "Included reports ≥ included studies: 19 < 22"),
        ({"efficacy_reports": 8}, "Included reports = efficacy + harms only: 19 ≠ 8 + 10"),
        ({"going_on": -1}, "going_on is negative: -1"),
        (
            {"databases": replace(DEMO.databases, assessed=58)},
            "Sought = still sought + not retrieved + not available + assessed, databases and registers: 59 ≠ 58",
        ),
        (
            {"databases": replace(DEMO.databases, excluded=(Reason("A", 20), Reason("A", 20)))},
            "databases: reason listed twice: A",
        ),
    ],
)
def test_every_break_is_said_in_words(change: dict[str, object], words: str) -> None:
    assert words in check(replace(DEMO, **change))


@given(st.sampled_from(["duplicates", "records", "screened", "excluded", "unsettled"]), st.integers(1, 50))
def test_no_number_of_the_screening_can_move_alone(name: str, by: int) -> None:
    assert check(replace(DEMO, **{name: getattr(DEMO, name) + by})) != []


def test_before_release_a_box_says_so_and_gives_no_number() -> None:
    boxes = {box.key: box for box in flow(UNRELEASED).boxes}
    assert boxes["found"].n == 6
    for key in ("screened", "excluded", "sought", "missing", "assessed", "reasons", "included"):
        assert boxes[key].n is None
        assert boxes[key].lines[0].label == "Not released yet"
    assert ("In rounds not released yet", 6) in [(line.label, line.n) for line in boxes["screened"].lines]


def test_the_figure_is_described_in_one_sentence() -> None:
    said = flow(DEMO).described
    assert "283 records" in said
    assert "8 studies included for efficacy and 10 for harms only" in said
    assert "not released" in flow(UNRELEASED).described


@pytest.mark.parametrize("counts", [Counts(), DEMO, BIG, UNRELEASED])
@pytest.mark.parametrize("wide", [True, False])
def test_the_figure_is_sound_svg_that_a_strict_policy_allows(counts: Counts, wide: bool) -> None:
    root = etree.fromstring(standalone(flow(counts), wide=wide).encode())
    assert root.tag == f"{SVG}svg"
    assert root.find(f"{SVG}title").text == "PRISMA 2020 flow"
    assert root.find(f"{SVG}desc").text
    for element in root.iter():
        assert etree.QName(element).localname not in {"script", "style", "foreignObject", "image"}
        assert not [name for name in element.attrib if name == "style" or name.startswith("on")]


def boxes_of(svg: str) -> tuple[list[tuple[float, float, float, float]], list[etree._Element]]:
    root = etree.fromstring(svg.encode())
    boxes = [
        tuple(float(rect.get(name)) for name in ("x", "y", "width", "height"))
        for rect in root.iter(f"{SVG}rect")
        if rect.get("class")
    ]
    return boxes, list(root.iter(f"{SVG}text"))


@pytest.mark.parametrize("counts", [DEMO, BIG, UNRELEASED])
@pytest.mark.parametrize("wide", [True, False])
def test_every_text_stays_inside_the_figure_and_its_box(counts: Counts, wide: bool) -> None:
    boxes, texts = boxes_of(draw(flow(counts), wide=wide))
    for text in texts:
        if text.get("transform"):
            continue
        size, x, y = (float(text.get(name)) for name in ("font-size", "x", "y"))
        width = width_of(text.text, size, bold=text.get("class") == "f-b")
        left = x - width if text.get("text-anchor") == "end" else x
        inside = [
            box
            for box in boxes
            if box[0] <= left
            and left + width <= box[0] + box[2]
            and box[1] <= y - size * 0.7
            and y <= box[1] + box[3]
        ]
        assert inside or size in {13.0, 14.5}, text.text


@pytest.mark.parametrize("counts", [DEMO, BIG, UNRELEASED])
@pytest.mark.parametrize("wide", [True, False])
def test_no_two_boxes_overlap(counts: Counts, wide: bool) -> None:
    boxes, _texts = boxes_of(draw(flow(counts), wide=wide))
    for number, (x, y, width, height) in enumerate(boxes):
        for u, v, other_width, other_height in boxes[number + 1 :]:
            apart = x + width <= u or u + other_width <= x or y + height <= v or v + other_height <= y
            assert apart


@pytest.mark.parametrize("counts", [Counts(), DEMO, UNRELEASED])
def test_a_stage_is_as_tall_as_its_side_label_is_long(counts: Counts) -> None:
    root = etree.fromstring(draw(flow(counts)).encode())
    bands = [rect for rect in root.iter(f"{SVG}rect") if rect.get("x") == "4.0"]
    labels = [text for text in root.iter(f"{SVG}text") if text.get("transform")]
    assert len(bands) == len(labels) == 3
    for band, label in zip(bands, labels, strict=True):
        assert float(band.get("height")) >= width_of(label.text, 12.5, bold=True) + 20


def test_a_box_is_a_link_where_one_is_given_and_its_address_is_escaped() -> None:
    svg = draw(flow(DEMO), links={"found": "/r/?via=database&q=<1>"}, ident="w")
    root = etree.fromstring(svg.encode())
    (link,) = root.iter(f"{SVG}a")
    assert link.get("href") == "/r/?via=database&q=<1>"
    assert link[0].text == "Records from databases"
    assert root.get("role") == "group"
    assert root.get("aria-labelledby") == "w-t w-d"
    assert etree.fromstring(draw(flow(DEMO)).encode()).get("role") == "img"


def test_a_name_is_escaped_in_the_figure() -> None:
    hostile = Counts(found=(Found("<script>&", "database", 1),), records=1, unassigned=1)
    assert "<script>" not in draw(flow(hostile))
    assert "&lt;script&gt;&amp;" in draw(flow(hostile))


def test_the_words_of_the_figure_can_be_translated() -> None:
    told = flow(DEMO, lambda text: f"«{text}»")
    assert told.title == "«PRISMA 2020 flow»"
    assert told.boxes[0].title == "«Records from databases»"


@given(st.text(min_size=1, max_size=120), st.floats(40, 300))
def test_broken_lines_fit_and_lose_nothing(text: str, width: float) -> None:
    lines = lines_of(text, 13.5, width)
    assert "".join(lines).replace(" ", "") == "".join(text.split())
    assert all(width_of(line, 13.5) <= width or len(line) == 1 for line in lines)


def test_the_app_gets_its_keys_once_each_and_every_number() -> None:
    rows = {row[0]: row[-1] for row in app_rows(DEMO) if row[0] != "NA"}
    assert len([row for row in app_rows(DEMO) if row[0] != "NA"]) == len(rows)
    assert COLUMNS == ("data", "node", "box", "description", "boxtext", "tooltips", "url", "n")
    assert rows["database_results"] == "283"
    assert rows["citations_results"] == "6"
    assert rows["dbr_excluded"] == (
        "Published after December 2006, 27; Primary osteoporosis, 9; Not a bisphosphonate, 3; Other indication, 1"
    )
    assert rows["new_studies"] == "18"
    assert rows["new_reports"] == "19"
    assert sorted({row[1] for row in app_rows(DEMO)} - {"NA"}, key=lambda node: int(node[4:])) == [
        f"node{number}" for number in range(1, 23)
    ]


def test_the_app_gets_nothing_that_is_not_released() -> None:
    rows = {row[0]: row[-1] for row in app_rows(UNRELEASED)}
    for key in ("records_screened", "records_excluded", "dbr_assessed", "dbr_excluded", "new_studies"):
        assert rows[key] == ""


@pytest.mark.parametrize(
    "reasons",
    [
        (),
        (Reason("Adults", 4),),
        (Reason("Other", 4),),
        (Reason("Wrong, very; wrong", 2), Reason("Adults", 1)),
    ],
)
def test_a_cell_of_reasons_has_two_pairs_or_more_and_reads_back(reasons: tuple[Reason, ...]) -> None:
    pairs = [re.fullmatch(r"\s*([^,;]+), (\d+)", part) for part in reasons_cell(reasons).split(";")]
    assert len(pairs) >= 2
    assert all(pairs)
    assert sum(int(pair[2]) for pair in pairs if pair) == sum(reason.n for reason in reasons)
    assert len({pair[1] for pair in pairs if pair}) == len(pairs)
