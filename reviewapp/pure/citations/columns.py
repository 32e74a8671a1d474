"""Which column of a table is which part of a citation, under the names that databases use."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

# Part of a citation: column names, best first; compared without case, blanks and punctuation.
_NAMES = """
title: title articletitle documenttitle primarytitle titleprimary t1 ti papertitle
  publicationtitletext originaltitle
authors: authors author authornames authorfullnames authorlist firstauthors authorss aufull
  authorprimary au a1 af creators creator firstauthor
year: publicationyear year publishedyear pubyear py y1 publicationdate datepublished date da pd
journal: journal sourcetitle publicationtitle journaltitle journalbook publicationname publication
  secondarytitle alternatetitle3 journalname jo jf t2 so source containertitle booktitle periodical
  alternatetitle2 journalabbreviation abbreviatedsourcetitle
volume: volume vol vl
issue: issue issuenumber number no is ip
pages: pages page pagination pagerange pg artno articlenumber
start_page: startpage firstpage pagestart beginningpage sp bp
end_page: endpage lastpage pageend endingpage ep
doi: doi digitalobjectidentifier doinumber do di doilink
pmid: pmid pubmedid medlinepmid pm
pmcid: pmcid pmc
registry: clinicaltrialnumbers registrationnumber trialregistration ctgovid ictrpid registryid
accession: accessionnumber accession pui medlinepui embaseaccessionid centralid eid ut uniquewosid
  lensid an covidence key id
abstract: abstract abstractnote ab n2 notesabstract summary
keywords: keywords authorkeywords manualtags automatictags emtreedrugindexterms
  emtreemedicalindexterms meshterms indexkeywords subjects kw de
language: language languageofarticle languageoforiginaldocument articlelanguage la
publication_types: publicationtype documenttype itemtype doctype typeofreference referencetype
  typeofwork pubtype dt pt ty entrytype type
url: url link plink openurllink sourceurls externalurl ur fulltextlink
route: sourceroute route searchroute identifiedby
"""


def _read_names(text: str) -> dict[str, tuple[str, ...]]:
    blocks = re.split(r"\n(?=\w)", text.strip())
    return {part: tuple(names.split()) for part, _, names in (block.partition(":") for block in blocks)}


SYNONYMS = _read_names(_NAMES)
_PART_OF = {name: (part, rank) for part, names in SYNONYMS.items() for rank, name in enumerate(names)}
_SURE = {
    name for part in ("title", "authors", "abstract", "doi", "pmid", "journal") for name in SYNONYMS[part]
}
DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """For each part the columns that hold it, best name first."""

    names: tuple[str, ...]
    places: dict[str, tuple[int, ...]]


def key_of(name: str) -> str:
    """'Journal/Book ' and 'journal book' are one column name."""
    return re.sub(r"[\W_]+", "", name.casefold())


def map_columns(names: Sequence[str]) -> ColumnMap:
    """Find the parts of a citation among the column names."""
    found: dict[str, list[tuple[int, int]]] = {}
    for place, name in enumerate(names):
        if hit := _PART_OF.get(key_of(name)):
            part, rank = hit
            found.setdefault(part, []).append((rank, place))
    return ColumnMap(
        tuple(names), {part: tuple(place for _, place in sorted(hits)) for part, hits in found.items()}
    )


def header_score(cells: Sequence[str]) -> int:
    """How many distinct parts of a citation a row of names covers."""
    keys = [key_of(cell) for cell in cells]
    parts = {_PART_OF[key][0] for key in keys if key in _PART_OF}
    return len(parts) if any(key in _SURE for key in keys) else 0


def guess_delimiter(line: str) -> tuple[str, int]:
    """Return the delimiter under which `line` makes the best header, and its score."""
    best = (",", 0)
    for mark in DELIMITERS:
        if mark in line:
            score = header_score(next(csv.reader([line], delimiter=mark, skipinitialspace=True)))
            if score > best[1]:
                best = (mark, score)
    return best


def looks_like_header(head: str) -> bool:
    """True where one of the first lines is a row of at least two known column names."""
    return any(guess_delimiter(line)[1] >= 2 for line in head.split("\n", 12)[:12] if len(line) < 20_000)
