"""Counts of the PRISMA 2020 flow and the sums that they must obey.

Source: Page MJ et al., BMJ 2021;372:n71 (PRISMA 2020; flow for new reviews with databases, registers and other
methods). Units: citations are what the sources gave; records are citations after duplicates were removed;
reports are documents; studies have one or more reports. A number that is not released counts as waiting, in a
field of its own, so every sum holds at every moment of a review.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from typing import Literal

SourceKind = Literal["database", "register", "other"]
Say = Callable[[str], str]
"""Translates a sentence; ``str`` leaves it in English."""


@dataclass(frozen=True, slots=True)
class Found:
    """How many citations one source gave. ``route`` names the other method by which they were found."""

    name: str
    kind: SourceKind
    n: int
    route: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """How many reports were excluded for one primary reason."""

    label: str
    n: int


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports of one column, each counted once on each line.

    ``seeking``: still being sought. ``not_available``: the document is not available to us, and its study is in no
    round. ``assessed`` is the sum of all that follows it: ``excluded`` by primary reason, ``included``,
    ``awaiting`` classification, ``ongoing``, ``unsettled`` conflicts of released rounds, ``in_rounds`` that are not
    released, ``unassigned`` to any round.
    """

    sought: int = 0
    seeking: int = 0
    not_retrieved: int = 0
    not_available: int = 0
    assessed: int = 0
    excluded: tuple[Reason, ...] = ()
    included: int = 0
    awaiting: int = 0
    ongoing: int = 0
    unsettled: int = 0
    in_rounds: int = 0
    unassigned: int = 0

    @property
    def excluded_total(self) -> int:
        """All excluded reports."""
        return sum(reason.n for reason in self.excluded)


@dataclass(frozen=True, slots=True)
class Counts:
    """Every number of the flow of a new review. Zero is a count; what is not released stands in ``in_rounds``.

    Databases and registers: ``duplicates``, ``automatic`` (marked ineligible by automation), ``removed_otherwise``;
    ``records`` left; of these ``screened`` in released rounds, ``in_rounds`` not released, ``unassigned`` to a round,
    ``direct`` (a report was made without a released screening). Of the screened: ``excluded``, ``unsettled``
    conflicts, ``going_on`` (included, no report yet); the rest are sought.
    Other methods: ``by_hand`` (reports entered without a record), ``other_duplicates`` among themselves,
    ``already_identified`` (copies of records that a database gave too), ``other_removed``; ``other_records`` left, of
    which ``other_waiting`` have not entered at full text yet.
    """

    found: tuple[Found, ...] = ()
    duplicates: int = 0
    automatic: int = 0
    removed_otherwise: int = 0
    records: int = 0
    screened: int = 0
    in_rounds: int = 0
    unassigned: int = 0
    direct: int = 0
    excluded: int = 0
    unsettled: int = 0
    going_on: int = 0
    by_hand: int = 0
    other_duplicates: int = 0
    already_identified: int = 0
    other_removed: int = 0
    other_records: int = 0
    other_waiting: int = 0
    databases: Reports = field(default_factory=Reports)
    others: Reports = field(default_factory=Reports)
    efficacy: int = 0
    efficacy_reports: int = 0
    harms_only: int = 0
    harms_only_reports: int = 0
    titles_released: bool = False
    texts_released: bool = False

    def from_kind(self, *kinds: SourceKind) -> int:
        """How many citations came from sources of these kinds."""
        return sum(source.n for source in self.found if source.kind in kinds)

    @property
    def identified(self) -> int:
        """Citations from databases and registers."""
        return self.from_kind("database", "register")

    @property
    def identified_otherwise(self) -> int:
        """Citations from other methods, and reports entered by hand."""
        return self.from_kind("other") + self.by_hand

    @property
    def studies(self) -> int:
        """Studies included, for whatever purpose."""
        return self.efficacy + self.harms_only

    @property
    def reports(self) -> int:
        """Reports of the included studies."""
        return self.efficacy_reports + self.harms_only_reports

    @property
    def has_other(self) -> bool:
        """Tell whether anything came by another method."""
        return bool(self.identified_otherwise or self.others.sought)


