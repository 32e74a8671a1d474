"""Readers of citation files: every value kept, nothing guessed in silence, refusals that name the line."""

import pytest

from reviewapp.pure.citations import Limits, UnreadableFile, iter_citations, read
from reviewapp.pure.citations.tables import split_authors
from reviewapp.pure.citations.values import doi_of, pages_of, registry_ids_of, year_of

RIS = """TY  - JOUR
TI  - Zoledronate in children, a trial
AU  - Meyer, Anna
AU  - Okafor, B.
PY  - 2011/03//
JF  - Journal of Bone Tests
VL  - 12
IS  - 3
SP  - 101
EP  - 109
DO  - https://doi.org/10.5555/ABC.1
AB  - First part.
AB  - Copyright notice.
KW  - bone
KW  - child; trial
M1  - NCT01234567
ER  -

TY  - JOUR
T1  - Second
A1  - Lee, C.
Y1  - 2012//
ER  -
"""

NBIB = """PMID- 11111111
OWN - NLM
TI  - A long title that goes
      over two lines.
FAU - Meyer, Anna
AU  - Meyer A
DP  - 2011 Mar
PG  - 101-9
LID - S1234 [pii]
LID - 10.5555/abc.1 [doi]
JT  - Journal of Bone Tests
TA  - J Bone Test
PT  - Journal Article
SI  - ClinicalTrials.gov/NCT01234567

PMID- 22222222
TI  - Second
DP  - 2012
"""

CIW = """FN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Meyer, A
   Okafor, B
TI A title that is
   wrapped
SO JOURNAL OF BONE TESTS
PY 2011
BP 101
EP 109
DI 10.5555/abc.1
UT WOS:0001
ER

PT J
TI Second
ER

EF
"""

ENW = """%0 Journal Article
%A Meyer, Anna
%A Okafor, B
%T A title
%J Journal of Bone Tests
%D 2011
%V 12
%P 101-109
%R 10.5555/abc.1

%0 Book
%T Second
"""


def codes(data: str, name: str = "x.ris") -> list[str]:
    return [problem.code for problem in read(data.encode(), name).problems]


def test_ris_keeps_every_value_of_a_repeated_tag():
    citation = read(RIS.encode(), "x.ris").citations[0]
    assert citation.authors == ("Meyer, Anna", "Okafor, B.")
    assert citation.abstract == "First part.\n\nCopyright notice."
    assert citation.keywords == ("bone", "child", "trial")
    assert [value for tag, value in citation.fields if tag == "AB"] == ["First part.", "Copyright notice."]


def test_ris_names_the_parts_of_a_citation():
    first, second = read(RIS.encode(), "x.ris").citations
    assert (first.title, first.year, first.journal) == (
        "Zoledronate in children, a trial",
        2011,
        "Journal of Bone Tests",
    )
    assert (first.volume, first.issue, first.pages) == ("12", "3", "101-109")
    assert first.doi == "10.5555/abc.1"
    assert first.registry_ids == ("NCT01234567",)
    assert (second.position, second.line, second.title, second.authors) == (2, 19, "Second", ("Lee, C.",))
    assert first.raw.startswith("TY  - JOUR") and first.raw.endswith("ER  -")


def test_ris_reads_one_space_tags_and_tabs_and_two_spaces_after_the_dash():
    text = "TY - JOUR\nTI\t- One\nER -\nTY  -  JOUR\nTI  -  Two\nER  -\n"
    assert [citation.title for citation in read(text.encode(), "x.ris").citations] == ["One", "Two"]


def test_ris_begins_a_new_record_at_ty_when_er_is_missing():
    text = "TY  - JOUR\nTI  - One\nTY  - JOUR\nTI  - Two\nER  - \n"
    assert [citation.title for citation in read(text.encode(), "x.ris").citations] == ["One", "Two"]
    assert codes(text) == ["W_NO_ER"]


def test_ris_keeps_tags_that_stand_before_ty():
    text = "TI  - One\nTY  - JOUR\nER  - \nTY  - JOUR\nTI  - Two\nER  - \n"
    assert [citation.title for citation in read(text.encode(), "x.ris").citations] == ["One", "Two"]
    assert codes(text) == ["W_TY_NOT_FIRST"]


