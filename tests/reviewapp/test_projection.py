"""What a record shows of its copies, and how two records are set side by side."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from reviewapp.pure.projection import Copy, best_of, fold
from reviewapp.pure.side_by_side import MOST_WORDS, Part, compare

MEDLINE = Copy(
    rank=(0, "MEDLINE", 1, "a"),
    from_database=True,
    title="Pamidronate in children",
    authors=("Glorieux FH", "et al."),
    year=1998,
    doi="10.1/a",
    pmid="1",
    pages="947-52",
    keywords=("Bone", "Child"),
)
EMBASE = Copy(
    rank=(1, "Embase", 4, "b"),
    from_database=True,
    title="PAMIDRONATE IN CHILDREN",
    authors=("Glorieux, F. H.", "Bishop, N. J."),
    year=1999,
    doi="10.1/b",
    pages="947-952",
    abstract="Thirty children.",
    keywords=("bone", "Fracture"),
)
HAND = Copy(rank=(20, "Hand", 1, "c"), from_database=False, year=1999, doi="10.1/b", journal="N Engl J Med")


def test_the_projection_takes_the_best_of_each_copy_in_any_order() -> None:
    results = {best_of(order) for order in permutations((MEDLINE, EMBASE, HAND))}
    (best,) = results
    assert best.title == "Pamidronate in children"
    assert best.authors == ("Glorieux, F. H.", "Bishop, N. J.")
    assert (best.year, best.doi, best.pmid) == (1999, "10.1/b", "1")
    assert (best.pages, best.abstract, best.journal) == ("947-952", "Thirty children.", "N Engl J Med")
    assert best.keywords == ("Bone", "Child", "Fracture")
    assert best.from_database


def test_a_record_found_by_other_methods_alone_says_so() -> None:
    assert not best_of([HAND]).from_database
    assert best_of([HAND, EMBASE]).from_database


def test_a_title_in_capitals_is_better_than_none() -> None:
    assert best_of([EMBASE, HAND]).title == "PAMIDRONATE IN CHILDREN"
    assert best_of([HAND]).title == ""
    assert best_of([replace(HAND, year=None)]).year is None


def test_a_record_without_a_copy_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one copy"):
        best_of([])


def test_the_search_text_holds_every_copy_without_case_and_accents() -> None:
    text = best_of([replace(MEDLINE, title="Étude  du Pamidronate"), EMBASE]).search
    assert "etude du pamidronate" in text
    assert "bishop, n. j." in text and "10.1/a" in text and "10.1/b" in text


@pytest.mark.parametrize(
    ("text", "folded"),
    [("MÜLLER", "muller"), ("Straße", "strasse"), ("스테로이드", "스테로이드"), (" a\n b ", "a b")],
)
def test_folding_keeps_letters_and_drops_what_people_do_not_type(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_punctuation_and_case_make_no_difference_side_by_side() -> None:
    (row,) = compare([("Title", "Bone loss: a trial.", "Bone Loss - A Trial")])
    assert row.same
    assert row.sides == ((Part("Bone loss: a trial.", False),), (Part("Bone Loss - A Trial", False),))


def test_only_the_words_that_differ_are_marked() -> None:
    (row,) = compare([("Title", "Oral alendronate in girls", "Alendronate in young girls")])
    assert not row.same
    assert [part for part in row.left if part.differs] == [Part("Oral", True)]
    assert [part for part in row.right if part.differs] == [Part("young", True)]


def test_an_empty_side_differs_and_marks_nothing() -> None:
    (row,) = compare([("DOI", "", "10.1/a")])
    assert (row.same, row.left, row.right) == (False, (), (Part("10.1/a", False),))


def test_very_long_texts_are_shown_whole() -> None:
    long = "word " * (MOST_WORDS + 1)
    (row,) = compare([("Abstract", long, "another")])
    assert row.left == (Part(long, False),)
