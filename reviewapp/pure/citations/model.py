"""What a reader hands back: citations, warnings, and the refusal of a file."""

from dataclasses import dataclass

MAX_FILE_BYTES = 256 * 1024 * 1024
MAX_RECORDS = 200_000
MAX_TITLE_CHARACTERS = 10_000
LONG_FIELD_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest file, in bytes, records and characters, that a reader accepts."""

    file_bytes: int = MAX_FILE_BYTES
    records: int = MAX_RECORDS
    title_characters: int = MAX_TITLE_CHARACTERS
    long_field_characters: int = LONG_FIELD_CHARACTERS


@dataclass(frozen=True, slots=True)
class Citation:
    """One record of a file, its parts named, and every tag and value kept in `fields`.

    `position` counts records from 1 and `line` lines from 1. A part that the file does not give is an
    empty text or tuple, or None for the year. `doi` is lower-cased and free of resolver addresses.
    """

    position: int
    line: int
    raw: str
    title: str
    authors: tuple[str, ...]
    year: int | None
    journal: str
    volume: str
    issue: str
    pages: str
    doi: str
    pmid: str
    pmcid: str
    registry_ids: tuple[str, ...]
    accession: str
    abstract: str
    keywords: tuple[str, ...]
    language: str
    publication_types: tuple[str, ...]
    url: str
    route: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """A warning or a dropped line in words; `line` counts from 1, `code` is a stable short name."""

    line: int
    message: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """All that one file gave: its format, its encoding, citations, warnings, and records left out."""

    format: str
    encoding: str
    citations: tuple[Citation, ...]
    problems: tuple[Problem, ...]
    skipped: tuple[Problem, ...]


class UnreadableFile(ValueError):
    """A file that is refused as a whole; nothing of it is stored.

    `message` is a sentence for the person who chose the file, `line` the first line at fault,
    `looks_like` the key of the format that the content resembles, `code` a stable short name.
    """

    def __init__(
        self,
        message: str,
        *,
        line: int | None = None,
        looks_like: str | None = None,
        code: str = "E_NOT_FORMAT",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.looks_like = looks_like
        self.code = code