def test_ris_gives_tags_after_the_end_back_to_their_record():
    text = "TY  - JOUR\nTI  - One\nER  -\nNL  - J Test\n\n2.\nTY  - JOUR\nTI  - Two\nER  -\nNL  - J Late\n"
    first, second = read(text.encode(), "x.ris").citations
    assert ("NL", "J Test 2.") in first.fields
    assert ("NL", "J Late") in second.fields
    assert second.title == "Two"


def test_ris_reads_records_without_any_ty():
    text = "TI  - One\nER  - \nTI  - Two\nER  - \n"
    assert len(read(text.encode(), "x.ris").citations) == 2
    assert codes(text) == ["W_NO_TYPE", "W_NO_TYPE"]


def test_ris_joins_a_wrapped_line_and_says_where():
    reading = read(b"TY  - JOUR\nTI  - Broken\nin two\nER  - \n", "x.ris")
    assert reading.citations[0].title == "Broken in two"
    assert [(problem.line, problem.code) for problem in reading.problems] == [(3, "W_CONTINUATION")]


def test_lines_between_records_are_reported_and_not_lost_in_a_record():
    text = "Record #1 of 2\nProvider: X\nTY  - JOUR\nTI  - One\nER  - \n2.\nTY  - JOUR\nTI  - Two\nER  - \n"
    reading = read(text.encode(), "x.ris")
    assert [citation.title for citation in reading.citations] == ["One", "Two"]
    assert [problem.line for problem in reading.problems] == [1, 6]


def test_a_record_without_a_title_is_kept_and_noted():
    reading = read(b"TY  - JOUR\nAU  - A, B\nER  - \n", "x.ris")
    assert reading.citations[0].title == ""
    assert [problem.code for problem in reading.problems] == ["W_NO_TITLE"]


def test_a_record_without_content_is_skipped_and_listed():
    reading = read(b"TY  - JOUR\nER  - \nTY  - JOUR\nTI  - One\nER  - \n", "x.ris")
    assert [citation.position for citation in reading.citations] == [1]
    assert [(problem.line, problem.code) for problem in reading.skipped] == [(1, "W_EMPTY_SKIPPED")]


def test_central_names_its_pubmed_number_in_c2():
    citation = read(b"TY  - JOUR\nTI  - A\nC2  - PUBMED 123\nER  - \n", "x.ris").citations[0]
    assert citation.pmid == "123"


@pytest.mark.parametrize(
    ("text", "year"),
    [("2012///", 2012), ("in press", None), ("20O4", None), ("99999", None), ("4/3/2024", 2024)],
)
def test_a_year_is_read_or_left_unknown(text, year):
    reading = read(f"TY  - JOUR\nTI  - A\nPY  - {text}\nER  - \n".encode(), "x.ris")
    assert reading.citations[0].year == year
    assert [problem.code for problem in reading.problems] == ([] if year else ["W_BAD_YEAR"])


def test_a_citation_without_a_date_has_no_year_and_no_complaint():
    assert codes("TY  - JOUR\nTI  - A\nER  - \n") == []


def test_medline_joins_wrapped_values_and_reads_marked_identifiers():
    first, second = read(NBIB.encode(), "x.nbib").citations
    assert first.title == "A long title that goes over two lines."
    assert (first.pmid, first.doi, first.pages) == ("11111111", "10.5555/abc.1", "101-9")
    assert first.authors == ("Meyer, Anna",)
    assert first.registry_ids == ("NCT01234567",)
    assert second.pmid == "22222222"


def test_medline_text_of_other_producers_is_parted_at_blank_lines():
    text = "OWN - ERIC\nTI  - One\nAU  - A\n\nOWN - ERIC\nTI  - Two\nISSN - 1234-5678\n"
    assert [citation.title for citation in read(text.encode(), "x.nbib").citations] == ["One", "Two"]


def test_a_pubmed_number_with_letters_is_not_used():
    reading = read(b"PMID- 17OOO01\nTI  - A\n", "x.nbib")
    assert reading.citations[0].pmid == ""
    assert [problem.code for problem in reading.problems] == ["W_BAD_ID"]


def test_web_of_science_lists_authors_and_joins_titles():
    first, second = read(CIW.encode(), "x.ciw").citations
    assert first.authors == ("Meyer, A", "Okafor, B")
    assert (first.title, first.pages, first.accession) == ("A title that is wrapped", "101-109", "WOS:0001")
    assert second.title == "Second"


