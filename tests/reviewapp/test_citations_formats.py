"""Readers that stand on a library: BibTeX, EndNote XML, PubMed XML, workbooks; and Ovid text."""

import io
import zipfile

import openpyxl
import pytest

from reviewapp.pure.citations import Limits, UnreadableFile, read
from reviewapp.pure.citations.bibtex import plain_text, split_names

BIB = """@string{jbt = {Journal of Bone Tests}}
@comment{not an entry}
@article{key1,
  title = {{Zoledronate} in children: {\\'E}tude of M{\\"u}ller \\& sons},
  author = {Meyer, Anna and {Food and Drug Administration} and Okafor, Ben},
  journal = jbt,
  year = 2011, volume = {12}, number = {3}, pages = {101--109},
  doi = {https://doi.org/10.5555/ABC.1},
  keywords = {bone; child},
}
@article{key1,
  title = "Same key, other paper", year = {2012}, month = jan # " 3"
}
@article{key with space, title = {Third}, year = {2013}}
"""

ENDNOTE = """<?xml version="1.0" encoding="UTF-8"?>
<xml><records><record>
<rec-number>1</rec-number><ref-type name="Journal Article">17</ref-type>
<contributors><authors><author><style face="normal">Meyer, Anna</style></author>
<author><style>Okafor, B</style></author></authors></contributors>
<titles><title><style face="normal">Zoledronate </style><style face="italic">in vivo</style></title>
<secondary-title><style>Journal of Bone Tests</style></secondary-title></titles>
<pages><style>101-109</style></pages><volume>12</volume><number>3</number>
<keywords><keyword>bone</keyword><keyword>child</keyword></keywords>
<dates><year><style>2011</style></year></dates>
<electronic-resource-num>10.5555/ABC.1</electronic-resource-num>
<accession-num>11111111</accession-num><remote-database-name>PubMed</remote-database-name>
</record><record><rec-number>2</rec-number><titles><title>Second</title></titles></record></records></xml>
"""

PUBMED = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" "pubmed.dtd">
<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID Version="1">11111111</PMID><Article>
<Journal><Title>Journal of Bone Tests</Title><JournalIssue><Volume>12</Volume><Issue>3</Issue>
<PubDate><MedlineDate>2011 Mar-Apr</MedlineDate></PubDate></JournalIssue></Journal>
<ArticleTitle>Effects of <i>in vivo</i> zoledronate</ArticleTitle>
<Pagination><MedlinePgn>101-9</MedlinePgn></Pagination>
<Abstract><AbstractText Label="AIM">To see.</AbstractText><AbstractText>It was seen.</AbstractText></Abstract>
<AuthorList><Author><LastName>Meyer</LastName><ForeName>Anna</ForeName></Author>
<Author><CollectiveName>Bone Group</CollectiveName></Author></AuthorList>
<Language>eng</Language>
<DataBankList><DataBank><AccessionNumberList><AccessionNumber>NCT01234567</AccessionNumber></AccessionNumberList>
</DataBank></DataBankList>
<PublicationTypeList><PublicationType>Journal Article</PublicationType></PublicationTypeList>
</Article></MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType="doi">10.5555/abc.1</ArticleId>
<ArticleId IdType="pmc">PMC123456</ArticleId></ArticleIdList>
<ReferenceList><Reference><ArticleIdList><ArticleId IdType="doi">10.9999/other</ArticleId></ArticleIdList>
</Reference></ReferenceList></PubmedData></PubmedArticle></PubmedArticleSet>
"""

OVID_TAGS = """<3. >
VN  - Ovid Technologies
AU  - Meyer, Anna MD, MPH 1
AU  - Okafor, Ben 2,+
TI  - Zoledronate in children.  [Article]
SO  - Journal of Bone Tests August 2011;12(3):101-109
DI  - 10.5555/abc.1

<5. >
TI  - Second
"""

OVID_LABELS = """<8>
Author
  Meyer, Anna 1;  Okafor, Ben 1
