"""From the parts that a reader found to one Citation, with a warning for whatever is odd."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .model import Citation, Limits, Problem, UnreadableFile
from .values import CONTROL, registry_ids_of, visible, year_of


@dataclass(slots=True)
class Draft:
    """The parts of one record as a reader found them, all text as printed."""

    line: int
    raw: str
    fields: list[tuple[str, str]]
    title: str = ""
    authors: list[str] = field(default_factory=list)
    date: str = ""
    journal: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    doi: str = ""
    pmid: str = ""
    pmcid: str = ""
    accession: str = ""
    abstract: str = ""
    keywords: list[str] = field(default_factory=list)
    language: str = ""
    publication_types: list[str] = field(default_factory=list)
    url: str = ""
    route: str = ""
    registry_texts: list[str] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    empty: bool = False

    def note(self, code: str, message: str, line: int | None = None) -> None:
        """Add a warning about this record."""
        self.notes.append(Problem(self.line if line is None else line, message, code))


class Builder:
    """Numbers drafts, checks them against the limits, and gathers warnings and skipped records."""

    def __init__(self, limits: Limits, problems: list[Problem], skipped: list[Problem]) -> None:
        self.limits = limits
        self.problems = problems
        self.skipped = skipped
        self.position = 0
        self._seen: dict[int, int] = {}
        self._pmids: dict[str, int] = {}

    def build(self, drafts: Iterable[Draft]) -> Iterator[Citation]:
        """Yield a citation for every draft that has content; the others are listed as skipped."""
        for draft in drafts:
            if draft.empty:
                self.problems.extend(draft.notes)
                self.skipped.append(
                    Problem(
                        draft.line,
                        f"The record at line {draft.line} has no content and was left out.",
                        "W_EMPTY_SKIPPED",
                    )
                )
                continue
            self.position += 1
            if self.position > self.limits.records:
                raise UnreadableFile(
                    f"The file holds more than {self.limits.records:,} records (line {draft.line}). "
                    "Split it and import the parts.",
                    line=draft.line,
                    code="E_TOO_MANY_RECORDS",
                )
            yield self._finish(draft)

    def _finish(self, draft: Draft) -> Citation:
        self._check(draft)
        self.problems.extend(draft.notes)
        title = visible(draft.title)
        return Citation(
            position=self.position,
            line=draft.line,
            raw=draft.raw,
            title=title,
            authors=tuple(name for name in map(visible, draft.authors) if name),
            year=year_of(draft.date),
            journal=visible(draft.journal),
            volume=visible(draft.volume),
            issue=visible(draft.issue),
            pages=visible(draft.pages),
            doi=draft.doi,
            pmid=draft.pmid,
            pmcid=draft.pmcid,
            registry_ids=registry_ids_of((title, draft.accession, *draft.registry_texts, draft.abstract)),
            accession=visible(draft.accession),
            abstract=CONTROL.sub("", draft.abstract).strip(),
            keywords=tuple(dict.fromkeys(word for word in map(visible, draft.keywords) if word)),
            language=visible(draft.language),
            publication_types=tuple(
                dict.fromkeys(kind for kind in map(visible, draft.publication_types) if kind)
            ),
            url=draft.url,
            route=visible(draft.route),
            fields=tuple(draft.fields),
        )

    def _check(self, draft: Draft) -> None:
        place = f"Record {self.position} (line {draft.line})"
        if not draft.title.strip():
            draft.note("W_NO_TITLE", f"{place} has no title; it is kept.")
        elif len(draft.title) > self.limits.title_characters:
            self._refuse_title(draft)
        if draft.date.strip(" /-") and year_of(draft.date) is None:
            draft.note("W_BAD_YEAR", f"{place}: no year can be read from “{draft.date.strip()[:60]}”.")
        if CONTROL.search(draft.raw):
            draft.note("W_CONTROL_CHARS", f"{place} holds invisible control characters; they are not shown.")
        if len(draft.raw) > self.limits.long_field_characters:
            self._long_fields(draft, place)
        if draft.pmid and not draft.pmid.isdigit():
            draft.note("W_BAD_ID", f"{place}: “{draft.pmid[:40]}” is not a PubMed number; it is not used.")
            draft.pmid = ""
        kinds = " ".join(draft.publication_types).casefold()
        if "retracted publication" in kinds or draft.title.lstrip("[ ").upper().startswith("RETRACTED"):
            draft.note("W_RETRACTED", f"{place} is marked as retracted.")
        self._repeated(draft, place)

    def _refuse_title(self, draft: Draft) -> None:
        line = next(
            (draft.line + n for n, text in enumerate(draft.raw.split("\n")) if len(text) > 1000), draft.line
        )
        raise UnreadableFile(
            f"The title at line {line} has {len(draft.title):,} characters; "
            f"a title may have {self.limits.title_characters:,}.",
            line=line,
            code="E_FIELD_TOO_LONG",
        )

    def _long_fields(self, draft: Draft, place: str) -> None:
        for tag, value in draft.fields:
            if len(value) > self.limits.long_field_characters:
                draft.note("W_LONG_FIELD", f"{place}: {tag} has {len(value):,} characters; it is kept whole.")

    def _repeated(self, draft: Draft, place: str) -> None:
        earlier = self._seen.setdefault(hash(draft.raw.strip()), self.position)
        if draft.pmid:
            earlier = min(earlier, self._pmids.setdefault(draft.pmid, self.position))
        if earlier != self.position:
            draft.note("W_DUP_IN_FILE", f"{place} repeats record {earlier} of this file; both are kept.")
