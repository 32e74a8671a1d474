"""EndNote XML, in which every text may be cut into styled runs."""

from collections.abc import Iterator

from lxml import etree

from .building import Draft
from .values import doi_of, pmcid_of, pmid_of
from .xml_safety import elements, first_text, leaves, line_of, raw_of, texts

_INLINE = frozenset(("style",))


def drafts(data: bytes, filename: str) -> Iterator[Draft]:
    """Yield the records of an EndNote XML file."""
    for record in elements(data, ("record",), filename):
        yield _draft(record)


def _draft(record: etree._Element) -> Draft:
    kinds = [str(kind.get("name")) for kind in record.iterfind("ref-type") if kind.get("name")]
    links = texts(record, "urls//url")
    database = first_text(record, "remote-database-name", "remote-database-provider").casefold()
    accession = first_text(record, "accession-num")
    notes = " ".join(texts(record, "notes"))
    numbers = [accession] if "pubmed" in database or "medline" in database or database == "nlm" else []
    draft = Draft(
        line=line_of(record),
        raw=raw_of(record),
        fields=[*(("ref-type", kind) for kind in kinds), *leaves(record, _INLINE)],
        title=first_text(record, "titles/title", "titles/short-title", "titles/translated-title"),
        authors=texts(record, "contributors/authors/author")
        or texts(record, "contributors/translated-authors/author"),
        date=first_text(record, "dates/year", "dates/pub-dates/date"),
        journal=first_text(
            record,
            "titles/secondary-title",
            "periodical/full-title",
            "titles/alt-title",
            "titles/tertiary-title",
        ),
        volume=first_text(record, "volume"),
        issue=first_text(record, "number"),
        pages=first_text(record, "pages", "custom7"),
        doi=doi_of(first_text(record, "electronic-resource-num"))
        or next((doi for link in links if "doi" in link and (doi := doi_of(link))), ""),
        pmid=next((number for number in numbers if number.isdigit()), "") or pmid_of(notes),
        pmcid=pmcid_of(first_text(record, "custom2")),
        accession=accession,
        abstract="\n\n".join(texts(record, "abstract")),
        keywords=[word for text in texts(record, "keywords/keyword") for word in text.split(";")],
        language=first_text(record, "language"),
        publication_types=[*texts(record, "work-type"), *kinds],
        url=next((link for link in links if link.startswith("http")), ""),
        registry_texts=[notes, *texts(record, "custom1")],
    )
    draft.empty = not any(
        tag not in ("database", "source-app", "rec-number", "key", "ref-type") for tag, _ in draft.fields
    )
    return draft