Title
  Zoledronate in children, a title
  on two lines.
Source
  Journal of Bone Tests.   12(3):101-109, August 2011.
Abstract
  Text.
DOI Number
  10.5555/abc.1
"""


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def refused(data: bytes, name: str, **options) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as refusal:
        read(data, name, **options)
    return refusal.value


def test_bibtex_keeps_entries_with_a_repeated_key_or_a_key_with_blanks():
    titles = [citation.title for citation in read(BIB.encode(), "x.bib").citations]
    assert titles == ["Zoledronate in children: Étude of Müller & sons", "Same key, other paper", "Third"]


def test_bibtex_names_parts_and_resolves_strings():
    first, second, _ = read(BIB.encode(), "x.bib").citations
    assert first.authors == ("Meyer, Anna", "Food and Drug Administration", "Okafor, Ben")
    assert (first.journal, first.year, first.pages, first.doi) == (
        "Journal of Bone Tests",
        2011,
        "101--109",
        "10.5555/abc.1",
    )
    assert ("month", "January 3") in second.fields
    assert first.line == 3


def test_bibtex_reads_an_entry_that_is_never_closed_and_says_so():
    text = "@article{a,\n  title = {Open {brace},\n  year = {2001},\n\n@article{b,\n  title = {Next},\n}\n"
    reading = read(text.encode(), "x.bib")
    assert [(c.title, c.year) for c in reading.citations] == [("Open brace", 2001), ("Next", None)]
    assert "W_REPAIRED" in {problem.code for problem in reading.problems}


def test_tex_becomes_plain_text():
    assert plain_text(r"Garc{\'i}a, Jos\'{e} \o{} \textit{in vivo} {\ss}") == "García, José ø in vivo ß"
    assert split_names("{A and B} and Lee, C") == ["A and B", "Lee, C"]


def test_endnote_xml_joins_styled_runs_and_keeps_every_leaf():
    first, second = read(ENDNOTE.encode(), "x.xml").citations
    assert first.title == "Zoledronate in vivo"
    assert first.authors == ("Meyer, Anna", "Okafor, B")
    assert (first.journal, first.volume, first.issue, first.pages, first.year) == (
        "Journal of Bone Tests",
        "12",
        "3",
        "101-109",
        2011,
    )
    assert (first.doi, first.pmid, first.keywords) == ("10.5555/abc.1", "11111111", ("bone", "child"))
    assert ("rec-number", "1") in first.fields
    assert second.title == "Second"


def test_pubmed_xml_takes_the_articles_own_identifiers_and_not_those_of_its_references():
    citation = read(PUBMED.encode(), "x.xml").citations[0]
    assert (citation.doi, citation.pmid, citation.pmcid) == ("10.5555/abc.1", "11111111", "PMC123456")
    assert citation.title == "Effects of in vivo zoledronate"
    assert citation.authors == ("Meyer, Anna", "Bone Group")
    assert citation.abstract == "AIM: To see.\n\nIt was seen."
    assert (citation.year, citation.registry_ids) == (2011, ("NCT01234567",))
    assert ("ArticleTitle", "Effects of in vivo zoledronate") in citation.fields


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (PUBMED[:-120], "E_XML_MALFORMED", "line"),
        (
            '<?xml version="1.0"?>\n<!DOCTYPE PubmedArticleSet [<!ENTITY x SYSTEM "x.txt">]><PubmedArticleSet/>',
            "E_XML_UNSAFE",
            "entities in line 2",
        ),
        (
            '<?xml version="1.0"?><xml>' + "<records>" * 300 + "</records>" * 300 + "</xml>",
            "E_XML_UNSAFE",
            "deep",
        ),
        ('<?xml version="1.0"?><other/>', "E_NOT_FORMAT", "XML of another kind"),
    ],
)
def test_unsafe_or_broken_xml_is_refused(text, code, words):
    refusal = refused(text.encode(), "x.xml")
    assert refusal.code == code
    assert words in refusal.message


def test_xml_in_another_encoding_than_it_declares_is_refused_at_its_line():
    text = '<?xml version="1.0" encoding="UTF-8"?>\n<xml><records><record><titles><title>Köln</title>'
    refusal = refused((text + "</titles></record></records></xml>").encode("latin-1"), "x.xml")
    assert (refusal.code, refusal.line) == ("E_ENCODING", 2)


def test_ovid_tags_lose_degrees_and_give_place_from_the_source():
    first, second = read(OVID_TAGS.encode(), "x.txt").citations
    assert first.authors == ("Meyer, Anna", "Okafor, Ben")
    assert (first.title, first.year, first.volume, first.issue, first.pages) == (
        "Zoledronate in children.",
        2011,
        "12",
        "3",
        "101-109",
    )
    assert "Article" in first.publication_types
    assert second.title == "Second"


def test_ovid_labels_are_read():
    citation = read(OVID_LABELS.encode(), "x.txt").citations[0]
    assert citation.title == "Zoledronate in children, a title on two lines."
    assert citation.authors == ("Meyer, Anna", "Okafor, Ben")
    assert (citation.journal, citation.volume, citation.pages, citation.doi) == (
        "Journal of Bone Tests",
        "12",
        "101-109",
        "10.5555/abc.1",
    )


def test_a_workbook_is_read_with_numbers_as_printed():
    data = workbook(
        ("My export",), ("Title", "Authors", "Year", "Volume"), ("One", "A; B", 2011.0, 12.0), (None,) * 4
    )
    citation = read(data, "x.xlsx").citations[0]
    assert (citation.title, citation.authors, citation.year, citation.volume) == (
        "One",
        ("A", "B"),
        2011,
        "12",
    )
    assert citation.line == 3


def test_a_workbook_without_known_columns_is_refused():
    assert refused(workbook(("a", "b"), (1, 2)), "x.xlsx").code == "E_CSV_HEADER"


def test_a_workbook_named_csv_is_refused_as_a_workbook():
    refusal = refused(workbook(("Title", "Year"), ("One", 2001)), "x.csv")
    assert (refusal.code, refusal.looks_like) == ("E_TYPE_MISMATCH", "xlsx")
    assert "Excel" in refusal.message


def test_a_workbook_that_unpacks_a_thousandfold_is_refused_before_unpacking():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/sheet.xml", b"0" * 5_000_000)
    assert refused(stream.getvalue(), "x.xlsx").code == "E_ZIP_BOMB"


def test_a_damaged_workbook_is_refused():
    assert refused(workbook(("Title", "Year"), ("One", 2001))[:600], "x.xlsx").code == "E_XLSX_DAMAGED"


def test_text_is_not_read_as_a_workbook():
    assert refused(b"title,year\nA,2001\n", "x.csv", read_as="xlsx").code == "E_TYPE_MISMATCH"


@pytest.mark.parametrize(
    ("data", "looks"), [(b"%PDF-1.4\n%", "pdf"), (b"PK\x03\x04", "zip"), (b"\xd0\xcf\x11\xe0", "xls")]
)
def test_files_that_hold_no_citations_are_named(data, looks):
    refusal = refused(data + b"\0" * 40, "x.dat")
    assert refusal.looks_like == looks


def test_an_unknown_wish_is_refused():
    assert refused(b"TY  - JOUR\nER  - \n", "x.ris", read_as="marc").code == "E_NOT_FORMAT"


def test_a_very_long_abstract_is_kept_whole_and_named():
    text = f"TY  - JOUR\nTI  - A\nAB  - {'x' * 500}\nER  - \n"
    reading = read(text.encode(), "x.ris", limits=Limits(long_field_characters=400))
    assert len(reading.citations[0].abstract) == 500
    assert [problem.code for problem in reading.problems] == ["W_LONG_FIELD"]
