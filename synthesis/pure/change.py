"""The change table: every study's bone results, arm by arm and arm against arm, grouped but never pooled here.

Rows of different measure, site, time or kind of change are never mixed; aBMD and vBMD are different
measures. Harms-only studies never enter. Nothing is imputed: an SD of change from two visits needs a
correlation that the caller gives with its source.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extraction.pure.dataset import Arm, Dataset, MeasureKey, Result, StudyData
from synthesis.pure import conversions
from synthesis.pure.between import study_differences
from synthesis.pure.rows import ArmChange, Correlation, Difference, InWords, is_baseline
from synthesis.pure.visits import arm_rows, same_scale
from synthesis.pure.within import spread_of

NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True)
class GroupKey:
    """Condition class, drug and route of the intervention arms of a group."""

    condition_class: str
    drug: str
    route: str


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """The rows of one group. ``children`` counts each arm once by its largest printed n, subsets left out.

    ``arms_without_n`` arms have no printed n and are not in that count.
    """

    key: GroupKey
    studies: tuple[str, ...]
    children: int
    arms_without_n: int
    arms: tuple[ArmChange, ...]
    differences: tuple[Difference, ...]
    words: tuple[InWords, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A study that gives no row here, and why."""

    study: str
    why: str


@dataclass(frozen=True, slots=True)
class FoundCorrelation:
    """r of two visits derived from three SDs that a study printed for one arm."""

    study: str
    arm: str
    measure: MeasureKey
    site: str
    months: float | None
    n: int | None
    r: conversions.Derived


@dataclass(frozen=True, slots=True)
class ChangeSummary:
    """The whole table for one site (or all sites, ``site`` None)."""

    site: str | None
    groups: tuple[ChangeGroup, ...]
    left_out: tuple[LeftOut, ...]
    correlations: tuple[Correlation, ...]

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The preferred differences of all groups, one a study, comparison and line."""
        return tuple(row for group in self.groups for row in group.differences if row.preferred)


def summarise(
    dataset: Dataset,
    *,
    site: str | None = "lumbar spine",
    measures: Sequence[MeasureKey] | None = None,
    correlations: Sequence[Correlation] = (),
) -> ChangeSummary:
    """Build the table.

    ``site`` takes the rows whose site is it or begins with it as whole words (“lumbar spine L1–L4”); rows
    of different sites are still never compared. ``measures`` restricts the measures. ``correlations`` holds
    at most one r a measure; raises ValueError for two.
    """
    known = {item.measure: item for item in correlations}
    if len(known) != len(correlations):
        raise ValueError("more than one correlation is given for a measure")
    blocks: dict[GroupKey, list[tuple[StudyData, ChangeGroup]]] = {}
    left_out = [LeftOut(label, "No final values yet.") for label in dataset.without_values]
    for study in dataset.studies:
        why = _why_left_out(study, site, measures)
        if why:
            left_out.append(LeftOut(study.label, why))
            continue
        for block in _study_blocks(study, site, measures, known):
            blocks.setdefault(block.key, []).append((study, block))
    groups = [_merge(key, [block for _, block in found]) for key, found in blocks.items()]
    groups.sort(key=lambda group: (group.key.condition_class, group.key.drug, group.key.route))
    return ChangeSummary(site, tuple(groups), tuple(left_out), tuple(correlations))


def at_site(row_site: str, site: str | None) -> bool:
    """Whether a row's site is the wanted one or a part of it (“lumbar spine L2–L4” is at “lumbar spine”)."""
    if site is None:
        return True
    return re.match(rf"{re.escape(site.casefold())}(?!\w)", row_site.casefold().strip()) is not None


def correlations_found(dataset: Dataset) -> tuple[FoundCorrelation, ...]:
    """Every r that the included efficacy studies allow: SDs of baseline, visit and change of the same children.

    Impossible ones are kept with their problem; whether and which r to use is the reviewer's decision.
    """
    found: list[FoundCorrelation] = []
    for study in dataset.studies:
        if study.purpose != "efficacy":
            continue
        for arm in study.arms:
            rows = [row for row in study.results if row.arm_key == arm.key]
            found.extend(_arm_correlations(study, arm, rows))
    return tuple(found)


