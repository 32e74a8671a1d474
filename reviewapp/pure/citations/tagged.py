"""The core of all tagged-line formats: lines in, raw records out, nothing lost.

A dialect says how a line splits into tag and value, which tag opens a record and which closes it. The
rest is common: lines without a tag continue the value before, repeated tags are all kept, and what
stands outside any record is reported.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from .model import Problem

Split = Callable[[str], tuple[str, str] | None]


@dataclass(slots=True)
class RawRecord:
    """One record before its tags are understood; `line` is where it starts."""

    line: int
    lines: list[str] = field(default_factory=list)
    fields: list[tuple[str, str]] = field(default_factory=list)
    started: bool = False
    start_place: int = 0
    closed: bool = False
    continued: int = 0
    _parts: list[str] = field(default_factory=list)

    def add(self, tag: str, value: str) -> None:
        """Begin a new value."""
        if self._parts:
            self.flush()
        self.fields.append((tag, value))

    def extend(self, text: str) -> None:
        """Go on with the value before; its parts are joined once, since there can be thousands."""
        self._parts.append(text)

    def flush(self) -> None:
        """Join the parts of the last value."""
        if self._parts:
            tag, value = self.fields[-1]
            self.fields[-1] = tag, " ".join(part for part in (value, *self._parts) if part)
            self._parts.clear()

    @property
    def open_tag(self) -> str:
        """The tag of the last value."""
        return self.fields[-1][0] if self.fields else ""

    @property
    def raw(self) -> str:
        """The record as printed, without blank lines at its end."""
        return "".join(self.lines).rstrip()

    def adopt(self, late: "RawRecord") -> None:
        """Take in tags that follow the end of this record but belong to it."""
        self.lines.extend(late.lines)
        self.fields.extend(late.fields)
        self.continued = self.continued or late.continued

    def values(self) -> dict[str, list[str]]:
        """All values by tag, in order, empty ones left out."""
        grouped: dict[str, list[str]] = {}
        for tag, value in self.fields:
            if value:
                grouped.setdefault(tag, []).append(value)
        return grouped


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one tagged format is written.

    `start` opens a record, `end` closes one ('' if the format has none); `outside` are tags of the file
    and not of a record; `listed` are tags whose indented lines are values of their own; `blank_parts`
    says that a blank line followed by the first tag of the record before begins the next one;
    `indented` says that wrapped lines are a normal part of the format; `core` are tags of which a record
    without a start tag needs one: what has none, and follows a closed record, belongs to that record.
    """

    split: Split
    start: str
    end: str = ""
    outside: frozenset[str] = frozenset()
    listed: frozenset[str] = frozenset()
    blank_parts: bool = False
    indented: bool = True
    core: frozenset[str] = frozenset()


def _begins(dialect: Dialect, record: RawRecord, tag: str, after_blank: bool) -> bool:
    if tag == dialect.start:
        return record.started or (dialect.blank_parts and after_blank)
    if not (dialect.blank_parts and after_blank):
        return False
    first = record.fields[0][0]
    return tag == first and not (record.started and first == dialect.start)


def _continue(record: RawRecord, dialect: Dialect, line: str, number: int) -> None:
    record.lines.append(line)
    text = line.strip()
    if dialect.listed and record.open_tag in dialect.listed:
        record.add(record.open_tag, text)
        return
    record.extend(text)
    if not record.continued and not (dialect.indented and line[:1] in " \t"):
        record.continued = number


def _report_stray(stray: list[tuple[int, str]], problems: list[Problem]) -> None:
    if stray:
        first, last = stray[0][0], stray[-1][0]
        where = (
            f"Line {first} stands" if first == last else f"{len(stray)} lines from {first} to {last} stand"
        )
        text = " / ".join(line.strip() for _, line in stray)[:300]
        problems.append(Problem(first, f"{where} outside any record and is not kept: “{text}”.", "W_STRAY"))
        stray.clear()


class _Cutter:
    """Holds the record that is being read; streaming, so never more than one."""

    def __init__(self, dialect: Dialect, problems: list[Problem]) -> None:
        self.dialect = dialect
        self.problems = problems
        self.record: RawRecord | None = None
        self.waiting: RawRecord | None = None
        self.after_blank = False
        self.stray: list[tuple[int, str]] = []

    def untagged(self, line: str, number: int) -> None:
        if not line or line.isspace():
            self.after_blank = True
            if self.record is not None:
                self.record.lines.append(line)
        elif self.record is not None:
            _continue(self.record, self.dialect, line, number)
        elif line.strip("\ufeff \t"):
            self.stray.append((number, line))

    def close(self) -> RawRecord | None:
        """End the open record; give the one before it, which can gain no more tags."""
        record, self.record = self.record, None
        if record is None:
            return None
        record.flush()
        if self._is_late(record):
            return None
        ready, self.waiting = self.waiting, record
        return ready

    def _is_late(self, record: RawRecord) -> bool:
        """Give tags that came after the end of a record back to it."""
        core = self.dialect.core
        if not core or record.started or self.waiting is None or any(tag in core for tag, _ in record.fields):
            return False
        self.waiting.adopt(record)
        return True

    def tagged(self, tag: str, value: str, line: str, number: int) -> None:
        record = self.record
        if record is not None and tag == self.dialect.start and not record.started:
            record.flush()
            if self._is_late(record):
                record = None
        if record is None:
            if self.stray:
                _report_stray(self.stray, self.problems)
            record = self.record = RawRecord(number)
        record.lines.append(line)
        if tag == self.dialect.start and not record.started:
            record.started = True
            record.start_place = len(record.fields)
        record.add(tag, value)
        self.after_blank = False


def raw_records(lines: Iterable[str], dialect: Dialect, problems: list[Problem]) -> Iterator[RawRecord]:
    """Yield the records of a tagged file; stray lines are added to `problems`.

    `lines` carry their line ends. Streaming: at most two records are held at a time.
    """
    split, end, outside = dialect.split, dialect.end, dialect.outside
    cutter = _Cutter(dialect, problems)
    for number, line in enumerate(lines, 1):
        pair = split(line)
        if pair is None:
            cutter.untagged(line, number)
            continue
        tag, value = pair
        if tag in outside:
            continue
        if tag == end:
            if cutter.record is not None:
                cutter.record.lines.append(line)
                cutter.record.closed = True
        elif cutter.record is None or not _begins(dialect, cutter.record, tag, cutter.after_blank):
            cutter.tagged(tag, value, line, number)
            continue
        if (done := cutter.close()) is not None:
            yield done
        if tag != end:
            cutter.tagged(tag, value, line, number)
    for done in (cutter.close(), cutter.waiting):
        if done is not None:
            yield done
    _report_stray(cutter.stray, problems)


def first(values: dict[str, list[str]], *tags: str) -> str:
    """The first value of the first tag that has one, else ''."""
    for tag in tags:
        found = values.get(tag)
        if found:
            return found[0]
    return ""


def every(values: dict[str, list[str]], *tags: str) -> list[str]:
    """All values of `tags`, tag by tag, each text once."""
    found: dict[str, None] = {}
    for tag in tags:
        if tag in values:
            found.update(dict.fromkeys(values[tag]))
    return list(found)
