"""The boxes of the PRISMA 2020 flow: what each says, in three stages of rows.

A number that is not released yet is None: the box then says so in words and shows only what everybody may know,
which is how many records or reports are in rounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reviewapp.pure.prisma import Counts, Found, Reports, Say

MOST_SOURCES = 14
MOST_REASONS = 20


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a box: words and a number; ``strong`` lines are read like the box's first line."""

    label: str
    n: int | None = None
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """One box. ``key`` names it for links; ``n`` is None while nothing may be said."""

    key: str
    title: str
    n: int | None
    lines: tuple[Line, ...] = ()
    final: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Boxes side by side: databases and registers, what left there; other methods, what left there."""

    main: Box | None = None
    side: Box | None = None
    other: Box | None = None
    other_side: Box | None = None

    @property
    def boxes(self) -> tuple[Box, ...]:
        """The boxes that are there, left to right."""
        return tuple(box for box in (self.main, self.side, self.other, self.other_side) if box)


@dataclass(frozen=True, slots=True)
class Stage:
    """Identification, screening or included."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """The whole figure in words: column heads, stages, a title, and one sentence for those who do not see it."""

    title: str
    described: str
    heads: tuple[str, str]
    stages: tuple[Stage, ...]
    has_other: bool

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Every box, in reading order."""
        return tuple(box for stage in self.stages for row in stage.rows for box in row.boxes)


def flow(counts: Counts, _: Say = str) -> Flow:
    """Lay out the counts as the boxes of the flow of a new review."""
    has_other = counts.has_other
    others = counts.others if counts.others.sought or counts.other_waiting else None
    return Flow(
        title=_("PRISMA 2020 flow"),
        described=_described(counts, _),
        heads=(_("Databases and registers"), _("Other methods")),
        stages=(
            Stage(
                _("Identification"),
                (
                    Row(
                        _found(counts, _), _removed(counts, _), _other_found(counts, _) if has_other else None
                    ),
                ),
            ),
            Stage(
                _("Screening"),
                (
                    Row(_screened(counts, _), _excluded(counts, _)),
                    Row(
                        _sought(counts, _),
                        _missing("missing", counts.databases, counts.titles_released, _),
                        _other_sought(counts, _) if others else None,
                        _missing("other_missing", counts.others, True, _) if others else None,
                    ),
                    Row(
                        _assessed("assessed", counts.databases, counts.titles_released, _),
                        _reasons("reasons", counts.databases, counts.texts_released, _),
                        _assessed("other_assessed", counts.others, bool(counts.others.sought), _)
                        if others
                        else None,
                        _reasons("other_reasons", counts.others, counts.texts_released, _)
                        if others
                        else None,
                    ),
                ),
            ),
            Stage(_("Included"), (Row(_included(counts, _)),)),
        ),
        has_other=has_other,
    )


def _some(*lines: tuple[str, int]) -> tuple[Line, ...]:
    """Lines for numbers above zero."""
    return tuple(Line(label, n) for label, n in lines if n)


def _per_source(found: Iterable[Found], _: Say) -> Iterator[Line]:
    listed = sorted(found, key=lambda source: (-source.n, source.name))
    for source in listed[:MOST_SOURCES]:
        yield Line(source.name, source.n)
    rest = listed[MOST_SOURCES:]
    if rest:
        yield Line(_("{n} more sources").format(n=len(rest)), sum(source.n for source in rest))


def _found(counts: Counts, _: Say) -> Box:
    databases = [source for source in counts.found if source.kind == "database"]
    registers = [source for source in counts.found if source.kind == "register"]
    if not registers:
        lines = tuple(_per_source(databases, _))
        return Box("found", _("Records from databases"), counts.identified, lines)
    lines = (
        Line(_("Databases"), counts.from_kind("database"), strong=True),
        *_per_source(databases, _),
        Line(_("Registers"), counts.from_kind("register"), strong=True),
        *_per_source(registers, _),
    )
    return Box("found", _("Records identified"), counts.identified, lines)


def _removed(counts: Counts, _: Say) -> Box:
    lines = (
        Line(_("Duplicate records"), counts.duplicates),
        Line(_("Marked ineligible by automation"), counts.automatic),
        Line(_("Other reasons"), counts.removed_otherwise),
    )
    total = counts.duplicates + counts.automatic + counts.removed_otherwise
    return Box("removed", _("Removed before screening"), total, lines)


def _other_found(counts: Counts, _: Say) -> Box:
    lines = (
        *_per_source((source for source in counts.found if source.kind == "other"), _),
        *_some(
            (_("Entered by hand"), counts.by_hand),
        ),
        *_some(
            (_("Removed: the databases gave them too"), counts.already_identified),
            (_("Removed: duplicates"), counts.other_duplicates),
            (_("Removed for other reasons"), counts.other_removed),
        ),
    )
    return Box("other_found", _("Records by other methods"), counts.identified_otherwise, lines)


