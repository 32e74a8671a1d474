"""Duplicates: the rules of bibliographic sense, one by one."""

import pytest

from reviewapp.pure.matching import Grouping, Item, find_duplicates
from reviewapp.pure.matching.kinds import read_kind
from reviewapp.pure.matching.names import agreement, read_names
from reviewapp.pure.matching.places import (
    compare_journals,
    compare_pages,
    read_journal,
    read_number,
    read_pages,
)
from reviewapp.pure.matching.titles import read_title

TITLE = "Oral risedronate for low bone mass in boys with muscular dystrophy"
PEOPLE = ("Meyer, Anna", "Okafor, Ben", "Lindqvist, Carl")


def item(key: str, **parts) -> Item:
    known = {
        "title": TITLE,
        "authors": PEOPLE,
        "year": 2011,
        "journal": "Journal of Bone Tests",
        "volume": "12",
        "issue": "3",
        "pages": "101-109",
    }
    return Item(key=key, **{**known, **parts})


def outcome(left: Item, right: Item) -> str:
    grouping = find_duplicates([left, right])
    if grouping.groups:
        return "merge"
    return "ask" if grouping.ask else grouping.links[0].link_reason if grouping.links else "apart"


def test_two_styles_of_one_record_are_merged():
    other = item(
        "b",
        title=TITLE.upper() + ".",
        authors=("Meyer A", "Okafor B", "Lindqvist C"),
        journal="J Bone Test",
        pages="101-9",
        doi="10.5555/x",
        pmid="7",
    )
    assert outcome(item("a"), other) == "merge"


def test_a_shared_doi_never_merges_other_titles_on_other_pages():
    left = item("a", doi="10.5555/suppl", pages="S10", title="Vitamin D in winter swimmers of the north")
    right = item("b", doi="10.5555/suppl", pages="S44", title="Falls among retired postal workers")
    assert outcome(left, right) == "apart"


def test_a_shared_doi_with_the_same_title_on_other_pages_is_asked():
    assert (
        outcome(item("a", doi="10.5555/x", pages="10-12"), item("b", doi="10.5555/x", pages="44-52")) == "ask"
    )


def test_one_pubmed_number_merges_two_wordings_of_a_title():
    left = item(
        "a", pmid="7", title="Zoledronic acid vs placebo in glucocorticoid induced osteoporosis of children"
    )
    right = item(
        "b",
        pmid="7",
        title="Zoledronic acid versus placebo in children with glucocorticoid osteoporosis: a trial",
    )
    assert outcome(left, right) == "merge"


def test_two_pubmed_numbers_are_never_merged():
    assert outcome(item("a", pmid="7"), item("b", pmid="8")) == "ask"


def test_different_numbers_in_titles_are_never_merged():
    left = item("a", title=f"{TITLE}: part 1", pages="")
    assert outcome(left, item("b", title=f"{TITLE}: part 2", pages="")) != "merge"
    assert outcome(
        item("a", title=f"{TITLE}: phase II", pages=""), item("b", title=f"{TITLE}: phase III", pages="")
    ) != ("merge")


def test_boys_and_girls_are_not_one_title():
    other = item("b", title=TITLE.replace("boys", "girls"), pages="", volume="")
    assert outcome(item("a", pages="", volume=""), other) != "merge"


def test_a_translated_title_in_the_same_place_by_the_same_people_is_merged():
    left = item("a", title="Osteoporosis en pacientes con movilidad reducida y alendronato")
    right = item("b", title="[Brittle bones when walking little: what a weekly tablet does]")
    assert outcome(left, right) == "merge"


def test_authors_in_another_script_still_agree_with_themselves():
    left = item(
        "a", authors=("홍현기", "김은성"), title="장기 스테로이드 치료의 효과", journal="J Korean Soc Bone"
    )
    right = item("b", authors=("홍현기", "김은성"), title="Effect of long steroid treatment")
    right = Item(
        **{
            **{s: getattr(right, s) for s in right.__slots__},
            "journal": "Journal of the Korean Society of Bone",
        }
    )
    assert outcome(left, right) == "merge"


def test_the_same_editorial_title_in_two_issues_stays_apart():
    left = item("a", title="Editorial", issue="3", pages="1-2")
    assert outcome(left, item("b", title="Editorial", issue="4", pages="99-100")) == "apart"


