"""PubMed XML (PubmedArticleSet), as the site and its programming interface give it."""

from collections.abc import Iterator

from lxml import etree

from .building import Draft
from .values import doi_of, pages_of, pmcid_of
from .xml_safety import elements, first_text, leaves, line_of, raw_of, text_of, texts

_INLINE = frozenset(("b", "i", "u", "sup", "sub", "em", "strong", "math", "mml:math", "DispFormula"))
_RECORDS = ("PubmedArticle", "PubmedBookArticle")


def drafts(data: bytes, filename: str) -> Iterator[Draft]:
    """Yield the articles and book parts of a PubMed XML file."""
    for record in elements(data, _RECORDS, filename):
        yield _draft(record)


def _draft(record: etree._Element) -> Draft:
    pmid = first_text(record, "MedlineCitation/PMID", "BookDocument/PMID")
    draft = Draft(
        line=line_of(record),
        raw=raw_of(record),
        fields=leaves(record, _INLINE),
        title=first_text(record, ".//ArticleTitle", ".//BookTitle", ".//VernacularTitle"),
        authors=_authors(record),
        date=_date(record),
        journal=first_text(
            record, ".//Journal/Title", ".//Journal/ISOAbbreviation", ".//MedlineTA", ".//BookTitle"
        ),
        volume=first_text(record, ".//JournalIssue/Volume"),
        issue=first_text(record, ".//JournalIssue/Issue"),
        pages=first_text(record, ".//Pagination/MedlinePgn")
        or pages_of(
            first_text(record, ".//Pagination/StartPage"), first_text(record, ".//Pagination/EndPage")
        ),
        doi=_own_id(record, "doi"),
        pmid=pmid,
        pmcid=pmcid_of(_own_id(record, "pmc")),
        accession=pmid,
        abstract=_abstract(record),
        keywords=[*texts(record, ".//KeywordList/Keyword"), *texts(record, ".//MeshHeading/DescriptorName")],
        language=first_text(record, ".//Article/Language", "BookDocument/Language"),
        publication_types=texts(record, ".//PublicationType"),
        registry_texts=texts(record, ".//DataBank/AccessionNumberList/AccessionNumber"),
    )
    draft.empty = not draft.fields
    return draft


def _authors(record: etree._Element) -> list[str]:
    names: list[str] = []
    authors = record.find(".//Article/AuthorList")
    if authors is None:
        authors = record.find(".//AuthorList")
    for author in authors if authors is not None else ():
        family = text_of(author.find("LastName"))
        given = text_of(author.find("ForeName")) or text_of(author.find("Initials"))
        names.append(
            f"{family}, {given}" if family and given else family or text_of(author.find("CollectiveName"))
        )
    return [name for name in names if name]


def _date(record: etree._Element) -> str:
    return first_text(
        record,
        ".//JournalIssue/PubDate/Year",
        ".//JournalIssue/PubDate/MedlineDate",
        ".//ArticleDate/Year",
        ".//Book/PubDate/Year",
        ".//ContributionDate/Year",
    )


def _own_id(record: etree._Element, kind: str) -> str:
    """The article's own identifier; reference lists hold identifiers of other articles."""
    for path in ("PubmedData/ArticleIdList/ArticleId", "PubmedBookData/ArticleIdList/ArticleId"):
        for found in record.iterfind(path):
            if found.get("IdType") == kind:
                return doi_of(text_of(found)) if kind == "doi" else text_of(found)
    for found in record.iterfind(".//Article/ELocationID"):
        if found.get("EIdType") == kind:
            return doi_of(text_of(found))
    return ""


def _abstract(record: etree._Element) -> str:
    parts = record.find(".//Abstract")
    if parts is None:
        return ""
    return "\n\n".join(
        f"{part.get('Label')}: {text_of(part)}" if part.get("Label") else text_of(part)
        for part in parts.iterfind("AbstractText")
    )