def test_refer_is_parted_at_blank_lines_and_percent_zero():
    first, second = read(ENW.encode(), "x.enw").citations
    assert (first.authors, first.year, first.doi) == (("Meyer, Anna", "Okafor, B"), 2011, "10.5555/abc.1")
    assert second.title == "Second"


def test_a_table_maps_known_columns_and_the_route_of_each_row():
    text = "source_route,authors,year,title,journal,pages,doi,pmid\nhand search,Kim A; Lee B,2004,T,J,1-2,10.5555/x,7\n"
    citation = read(text.encode(), "hand.csv").citations[0]
    assert citation.route == "hand search"
    assert citation.authors == ("Kim A", "Lee B")
    assert (citation.year, citation.pages, citation.doi, citation.pmid) == (2004, "1-2", "10.5555/x", "7")
    assert ("source_route", "hand search") in citation.fields


def test_a_table_in_utf_16_with_tabs_is_read_and_both_guesses_are_told():
    reading = read("title\tauthors\tyear\nTöne\tB\t2001\n".encode("utf-16"), "x.csv")
    assert reading.citations[0].title == "Töne"
    assert [problem.code for problem in reading.problems] == ["W_ENCODING", "W_DELIMITER"]


def test_a_table_keeps_words_that_look_like_missing_values():
    reading = read(b"title,authors,year\nNA,Null N,2001\nnan,None,2002\n", "x.csv")
    assert [citation.title for citation in reading.citations] == ["NA", "nan"]


def test_a_table_keeps_line_breaks_inside_quotes_and_counts_lines():
    reading = read(b'title,authors,abstract\n"A ""b""",X,"one\ntwo"\nC,Y,z\n', "x.csv")
    assert [(c.title, c.line) for c in reading.citations] == [('A "b"', 2), ("C", 4)]


def test_an_embase_preamble_before_the_header_is_skipped_and_told():
    text = 'SEARCH QUERY,"bone:ti"\n-----,\n,\nTitle,Author Names,Publication Year\nOne,Meyer A.,2001\n'
    reading = read(text.encode(), "x.csv")
    assert reading.citations[0].title == "One"
    assert [problem.code for problem in reading.problems] == ["W_PREAMBLE"]


@pytest.mark.parametrize(
    ("data", "name", "code", "words"),
    [
        (b"", "a.ris", "E_EMPTY", "empty"),
        (b" \n ", "a.ris", "E_EMPTY", "empty"),
        (NBIB.encode(), "a.ris", "E_TYPE_MISMATCH", "PubMed"),
        (RIS.encode(), "a.nbib", "E_TYPE_MISMATCH", "RIS"),
        (ENW.encode(), "a.ris", "E_TYPE_MISMATCH", "EndNote"),
        (b"<html><body>no</body></html>", "a.csv", "E_NOT_FORMAT", "HTML"),
        (b"TY  - JOUR\nTI  - a\x00b\nER  - \n", "a.ris", "E_NUL_BYTE", "line 2"),
        (b"title,title,year\nA,B,2001\n", "a.csv", "E_CSV_HEADER", "title"),
        (b"title,year,doi\nA,2001,x\nB, c,2002,y\n", "a.csv", "E_CSV_RAGGED", "line 3"),
        (b'title,year,doi\nA,2001,x\n"B,2002,y\nC,2003,z\n', "a.csv", "E_CSV_UNTERMINATED", "line 3"),
        (b"what is this\n", "a.txt", "E_NOT_FORMAT", "line 1"),
    ],
)
def test_a_refusal_names_the_file_and_what_is_wrong(data, name, code, words):
    with pytest.raises(UnreadableFile) as refusal:
        read(data, name)
    assert refusal.value.code == code
    assert words in refusal.value.message
    assert name in refusal.value.message


def test_two_encodings_in_one_file_are_refused_at_the_first_bad_line():
    data = "TY  - JOUR\nTI  - Köln\nER  - \nTY  - JOUR\n".encode() + "TI  - Köln\nER  - \n".encode("latin-1")
    with pytest.raises(UnreadableFile) as refusal:
        read(data, "a.ris")
    assert refusal.value.line == 5


def test_windows_text_is_read_and_the_guess_is_told():
    reading = read("TY  - JOUR\nTI  - Köln – Zöliakie\nER  - \n".encode("cp1252"), "a.ris")
    assert reading.citations[0].title == "Köln – Zöliakie"
    assert (reading.encoding, reading.problems[0].code) == ("cp1252", "W_ENCODING")


