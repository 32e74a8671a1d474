"""Harms, arm by arm, with exact intervals; and what may be added up and what may not.

One convention for every arm: the Clopper-Pearson interval, two-sided 95 %; for no events also the one-sided
exact upper limit and the rule of three (0 of 42 children: 8.4 %, 6.9 %, 7.1 %). Only children are
independent of each other, so infusions, cycles, vertebrae and events get no interval. Children are added
only within one event and one unit: never across units, never from an event into its category, and not from
studies that share children.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from extraction.pure.dataset import Arm, Dataset, Harm, HarmStatus, HarmUnit, StudyData
from synthesis.pure.intervals import Interval, clopper_pearson, rule_of_three, upper_one_sided, wilson
from synthesis.pure.numerals import percent
from synthesis.pure.rows import is_subset

Kind = Literal["comparative", "case series"]


@dataclass(frozen=True, slots=True)
class Rate:
    """Events of n children with their limits. The last two stand only where there were no events."""

    proportion: float
    exact: Interval
    wilson: Interval
    upper_one_sided: float | None
    rule_of_three: float | None


@dataclass(frozen=True, slots=True)
class HarmRow:
    """One event in one arm.

    ``text`` is what the table prints; ``rate`` is ``None`` with the reason in ``notes``.
    """

    study_uid: str
    study: str
    kind: Kind
    arm_key: str
    arm: str
    role: str
    drug: str | None
    route: str | None
    category: str
    event: str
    status: HarmStatus
    events: int | None
    n: int | None
    unit: HarmUnit
    rate: Rate | None
    text: str
    counts_towards_n: bool
    ascertainment: str | None = None
    notes: tuple[str, ...] = ()
    finals: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Total:
    """Children with one event added over arms of one role. A sum of counts, not a pooled rate.

    ``events`` and ``n`` are ``None`` if nothing may be added; ``note`` then says why.
    """

    kind: Kind
    role: str
    arms: int
    events: int | None
    n: int | None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class EventTable:
    """One event in one unit: comparative arms, case series apart, and their sums."""

    event: str
    unit: HarmUnit
    rows: tuple[HarmRow, ...]
    series: tuple[HarmRow, ...]
    totals: tuple[Total, ...]


@dataclass(frozen=True, slots=True)
class CategoryTable:
    """The events of one category. There is no sum over events: a child may have had several."""

    category: str
    events: tuple[EventTable, ...]


@dataclass(frozen=True, slots=True)
class HarmsTable:
    """All harms by category, and the studies that report none (which is not the same as no harm)."""

    categories: tuple[CategoryTable, ...]
    without_harms: tuple[str, ...]


def rate(events: int, n: int) -> Rate:
    """Proportion and limits of ``events`` of ``n`` children.

    Raises ValueError for n = 0 or events above n.
    """
    exact, score = clopper_pearson(events, n), wilson(events, n)
    if exact is None or score is None:
        raise ValueError("a rate needs at least one child")
    upper = upper_one_sided(events, n) if events == 0 else None
    return Rate(events / n, exact, score, upper, rule_of_three(events, n))


def tabulate(dataset: Dataset, *, sharing: Collection[Collection[str]] = ()) -> HarmsTable:
    """The harms of all included studies, harms-only series apart.

    ``sharing`` holds sets of study uids known to share children; their counts are listed and never added.
    """
    rows: list[HarmRow] = []
    silent: list[str] = list(dataset.without_values)
    for study in dataset.studies:
        if study.purpose == "background":
            continue
        arms = {arm.key: arm for arm in study.arms}
        found = [_row(study, arms.get(harm.arm_key), harm) for harm in study.harms]
        rows += found
        if not any(row.status != "not_reported" for row in found):
            silent.append(study.label)
    categories = dict.fromkeys(row.category for row in rows)
    tables = [
        CategoryTable(name, _events([row for row in rows if row.category == name], sharing))
        for name in categories
    ]
    return HarmsTable(tuple(tables), tuple(silent))


def is_series(study: StudyData) -> bool:
    """Whether a study is a case series: included for harms only, or without any comparator arm."""
    return study.purpose == "harms_only" or not any(arm.role == "comparator" for arm in study.arms)


def _row(study: StudyData, arm: Arm | None, harm: Harm) -> HarmRow:
    made, notes = _rate_of(harm)
    relation = (arm.relation if arm else None) or ""
    return HarmRow(
        study_uid=study.uid,
        study=study.label,
        kind="case series" if is_series(study) else "comparative",
        arm_key=harm.arm_key,
        arm=arm.label if arm else harm.arm_key,
        role=arm.role if arm else "intervention",
        drug=arm.drug if arm else None,
        route=arm.route if arm else None,
        category=harm.category,
        event=harm.event,
        status=harm.status,
        events=_events_of(harm),
        n=harm.n,
        unit=harm.unit,
        rate=made,
        text=_text(harm, made),
        counts_towards_n=not is_subset(relation) and "before" not in relation.casefold(),
        ascertainment=harm.ascertainment,
        notes=notes,
        finals=harm.finals,
    )


def _events_of(harm: Harm) -> int | None:
    if harm.status == "zero_reported":
        return 0 if harm.events is None else harm.events
    return harm.events if harm.status == "counted" else None


def _rate_of(harm: Harm) -> tuple[Rate | None, tuple[str, ...]]:
    events = _events_of(harm)
    if events is None:
        return None, ()
    if harm.status == "zero_reported" and events:
        return None, (f"Marked as a reported zero, but {events} events are entered.",)
    if harm.n is None or harm.n == 0:
        return None, ("The number at risk is not printed, so there is no rate.",)
    if harm.unit != "children":
        note = f"Counted in {harm.unit}: those of one child are not independent, so there is no interval."
        return None, (note,)
    if not 0 <= events <= harm.n:
        return None, (f"{events} of {harm.n} children is not possible; check the entry.",)
    return rate(events, harm.n), ()


def _text(harm: Harm, made: Rate | None) -> str:
    events = _events_of(harm)
    if harm.status == "not_reported":
        return "Not reported (this is not a zero)"
    if events is None:
        return "Mentioned without a number"
    of = (
        f"{events} of {harm.n} {harm.unit}"
        if harm.n is not None
        else f"{events} ({harm.unit}; at risk not printed)"
    )
    if made is None:
        return of
    low, high = made.exact
    limits = f"{percent(made.proportion)}, {percent(low)} to {percent(high)}"
    if made.upper_one_sided is None:
        return f"{of}: {limits}"
    return f"{of}: at most {percent(high)} (two-sided), {percent(made.upper_one_sided)} (one-sided)"


def _events(rows: Sequence[HarmRow], sharing: Collection[Collection[str]]) -> tuple[EventTable, ...]:
    keys = dict.fromkeys((row.event, row.unit) for row in rows)
    tables = []
    for event, unit in keys:
        mine = [row for row in rows if (row.event, row.unit) == (event, unit)]
        comparative = tuple(row for row in mine if row.kind == "comparative")
        series = tuple(row for row in mine if row.kind == "case series")
        totals = [
            _total(kind, role, [row for row in group if row.role == role], sharing)
            for kind, group in (("comparative", comparative), ("case series", series))
            for role in dict.fromkeys(row.role for row in group)
        ]
        tables.append(EventTable(event, unit, comparative, series, tuple(totals)))
    return tuple(tables)


def _total(kind: str, role: str, rows: Sequence[HarmRow], sharing: Collection[Collection[str]]) -> Total:
    named: Kind = "case series" if kind == "case series" else "comparative"
    usable = [row for row in rows if row.rate is not None and row.counts_towards_n]
    if not usable:
        return Total(named, role, 0, None, None, "No arm has children counted of a printed number at risk.")
    studies = {row.study_uid for row in usable}
    if any(len(studies & set(group)) > 1 for group in sharing):
        note = "Studies that share children are among these; their counts are not added."
        return Total(named, role, len(usable), None, None, note)
    if len({(row.study_uid, row.arm_key) for row in usable}) < len(usable):
        note = "An arm has this event more than once; its children are not added twice."
        return Total(named, role, len(usable), None, None, note)
    events, n = sum(row.events or 0 for row in usable), sum(row.n or 0 for row in usable)
    left = len(rows) - len(usable)
    note_left = (
        f"{left} more arms without a usable count, or already counted, are not in this sum." if left else None
    )
    return Total(named, role, len(usable), events, n, note_left)