@dataclass(frozen=True, slots=True)
class Sum:
    """One identity: what must equal (or be at least) what, in words and in numbers."""

    words: str
    left: tuple[int, ...]
    right: tuple[int, ...]
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Tell whether it holds."""
        return sum(self.left) >= sum(self.right) if self.at_least else sum(self.left) == sum(self.right)

    @property
    def formula(self) -> str:
        """The numbers, for example "283 = 156 + 127"; zeros are left out beside other numbers."""
        sign = "≥" if self.at_least else "="
        if not self.holds:
            sign = "<" if self.at_least else "≠"
        return f"{_terms(self.left)} {sign} {_terms(self.right)}"


def _terms(numbers: tuple[int, ...]) -> str:
    return " + ".join(str(n) for n in numbers if n) or "0"


def sums(counts: Counts, _: Say = str) -> list[Sum]:
    """Every identity of the flow (SCREENING: PRISMA numbers), those of a column only where it has anything."""
    of = counts
    found = [
        Sum(
            _("Found = removed + records, databases and registers"),
            (of.identified,),
            (of.duplicates, of.automatic, of.removed_otherwise, of.records),
        ),
        Sum(
            _("Records = screened + in rounds not released + in no round + not screened first"),
            (of.records,),
            (of.screened, of.in_rounds, of.unassigned, of.direct),
        ),
        Sum(
            _("Screened = excluded + conflicts not settled + sought"),
            (of.screened, of.direct),
            (of.excluded, of.unsettled, of.going_on, of.databases.sought),
        ),
        *_sums_of(of.databases, _("databases and registers"), _),
    ]
    if counts.has_other:
        found += [
            Sum(
                _("Found = removed + records, other methods"),
                (of.identified_otherwise,),
                (of.other_duplicates, of.already_identified, of.other_removed, of.other_records),
            ),
            Sum(
                _("Records = sought + waiting, other methods"),
                (of.other_records,),
                (of.others.sought, of.other_waiting),
            ),
        ]
        if of.others.sought:
            found += _sums_of(of.others, _("other methods"), _)
    return [
        *found,
        Sum(
            _("Included reports = efficacy + harms only"),
            (of.databases.included, of.others.included),
            (of.efficacy_reports, of.harms_only_reports),
        ),
        Sum(_("Included reports ≥ included studies"), (of.reports,), (of.studies,), at_least=True),
    ]


def _sums_of(reports: Reports, column: str, _: Say) -> Iterator[Sum]:
    yield Sum(
        _("Sought = still sought + not retrieved + not available + assessed, {column}").format(column=column),
        (reports.sought,),
        (reports.seeking, reports.not_retrieved, reports.not_available, reports.assessed),
    )
    outcomes = (reports.excluded_total, reports.included, reports.awaiting, reports.ongoing)
    waiting = (reports.unsettled, reports.in_rounds, reports.unassigned)
    yield Sum(
        _("Assessed = excluded + included + awaiting + ongoing + not decided, {column}").format(
            column=column
        ),
        (reports.assessed,),
        (*outcomes, *waiting),
    )


def check(counts: Counts) -> list[str]:
    """Say what does not hold: an identity, a negative number, a reason listed twice. An empty list is a sound flow."""
    wrong = [f"{one.words}: {one.formula}" for one in sums(counts) if not one.holds]
    places: tuple[tuple[str, Counts | Reports], ...] = (
        ("", counts),
        ("databases.", counts.databases),
        ("others.", counts.others),
    )
    for place, holder in places:
        for one in fields(holder):
            value = getattr(holder, one.name)
            if isinstance(value, int) and value < 0:
                wrong.append(f"{place}{one.name} is negative: {value}")
    wrong += [f"{source.name} is negative: {source.n}" for source in counts.found if source.n < 0]
    for place, column in (("databases", counts.databases), ("others", counts.others)):
        labels = [reason.label for reason in column.excluded]
        wrong += [
            f"{place}: reason listed twice: {label}"
            for label in sorted(set(labels))
            if labels.count(label) > 1
        ]
    return wrong