def _screened(counts: Counts, _: Say) -> Box:
    lines = _some(
        (_("In rounds not released yet"), counts.in_rounds),
        (_("In no round yet"), counts.unassigned),
        (_("Conflicts not settled yet"), counts.unsettled),
        (_("Included, report not made yet"), counts.going_on),
    )
    if not counts.titles_released:
        return Box("screened", _("Records screened"), None, (Line(_("Not released yet")), *lines))
    return Box("screened", _("Records screened"), counts.screened, lines)


def _excluded(counts: Counts, _: Say) -> Box:
    if not counts.titles_released:
        return Box("excluded", _("Records excluded"), None, (Line(_("Not released yet")),))
    return Box("excluded", _("Records excluded"), counts.excluded)


def _sought(counts: Counts, _: Say) -> Box:
    reports = counts.databases
    if not (counts.titles_released or reports.sought):
        return Box("sought", _("Reports sought"), None, (Line(_("Not released yet")),))
    lines = _some(
        (_("Still being sought"), reports.seeking), (_("Not screened by title first"), counts.direct)
    )
    return Box("sought", _("Reports sought"), reports.sought, lines)


def _other_sought(counts: Counts, _: Say) -> Box:
    lines = _some(
        (_("Still being sought"), counts.others.seeking),
        (_("Enter when a round is released"), counts.other_waiting),
    )
    return Box("other_sought", _("Reports sought"), counts.others.sought, lines)


def _missing(key: str, reports: Reports, released: bool, _: Say) -> Box:
    if not (released or reports.sought):
        return Box(key, _("Reports not retrieved"), None, (Line(_("Not released yet")),))
    lines = _some((_("Document not available to us"), reports.not_available)) + (
        _some((_("Not retrieved"), reports.not_retrieved)) if reports.not_available else ()
    )
    return Box(key, _("Reports not retrieved"), reports.not_retrieved + reports.not_available, lines)


def _assessed(key: str, reports: Reports, released: bool, _: Say) -> Box:
    if not (released or reports.sought):
        return Box(key, _("Reports assessed"), None, (Line(_("Not released yet")),))
    lines = _some(
        (_("In rounds not released yet"), reports.in_rounds),
        (_("In no round yet"), reports.unassigned),
        (_("Conflicts not settled yet"), reports.unsettled),
        (_("Awaiting classification"), reports.awaiting),
        (_("Ongoing studies"), reports.ongoing),
    )
    return Box(key, _("Reports assessed"), reports.assessed, lines)


def _reasons(key: str, reports: Reports, released: bool, _: Say) -> Box:
    if not released:
        return Box(key, _("Reports excluded"), None, (Line(_("Not released yet")),))
    lines = [Line(reason.label, reason.n) for reason in reports.excluded[:MOST_REASONS]]
    rest = reports.excluded[MOST_REASONS:]
    if rest:
        label = _("{n} more reasons").format(n=len(rest))
        lines.append(Line(label, sum(reason.n for reason in rest)))
    return Box(key, _("Reports excluded"), reports.excluded_total, tuple(lines))


def _included(counts: Counts, _: Say) -> Box:
    if not counts.texts_released:
        return Box("included", _("Studies included"), None, (Line(_("Not released yet")),), final=True)
    reports = _("Reports of these studies")
    if not counts.harms_only:
        lines: tuple[Line, ...] = (Line(reports, counts.efficacy_reports),)
        return Box("included", _("Studies included"), counts.efficacy, lines, final=True)
    lines = (
        Line(reports, counts.efficacy_reports),
        Line(_("Studies for harms only"), counts.harms_only, strong=True),
        Line(reports, counts.harms_only_reports),
    )
    return Box("included", _("Studies included, efficacy"), counts.efficacy, lines, final=True)


def _described(counts: Counts, _: Say) -> str:
    parts = [
        _("{n} records from databases and registers, {m} by other methods").format(
            n=counts.identified, m=counts.identified_otherwise
        ),
        _("{n} duplicates removed").format(
            n=counts.duplicates + counts.other_duplicates + counts.already_identified
        ),
    ]
    if counts.titles_released:
        parts.append(_("{n} records screened, {m} excluded").format(n=counts.screened, m=counts.excluded))
    else:
        parts.append(_("screening is not released yet"))
    if counts.texts_released:
        excluded = counts.databases.excluded_total + counts.others.excluded_total
        assessed = counts.databases.assessed + counts.others.assessed
        parts += [
            _("{n} reports assessed, {m} excluded with reasons").format(n=assessed, m=excluded),
            _("{n} studies included for efficacy and {m} for harms only").format(
                n=counts.efficacy, m=counts.harms_only
            ),
        ]
    else:
        parts.append(_("the assessment of full texts is not released yet"))
    return "; ".join(parts) + "."
