"""What a forest plot shows: panels, groups, rows, and the diamond that is there only if a pool is handed in.

One panel for each measure and kind of change; panels have their own axis because their units differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synthesis.pure.change import ChangeSummary
from synthesis.pure.intervals import Interval
from synthesis.pure.numerals import fixed, number
from synthesis.pure.rows import MEASURES, ArmChange, Difference

PLACES = {"%": 1, "Z": 2, "g/cm²": 3, "g": 2, "g/cm³": 3, "mg/cm³": 1}


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One study: texts of both arms (mean, SD, n; “–” if not printed), the difference and its interval."""

    label: str
    detail: str
    one: tuple[str, str, str]
    two: tuple[str, str, str]
    value: float
    ci: Interval | None
    printed: bool = False
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class ForestGroup:
    """Rows under one heading."""

    heading: str
    rows: tuple[ForestRow, ...]


@dataclass(frozen=True, slots=True)
class Diamond:
    """A pooled mean and, if there is one, its prediction interval. ``rule`` says how they were made."""

    label: str
    value: float
    ci: Interval
    prediction: Interval | None
    rule: str


@dataclass(frozen=True, slots=True)
class ForestPanel:
    """One axis: a measure and kind of change, its unit, and how many decimals its numbers have."""

    heading: str
    unit: str
    places: int
    groups: tuple[ForestGroup, ...]
    favours: tuple[str, str]
    diamond: Diamond | None = None

    @property
    def rows(self) -> tuple[ForestRow, ...]:
        """All rows of all groups."""
        return tuple(row for group in self.groups for row in group.rows)


@dataclass(frozen=True, slots=True)
class Forest:
    """A whole figure."""

    title: str
    panels: tuple[ForestPanel, ...]
    ident: str = "forest"

    @property
    def description(self) -> str:
        """The figure in words, for those who do not see it."""
        told = []
        for panel in self.panels:
            for row in panel.rows:
                told.append(f"{row.label}: {interval_words(row.value, row.ci, panel.places, panel.unit)}.")
            if panel.diamond:
                pooled = interval_words(panel.diamond.value, panel.diamond.ci, panel.places, panel.unit)
                told.append(f"{panel.diamond.label}: {pooled}.")
        if not told:
            return "No study has a difference between its arms."
        if not any(panel.diamond for panel in self.panels):
            told.append("The studies are not pooled and there is no diamond.")
        return " ".join(told)


def interval_words(value: float, ci: Interval | None, places: int, unit: str) -> str:
    """“12.3 %, 8.7 to 15.9”, or “… no interval”."""
    shown = f"{fixed(value, places)} {unit}"
    return f"{shown}, {fixed(ci[0], places)} to {fixed(ci[1], places)}" if ci else f"{shown}, no interval"


def forest_of(
    summary: ChangeSummary,
    *,
    title: str,
    ident: str = "forest",
    favours: tuple[str, str] = ("control", "intervention"),
) -> Forest:
    """The forest of a change summary: its preferred differences by line, then by condition class."""
    rows = [(group.key.condition_class, row) for group in summary.groups for row in group.differences]
    shown = [(condition, row) for condition, row in rows if row.preferred]
    kinds = dict.fromkeys((row.line.measure, row.line.estimand) for _, row in shown)
    arms = _arms(summary)
    panels = []
    for measure, estimand in kinds:
        mine = [(c, row) for c, row in shown if (row.line.measure, row.line.estimand) == (measure, estimand)]
        unit = mine[0][1].line.unit
        heading = (
            f"{MEASURES[measure][0]}, {estimand}, {unit}"
            if unit != "Z"
            else f"{MEASURES[measure][0]}, {estimand}"
        )
        groups = [
            ForestGroup(
                condition[:1].upper() + condition[1:],
                tuple(_row(row, arms, PLACES[unit]) for c, row in mine if c == condition),
            )
            for condition in dict.fromkeys(c for c, _ in mine)
        ]
        panels.append(ForestPanel(heading, unit, PLACES[unit], tuple(groups), favours))
    return Forest(title, tuple(panels), ident)


def _arms(summary: ChangeSummary) -> dict[tuple[str, str, object], ArmChange]:
    return {(row.study_uid, row.arm_key, row.line): row for group in summary.groups for row in group.arms}


def _row(row: Difference, arms: dict[tuple[str, str, object], ArmChange], places: int) -> ForestRow:
    when = "time not reported" if row.line.months is None else f"{number(row.line.months)} months"
    details = [row.line.site, when]
    details += ["difference as printed"] if row.source == "printed contrast" else []
    return ForestRow(
        label=row.study,
        detail=", ".join(details),
        one=_texts(arms.get((row.study_uid, row.arm_key, row.line)), places),
        two=_texts(arms.get((row.study_uid, row.versus_key, row.line)), places),
        value=row.value,
        ci=row.ci,
        printed=row.source == "printed contrast",
    )


def _texts(arm: ArmChange | None, places: int) -> tuple[str, str, str]:
    if arm is None:
        return "–", "–", "–"
    sd = fixed(arm.sd, places) if arm.sd is not None else "–"
    return fixed(arm.mean, places), sd, str(arm.n) if arm.n is not None else "–"


def axis_values(panel: ForestPanel) -> Sequence[float]:
    """Every number that the axis must hold, with 0."""
    values = [0.0]
    for row in panel.rows:
        values += [row.value, *(row.ci or ())]
    if panel.diamond:
        values += [*panel.diamond.ci, *(panel.diamond.prediction or ())]
    return values