def test_the_same_editorial_twice_is_merged():
    assert outcome(item("a", title="Editorial"), item("b", title="Editorial.")) == "merge"


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"title": f"Erratum to: {TITLE}", "pages": "300"}, "erratum"),
        ({"title": f"Retraction: {TITLE}", "pages": "300"}, "retraction"),
        ({"title": f"Comment on: {TITLE}", "authors": ("Zhou, X",), "pages": "300"}, "comment or reply"),
        ({"title": f"{TITLE}: study protocol", "journal": "Trials", "pages": "4"}, "protocol and results"),
        (
            {"publication_types": ("Trial registry record",), "pages": "", "volume": ""},
            "registry record and publication",
        ),
        (
            {
                "publication_types": ("Conference Abstract",),
                "journal": "Hormone Days",
                "volume": "3",
                "pages": "S4",
            },
            "conference abstract and paper",
        ),
    ],
)
def test_other_reports_of_a_study_are_linked_and_never_merged(parts, reason):
    assert outcome(item("a"), item("b", **parts)) == reason


def test_a_shared_registry_number_links_two_reports():
    left = item("a", registry_ids=("NCT01234567",))
    right = item(
        "b",
        registry_ids=("NCT01234567",),
        title="Growth and teeth five years on",
        pages="7-9",
        volume="19",
        year=2016,
    )
    assert outcome(left, right) == "same registry id"


def test_a_review_that_names_many_trials_is_linked_to_none_of_them():
    many = tuple(f"NCT0123456{n}" for n in range(8))
    left = item(
        "a", registry_ids=many, title="All trials of bone drugs compared", pages="7-9", volume="19", year=2016
    )
    assert outcome(left, item("b", registry_ids=many[:1])) == "apart"


def test_versions_of_a_cochrane_review_are_linked():
    parts = {
        "journal": "Cochrane Database of Systematic Reviews",
        "pages": "CD001234",
        "volume": "",
        "issue": "",
    }
    left = item("a", doi="10.1002/14651858.cd001234.pub2", **parts)
    assert outcome(left, item("b", doi="10.1002/14651858.cd001234.pub3", **parts)) == "review versions"


def test_the_same_title_and_people_years_apart_is_asked():
    assert outcome(item("a"), item("b", year=2015, volume="16", pages="1-9")) == "ask"


def test_missing_authors_need_title_and_journal_and_year():
    assert outcome(item("a", authors=(), pages=""), item("b", authors=(), pages="")) == "merge"
    assert outcome(item("a", authors=(), pages=""), item("b", authors=(), pages="", year=None)) == "ask"


def test_damaged_pages_contradict_nothing():
    assert outcome(item("a", pages="01-Jun"), item("b")) == "merge"
    assert outcome(item("a", pages="t-8"), item("b")) == "merge"


def test_a_blank_title_is_asked_and_never_merged():
    assert outcome(item("a", title=""), item("b", doi="")) == "ask"


def test_a_chain_does_not_join_what_contradicts():
    bare = item("b", pages="", volume="", issue="", year=None, journal="")
    grouping = find_duplicates(
        [item("a", doi="10.5555/1"), bare, item("c", doi="10.5555/2", pages="300-310")]
    )
    assert [len(group) for group in grouping.groups] == [2]
    assert any(pair.kind == "ask" for pair in grouping.ask)


def test_every_merge_says_why_and_every_contradiction_is_named():
    grouping = find_duplicates([item("a"), item("b", year=2015, volume="16", pages="301-9")])
    said = {part.field: part for part in grouping.ask[0].evidence}
    assert said["pages"].says == "pages differ: 101-109 / 301-9"
    assert said["volume"].weighs == "against"
    assert said["authors"].says == "same authors"
    merged = find_duplicates([item("a", doi="10.5555/1"), item("b", doi="10.5555/1")]).merged_pairs[0]
    assert ("DOI", "same DOI", "for") in [(part.field, part.says, part.weighs) for part in merged.evidence]


def test_the_order_of_the_result_depends_on_the_input_alone():
    items = [item(f"k{n}", title=f"{TITLE} {n // 2}", pages=f"{n // 2}01-{n // 2}09") for n in range(12)]
    first: Grouping = find_duplicates(items)
    assert first == find_duplicates(items)
    assert [group[0] for group in first.groups] == ["k0", "k2", "k4", "k6", "k8", "k10"]