def _arm_correlations(study: StudyData, arm: Arm, rows: Sequence[Result]) -> list[FoundCorrelation]:
    found = []
    for change in rows:
        if change.form not in ("absolute_change", "z_change"):
            continue
        for base in rows:
            for final in rows:
                if not is_baseline(base) or is_baseline(final) or final.form != "value":
                    continue
                alike = (
                    same_scale(base, final) and same_scale(final, change) and final.months == change.months
                )
                sds = [spread_of(row).sd for row in (base, final, change)]
                if alike and base.n == final.n == change.n and None not in sds:
                    r = conversions.correlation(sds[0] or 0.0, sds[1] or 0.0, sds[2] or 0.0)
                    found.append(
                        FoundCorrelation(
                            study.label, arm.label, change.measure, change.site, change.months, change.n, r
                        )
                    )
    return found


def _wanted(
    row_measure: MeasureKey, row_site: str, site: str | None, measures: Sequence[MeasureKey] | None
) -> bool:
    return at_site(row_site, site) and (measures is None or row_measure in measures)


def _why_left_out(study: StudyData, site: str | None, measures: Sequence[MeasureKey] | None) -> str | None:
    if study.purpose == "harms_only":
        return "Included for harms only; its bone results do not count as efficacy."
    if study.purpose == "background":
        return "Background, not an included comparison."
    rows = [(result.measure, result.site) for result in study.results]
    rows += [(contrast.measure, contrast.site) for contrast in study.contrasts]
    if not rows:
        return "No bone result is reported."
    if not any(_wanted(measure, where, site, measures) for measure, where in rows):
        return "Results only for: " + ", ".join(sorted({where for _, where in rows})) + "."
    return None


def _study_blocks(
    study: StudyData,
    site: str | None,
    measures: Sequence[MeasureKey] | None,
    correlations: dict[MeasureKey, Correlation],
) -> list[ChangeGroup]:
    """The study's rows, one block for each drug and route of its intervention arms."""
    changes: list[ArmChange] = []
    words: list[InWords] = []
    for arm in study.arms:
        rows = [
            row
            for row in study.results
            if row.arm_key == arm.key and _wanted(row.measure, row.site, site, measures)
        ]
        made, said = arm_rows(study, arm, rows, correlations)
        changes += made
        words += said
    contrasts = [row for row in study.contrasts if _wanted(row.measure, row.site, site, measures)]
    differences, said = study_differences(study, changes, contrasts)
    words += said
    blocks = []
    for key, members in _arm_groups(study).items():
        arms = tuple(row for row in changes if row.arm_key in members)
        children, without = _children(arms)
        blocks.append(
            ChangeGroup(
                key=key,
                studies=(study.label,),
                children=children,
                arms_without_n=without,
                arms=arms,
                differences=tuple(row for row in differences if row.arm_key in members),
                words=tuple(row for row in words if row.arm_key in members),
            )
        )
    return blocks


def _arm_groups(study: StudyData) -> dict[GroupKey, set[str]]:
    """Arms by drug and route of the intervention; a comparator stands beside every one of them."""
    condition = study.condition_class or NOT_STATED
    comparators = {arm.key for arm in study.arms if arm.role == "comparator"}
    groups: dict[GroupKey, set[str]] = {}
    for arm in study.arms:
        if arm.role == "intervention":
            key = GroupKey(condition, arm.drug or NOT_STATED, arm.route or NOT_STATED)
            groups.setdefault(key, set(comparators)).add(arm.key)
    return groups or {GroupKey(condition, NOT_STATED, NOT_STATED): comparators}


def _children(rows: Sequence[ArmChange]) -> tuple[int, int]:
    """Children in the rows, each arm once by its largest printed n; and how many arms have none printed."""
    known: dict[str, int] = {}
    for row in rows:
        if row.counts_towards_n:
            known[row.arm_key] = max(known.get(row.arm_key, 0), row.n or 0)
    return sum(known.values()), sum(1 for n in known.values() if n == 0)


def _merge(key: GroupKey, blocks: Sequence[ChangeGroup]) -> ChangeGroup:
    return ChangeGroup(
        key=key,
        studies=tuple(dict.fromkeys(label for block in blocks for label in block.studies)),
        children=sum(block.children for block in blocks),
        arms_without_n=sum(block.arms_without_n for block in blocks),
        arms=tuple(row for block in blocks for row in block.arms),
        differences=tuple(row for block in blocks for row in block.differences),
        words=tuple(row for block in blocks for row in block.words),
    )
