"""Change arm by arm, differences and harms as tables, computed from the final values as they are at that moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from reviewapp.gate import Viewer
from reviewapp.pure.tables import Column, Table
from synthesis.pure import harms as pure_harms
from synthesis.pure.change import ChangeSummary, summarise
from synthesis.pure.intervals import Interval
from synthesis.pure.rows import ArmChange, Difference, Line
from synthesis.selectors import inputs

LINE = (
    Column("measure", "Measure", "text", "abmd, bmc, bmad, vbmd, z or height_adjusted_z"),
    Column("form", "Result", "text", "Kind of result: a change, a percent change, a final value"),
    Column("site", "Site", "text", "Skeletal site"),
    Column("months", "Months", "decimal", "Time since baseline", "months"),
    Column("phase", "Phase", "text", "Phase of the study, where it was entered"),
    Column("unit", "Unit", "text", "Unit of the numbers of this row"),
)
GROUP = (
    Column("condition_class", "Condition class", "text", "Class of condition of the study"),
    Column("drug", "Drug", "text", "Drug of the intervention"),
    Column("route", "Route", "text", "Route of the intervention"),
)


def _line(line: Line) -> list[object]:
    return [line.measure, line.estimand, line.site, line.months, line.phase, line.unit]


def _limits(ci: Interval | None) -> list[object]:
    return list(ci) if ci is not None else [None, None]


def _listed(texts: tuple[str, ...]) -> str:
    return " ".join(texts)


def _traced(finals: Mapping[str, str]) -> str:
    return "; ".join(f"{key}={uid}" for key, uid in sorted(finals.items()))


def summary_now(viewer: Viewer) -> ChangeSummary:
    """Return the summary of the final values as they are now."""
    return summarise(inputs.final_data(viewer), site=None, correlations=inputs.correlations(viewer))


BMD = (
    Column("study_uid", "Study id", "uid", "The study"),
    Column("study", "Study", "text", "Name of the study"),
    *GROUP,
    Column("arm_key", "Arm key", "text", "Row of the arm in the form"),
    Column("arm", "Arm", "text", "The arm in the paper’s words"),
    *LINE,
    Column("n", "n", "integer", "Children at this visit; empty: not reported", "children"),
    Column("mean", "Mean", "decimal", "Mean in the row’s unit"),
    Column("sd", "SD", "decimal", "Standard deviation in the row’s unit"),
    Column("sd_provenance", "Where the SD is from", "text", "reported, how it was computed, or not known"),
    Column("se", "SE", "decimal", "Standard error of the mean"),
    Column("ci_low", "Interval, lower", "decimal", "95 % within the arm"),
    Column("ci_high", "Interval, upper", "decimal", "95 % within the arm"),
    Column("test", "Quantile", "text", "t or z: the quantile behind the interval"),
    Column("p", "p, recomputed", "decimal", "Test against no change within the arm"),
    Column("p_printed", "p, printed", "text", "What the study printed for the arm"),
    Column("mean_printed", "Mean as printed", "boolean", "false: computed from two visits"),
    Column(
        "counts_towards_n", "Counts towards n", "boolean", "false for a subset or a period before treatment"
    ),
    Column("technique", "Technique", "text", "Technique of the measurement"),
    Column("device", "Device", "text", "Maker of the device"),
    Column("reference_data", "Reference data", "text", "Reference of a Z-score"),
    Column("derivation", "Derivation", "text", "Every step with its formula"),
    Column("notes", "Notes", "text", "What to know about the row"),
    Column("finals", "Final values", "text", "Ids of the final values it was read from: field=id"),
)


def bmd_summary(viewer: Viewer) -> Table:
    """Bone results arm by arm: mean, SD with where it came from, interval within the arm, derivation, final values."""
    return Table("bmd_summary", "Bone density, arm by arm", BMD, _bmd(viewer))


def _bmd(viewer: Viewer) -> Iterator[list[object]]:
    seen: set[tuple[str, str, Line]] = set()
    for group in summary_now(viewer).groups:
        for row in group.arms:
            key = (row.study_uid, row.arm_key, row.line)
            if key in seen:
                continue  # a comparator stands beside every drug of its study; it is one row here
            seen.add(key)
            yield [row.study_uid, row.study, *asdict(group.key).values(), *_arm(row)]


def _arm(row: ArmChange) -> list[object]:
    return [
        row.arm_key,
        row.arm,
        *_line(row.line),
        row.n,
        row.mean,
        row.sd,
        row.sd_provenance,
        row.se,
        *_limits(row.ci),
        row.test,
        row.p,
        row.printed_p,
        row.printed,
        row.counts_towards_n,
        row.technique,
        row.device,
        row.reference_data,
        "; ".join(f"{step.name}: {step.formula}" for step in row.steps),
        _listed(row.notes),
        _traced(row.finals),
    ]


BETWEEN = (
    Column("study_uid", "Study id", "uid", "The study"),
    Column("study", "Study", "text", "Name of the study"),
    *GROUP,
    Column("arm_key", "Arm key", "text", "Row of the intervention arm"),
    Column("arm", "Intervention arm", "text", "In the paper’s words"),
    Column("versus_key", "Comparator key", "text", "Row of the comparator arm"),
    Column("versus", "Comparator arm", "text", "In the paper’s words"),
    *LINE,
    Column("n1", "n, intervention", "integer", "Children", "children"),
    Column("n2", "n, comparator", "integer", "Children", "children"),
    Column("difference", "Difference", "decimal", "Intervention less comparator, in the row’s unit"),
    Column("se", "SE", "decimal", "Standard error of the difference"),
    Column("ci_low", "Interval, lower", "decimal", "95 %"),
    Column("ci_high", "Interval, upper", "decimal", "95 %"),
    Column("p", "p", "decimal", "Ours"),
    Column("test", "Test", "text", "Welch t, z, or as printed"),
    Column("df", "df", "decimal", "Degrees of freedom of t"),
    Column("source", "Source", "text", "computed from the arms, or printed contrast"),
    Column("preferred", "Preferred", "boolean", "The one row by which the study stands on this line"),
    Column("randomised", "Randomised", "boolean", "Empty: the design is not stated"),
    Column("printed_estimate", "Printed estimate", "decimal", "The study’s own difference"),
    Column("printed_low", "Printed, lower", "decimal", "95 %"),
    Column("printed_high", "Printed, upper", "decimal", "95 %"),
    Column("printed_p", "Printed p", "text", "The study’s own p between the groups"),
    Column("printed_test", "Printed test", "text", "The study’s own test"),
    Column(
        "not_poolable",
        "Not poolable",
        "text",
        "Why the row may not enter a pool; empty: nothing speaks against it",
    ),
    Column("words", "In words", "text", "A result that came without a usable number"),
    Column("derivation", "Derivation", "text", "Every step with its formula"),
    Column("notes", "Notes", "text", "What to know about the row"),
    Column("finals", "Final values", "text", "Ids of the final values it was read from: field=id"),
)


def between_groups(viewer: Viewer) -> Table:
    """Differences between two arms with the study’s own test beside ours, and results that came in words only."""
    return Table("between_groups", "Bone density, between groups", BETWEEN, _between(viewer))


def _between(viewer: Viewer) -> Iterator[list[object]]:
    for group in summary_now(viewer).groups:
        key = list(asdict(group.key).values())
        for row in group.differences:
            yield [row.study_uid, row.study, *key, *_difference(row)]
        for said in group.words:
            if said.versus is not None:
                line = _line(said.line) if said.line else [None, said.about, None, None, None, None]
                who = [said.study_uid, said.study, *key, said.arm_key, said.arm, None, said.versus]
                yield [*who, *line, *[None] * 18, said.text, None, None, _traced(said.finals)]


def _difference(row: Difference) -> list[object]:
    printed = row.printed
    own = (
        [printed.estimate, *_limits(printed.ci), printed.p, printed.test]
        if printed is not None
        else [None] * 5
    )
    return [
        row.arm_key,
        row.arm,
        row.versus_key,
        row.versus,
        *_line(row.line),
        row.n1,
        row.n2,
        row.value,
        row.se,
        *_limits(row.ci),
        row.p,
        row.test,
        row.df,
        row.source,
        row.preferred,
        row.randomised,
        *own,
        _listed(row.not_poolable),
        None,
        "; ".join(f"{step.name}: {step.formula}" for step in row.steps),
        _listed(row.notes),
        _traced(row.finals),
    ]


HARMS = (
    Column("study_uid", "Study id", "uid", "The study"),
    Column("study", "Study", "text", "Name of the study"),
    Column("kind", "Kind", "text", "comparative, or case series"),
    Column("arm_key", "Arm key", "text", "Row of the arm in the form"),
    Column("arm", "Arm", "text", "In the paper’s words"),
    Column("role", "Role", "text", "intervention or comparator"),
    Column("drug", "Drug", "text", "Drug of the arm"),
    Column("route", "Route", "text", "Route of the arm"),
    Column("category", "Category", "text", "Category of the event; never a sum over its events"),
    Column("event", "Event", "text", "In the paper’s words"),
    Column("status", "Status", "text", "counted, zero_reported, mentioned_without_number, not_reported"),
    Column("events", "Events", "integer", "How many; empty: no number"),
    Column("n", "Out of", "integer", "At risk; empty: not printed"),
    Column("unit", "Unit", "text", "children, infusions, cycles, vertebrae or events"),
    Column("proportion", "Proportion", "decimal", "Of children only"),
    Column("exact_low", "Exact, lower", "decimal", "Clopper-Pearson, two-sided 95 %"),
    Column("exact_high", "Exact, upper", "decimal", "Clopper-Pearson, two-sided 95 %"),
    Column("upper_one_sided", "Upper, one-sided", "decimal", "Exact, 95 %, for no events only"),
    Column("ascertainment", "Ascertainment", "text", "How it was looked for"),
    Column("notes", "Notes", "text", "Why there is no rate"),
    Column("finals", "Final values", "text", "Ids of the final values it was read from: field=id"),
)


def harms(viewer: Viewer) -> Table:
    """Harms arm by arm with exact limits; a printed zero is told from silence, and case series are marked."""
    return Table("harms", "Harms", HARMS, _harms(viewer))


def _harms(viewer: Viewer) -> Iterator[list[object]]:
    found = pure_harms.tabulate(inputs.final_data(viewer))
    events = (event for category in found.categories for event in category.events)
    for row in (row for event in events for row in (*event.rows, *event.series)):
        rate = row.rate
        yield [
            row.study_uid,
            row.study,
            row.kind,
            row.arm_key,
            row.arm,
            row.role,
            row.drug,
            row.route,
            row.category,
            row.event,
            row.status,
            row.events,
            row.n,
            row.unit,
            rate.proportion if rate else None,
            *_limits(rate.exact if rate else None),
            rate.upper_one_sided if rate else None,
            row.ascertainment,
            _listed(row.notes),
            _traced(row.finals),
        ]