def test_a_key_used_twice_is_an_error():
    with pytest.raises(ValueError, match="key"):
        find_duplicates([item("a"), item("a")])


def test_nothing_gives_nothing():
    assert find_duplicates([]) == Grouping((), (), (), ())


def test_thousands_of_equal_titles_are_not_compared_all_with_all():
    items = [item(f"k{n}", title="Editorial", volume=str(n), authors=(f"Name{n}, A",)) for n in range(3000)]
    assert find_duplicates(items).groups == ()


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("644-51", "644", "651"),
        ("644‐51", "644", "651"),
        ("c81-c87", "c81", "c87"),
        ("225e242", "225", "242"),
        ("376 -- 383", "376", "383"),
        ("pp 37-64", "37", "64"),
        ("S228", "s228", ""),
    ],
)
def test_pages_are_expanded(text, first, last):
    pages = read_pages(text)
    assert pages is not None
    assert (pages.first, pages.last) == (first, last)


@pytest.mark.parametrize("text", ["", "UNKNOWN", "01-Jun", "t-8", "Suppl-29", "146p", "in press"])
def test_pages_that_say_nothing_are_unknown(text):
    assert read_pages(text) is None


def test_pages_agree_contradict_or_stay_silent():
    assert compare_pages(read_pages("101-109"), read_pages("101")) is True
    assert compare_pages(read_pages("101-109"), read_pages("300-309")) is False
    assert compare_pages(read_pages("1-6"), read_pages("300-309")) is None
    assert compare_pages(read_pages("e5222"), read_pages("300-309")) is None


@pytest.mark.parametrize(
    ("left", "right", "answer"),
    [
        ("J Korean Soc Pediatr Nephrol", "Journal of the Korean Society of Pediatric Nephrology", True),
        ("BMJ", "British Medical Journal", True),
        ("Arthritis & rheumatism", "Arthritis and Rheumatism", True),
        ("OSTEOPOR IN", "Osteoporosis International", True),
        ("Bone", "Bone Marrow Transplantation", None),
        ("Bone", "", None),
        ("PLoS ONE", "Journal of Clinical Oncology", False),
        ("Blood. Conference: 53rd Annual Meeting", "Blood", True),
    ],
)
def test_journals_are_compared_through_abbreviations(left, right, answer):
    assert compare_journals(read_journal(left), read_journal(right)) is answer


def test_volumes_are_read_as_numbers():
    assert [read_number(text) for text in ("28", "28 (5 Suppl)", "v10", "Jun-01", "UNKNOWN")] == [
        "28",
        "28",
        "10",
        "",
        "",
    ]


@pytest.mark.parametrize(
    ("authors", "surnames"),
    [
        (("Adeli K.Lewis G. F.",), ["adeli", "lewis"]),
        (("Henderson RC", "et al."), ["henderson"]),
        (("Van Der Kamp, S.",), ["vanderkamp"]),
        (("Björn A. Blomberg",), ["blomberg"]),
        (("Meyer, Anna and Okafor, Ben",), ["meyer", "okafor"]),
        (("R.C. Henderson",), ["henderson"]),
        (("",), []),
    ],
)
def test_surnames_are_found_in_every_order(authors, surnames):
    assert [name.surname for name in read_names(authors)] == surnames


def test_names_agree_when_family_and_given_name_are_exchanged():
    assert agreement(read_names(["Wei Zhang"]), read_names(["Wei, Zhang"])) == 1.0
    assert agreement(read_names([]), read_names(["Wei, Zhang"])) is None


def test_titles_lose_markup_and_remarks_and_keep_numbers():
    assert read_title("<i>Effects</i> of X &amp; Y [Review] [33 refs]").spaced == "effects of x y"
    assert read_title("Trial of X, phase II").numbers == {"2"}
    assert read_title("[Wirkung von X].").foreign
    assert read_title("Editor's comments").generic


def test_an_ordinary_title_that_begins_with_correction_is_no_erratum():
    assert read_kind(Item("a", title="Correction of leg length in children")).notice == ""
    assert read_kind(Item("a", title="Correction: leg length in children")).notice == "erratum"