def test_utf_16_without_a_mark_is_read():
    assert read(RIS.encode("utf-16-le"), "a.ris").encoding == "utf-16-le"


def test_old_mac_line_ends_are_read():
    assert len(read(RIS.replace("\n", "\r").encode(), "a.ris").citations) == 2


def test_read_as_overrules_the_name():
    assert len(read(RIS.encode(), "a.nbib", "ris").citations) == 2


def test_a_neutral_name_leaves_the_choice_to_the_content():
    assert [read(text.encode(), "a.txt").format for text in (RIS, NBIB, CIW, ENW)] == [
        "ris",
        "nbib",
        "wos",
        "refer",
    ]


def test_limits_refuse_too_many_bytes_records_or_title_characters():
    for limits, code in (
        (Limits(file_bytes=10), "E_TOO_LARGE"),
        (Limits(records=1), "E_TOO_MANY_RECORDS"),
        (Limits(title_characters=8), "E_FIELD_TOO_LONG"),
    ):
        with pytest.raises(UnreadableFile) as refusal:
            read(RIS.encode(), "a.ris", limits=limits)
        assert refusal.value.code == code


def test_a_repeated_record_is_kept_and_flagged():
    record = "TY  - JOUR\nTI  - One\nER  - \n"
    reading = read((record + record).encode(), "a.ris")
    assert len(reading.citations) == 2
    assert [problem.code for problem in reading.problems] == ["W_DUP_IN_FILE"]


def test_unknown_tags_are_kept_and_named_once():
    text = "TY  - JOUR\nTI  - One\nZZ  - odd\nER  - \nTY  - JOUR\nTI  - Two\nZZ  - odd\nER  - \n"
    assert ("ZZ", "odd") in read(text.encode(), "a.ris").citations[1].fields
    assert codes(text) == ["W_UNKNOWN_TAG"]


def test_disguising_characters_are_taken_out_of_the_title_and_kept_in_the_raw_record():
    reading = read("TY  - JOUR\nTI  - Trial \u202edrow\u202c\nER  - \n".encode(), "a.ris")
    assert reading.citations[0].title == "Trial drow"
    assert "\u202e" in reading.citations[0].raw
    assert [problem.code for problem in reading.problems] == ["W_CONTROL_CHARS"]


def test_iteration_gives_the_same_citations_as_reading():
    assert tuple(iter_citations(RIS.encode(), "a.ris")) == read(RIS.encode(), "a.ris").citations


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("https://doi.org/10.1016/S8756-3282(01)00454-9", "10.1016/s8756-3282(01)00454-9"),
        ("(doi:10.5555/Ab.1).", "10.5555/ab.1"),
        ("10.1002%2Fcncr.1", "10.1002/cncr.1"),
        ("10.1002/(SICI)1097&lt;1::AID&gt;3.0.CO;2-A", "10.1002/(sici)1097<1::aid>3.0.co;2-a"),
        ("10.5555/x</a>", "10.5555/x"),
        ("no identifier", ""),
    ],
)
def test_a_doi_is_found_and_made_regular(text, doi):
    assert doi_of(text) == doi


def test_pages_are_joined_as_printed():
    assert pages_of("644", "651") == "644-651"
    assert pages_of("S228", "") == "S228"
    assert pages_of("644-51", "651") == "644-51"


def test_registry_numbers_are_found_and_not_invented():
    assert registry_ids_of(["Trial NCT 00799266 and isrctn", "ISRCTN12345678"]) == (
        "NCT00799266",
        "ISRCTN12345678",
    )
    assert registry_ids_of(["EudraCT 2009-017649-40"]) == ("2009-017649-40",)
    assert registry_ids_of(["tel. 2009-01764"]) == ()


def test_years_are_read_from_compact_dates():
    assert year_of("Start date: 20170812") == 2017
    assert year_of("12345678") is None


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Griffin DK, Larkin DM, O'Connor RE.", ["Griffin DK", "Larkin DM", "O'Connor RE."]),
        ("Liu, R. and Adler, D. G.", ["Liu, R.", "Adler, D. G."]),
        ("Meyer, Anna; Okafor, B; ", ["Meyer, Anna", "Okafor, B"]),
        ("Meyer, Anna", ["Meyer, Anna"]),
        ("", []),
    ],
)
def test_a_cell_of_names_is_split(cell, names):
    assert split_authors(cell) == names
