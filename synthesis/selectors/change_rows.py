"""The change table as a page shows it: one line a study and measure, both arms, the difference, and how it came about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from django.utils.translation import gettext as _

from extraction.pure.dataset import StudyData
from synthesis.pure.between import SUBSET
from synthesis.pure.change import NOT_STATED, ChangeGroup, ChangeSummary
from synthesis.pure.forest_rows import PLACES
from synthesis.pure.intervals import Interval
from synthesis.pure.numerals import fixed, number, p_value
from synthesis.pure.rows import MEASURES, ArmChange, Difference, InWords, Line, PrintedContrast, Step

Show = Literal["all", "percent", "z", "absolute", "words"]
SHOWN: tuple[Show, ...] = ("all", "percent", "z", "absolute", "words")
Z_SCALES = ("z", "height_adjusted_z")


@dataclass(frozen=True, slots=True)
class Cell:
    """One arm: mean, SD and n as text. ``derived`` marks an SD that the study did not print."""

    mean: str
    sd: str
    n: str
    derived: bool


@dataclass(frozen=True, slots=True)
class Within:
    """One arm in full: its change, the interval within the arm, our test, the study's own, and what to note."""

    arm: str
    text: str
    interval: str
    test: str
    printed: str
    provenance: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; ``words`` holds results that came without usable numbers."""

    key: str
    study_uid: str
    study: str
    detail: str
    measure: str
    site: str
    months: str
    one: Cell | None
    two: Cell | None
    difference: str
    interval: str
    mark: str
    gap: str
    ours: str
    printed: str
    arms: tuple[Within, ...]
    steps: tuple[Step, ...]
    notes: tuple[str, ...]
    words: str = ""

    @property
    def has_more(self) -> bool:
        """Tell whether there is a derivation to open."""
        return bool(self.arms or self.steps or self.notes or self.printed)


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of one condition class."""

    name: str
    studies: int
    rows: tuple[Row, ...]


def filtered(summary: ChangeSummary, *, show: Show = "all", site: str = "") -> ChangeSummary:
    """Return the summary with the rows of one kind and site only; groups that have none left go."""

    def keep(line: Line | None) -> bool:
        return line is not None and (not site or line.site == site) and _kind(line, show)

    groups = []
    for group in summary.groups:
        kept = replace(
            group,
            arms=tuple(row for row in group.arms if keep(row.line)),
            differences=tuple(row for row in group.differences if keep(row.line)),
            words=tuple(row for row in group.words if _worded(row, show, site)),
        )
        if kept.arms or kept.differences or kept.words:
            groups.append(kept)
    return replace(summary, groups=tuple(groups))


def _kind(line: Line, show: Show) -> bool:
    if show == "percent":
        return "percent" in line.estimand
    if show == "z":
        return line.measure in Z_SCALES
    if show == "absolute":
        return line.measure not in Z_SCALES and "percent" not in line.estimand
    return show == "all"


def _worded(row: InWords, show: Show, site: str) -> bool:
    at_site = (
        not site
        or (row.line is not None and row.line.site == site)
        or (row.line is None and site in row.about)
    )
    if show in ("all", "words"):
        return at_site
    return at_site and row.line is not None and _kind(row.line, show)


def changes_only(summary: ChangeSummary) -> ChangeSummary:
    """Return the summary without differences of final values: what the figure of changes is drawn from."""
    groups = tuple(
        replace(
            group,
            differences=tuple(row for row in group.differences if row.line.estimand != "final value"),
        )
        for group in summary.groups
    )
    return replace(summary, groups=groups)


def sites(summary: ChangeSummary) -> tuple[str, ...]:
    """Return every skeletal site that has a row."""
    found = {row.line.site for group in summary.groups for row in group.arms}
    found |= {row.line.site for group in summary.groups for row in group.differences}
    return tuple(sorted(found))


def blocks(summary: ChangeSummary, studies: Sequence[StudyData], *, final: bool = False) -> tuple[Block, ...]:
    """Return the table by condition class: changes, or with ``final`` the values at each visit."""
    known = {study.uid: study for study in studies}
    classes: dict[str, list[ChangeGroup]] = {}
    for group in summary.groups:
        classes.setdefault(group.key.condition_class, []).append(group)
    made = []
    for name, groups in classes.items():
        rows = tuple(row for group in groups for row in _group_rows(group, known, final=final))
        if rows:
            made.append(
                Block(
                    name=name[:1].upper() + name[1:],
                    studies=len({row.study_uid for row in rows}),
                    rows=rows,
                )
            )
    return tuple(made)


def _group_rows(group: ChangeGroup, studies: dict[str, StudyData], *, final: bool) -> Iterable[Row]:
    arms = {(row.study_uid, row.arm_key, row.line): row for row in group.arms}
    taken: set[tuple[str, str, Line]] = set()
    order = {label: place for place, label in enumerate(group.studies)}
    made: list[tuple[int, Row]] = []
    for difference in group.differences:
        if (difference.line.estimand == "final value") != final:
            continue
        one = _arm_of(arms, difference.study_uid, difference.arm_key, difference.line)
        two = _arm_of(arms, difference.study_uid, difference.versus_key, difference.line)
        taken |= {(row.study_uid, row.arm_key, row.line) for row in (one, two) if row is not None}
        row = _difference_row(group, studies.get(difference.study_uid), difference, one, two)
        made.append((order.get(difference.study, 0), row))
    alone = [
        row for key, row in arms.items() if key not in taken and (row.line.estimand == "final value") == final
    ]
    for pair in _paired(alone, studies):
        made.append((order.get(pair[2].study, 0), _alone_row(group, studies.get(pair[2].study_uid), *pair)))
    for said in group.words:
        if (said.line is not None and said.line.estimand == "final value") == final:
            made.append((order.get(said.study, 0), _words_row(group, studies.get(said.study_uid), said)))
    return [row for _place, row in sorted(made, key=lambda item: item[0])]


def _arm_of(
    arms: dict[tuple[str, str, Line], ArmChange], study: str, arm: str, line: Line
) -> ArmChange | None:
    """The arm's row on the line; a printed contrast names no phase, so the phase may differ then."""
    if (study, arm, line) in arms:
        return arms[study, arm, line]
    if line.phase is not None:
        return None
    same = [
        row for key, row in arms.items() if key[:2] == (study, arm) and replace(row.line, phase=None) == line
    ]
    return same[0] if len(same) == 1 else None


def _paired(
    rows: Sequence[ArmChange], studies: dict[str, StudyData]
) -> Iterable[tuple[ArmChange | None, ArmChange | None, ArmChange]]:
    """Rows that are in no difference: both arms of a line together where there are two, else one alone."""
    lines: dict[tuple[str, Line], dict[str, list[ArmChange]]] = {}
    for row in rows:
        study = studies.get(row.study_uid)
        role = (
            next((arm.role for arm in study.arms if arm.key == row.arm_key), "intervention") if study else ""
        )
        sides = lines.setdefault((row.study_uid, row.line), {"one": [], "two": []})
        sides["two" if role == "comparator" else "one"].append(row)
    for sides in lines.values():
        ones, twos = sides["one"], sides["two"]
        if len(ones) == len(twos) == 1:
            yield ones[0], twos[0], ones[0]
            continue
        for row in ones:
            yield row, None, row
        for row in twos:
            yield None, row, row


def _difference_row(
    group: ChangeGroup,
    study: StudyData | None,
    row: Difference,
    one: ArmChange | None,
    two: ArmChange | None,
) -> Row:
    places = PLACES[row.line.unit]
    mark = ""
    if row.source == "printed contrast":
        mark = _("adjusted, as printed") if row.printed and row.printed.adjusted else _("as printed")
    if SUBSET in row.not_poolable:
        mark = _("subset, not counted again")
    if not row.preferred:
        mark = _("not the one shown in the figure")
    return replace(
        _base(row.line, row.study, row.study_uid, f"{row.arm_key}-{row.versus_key}-{row.source}"),
        detail=_detail(study, group, row.arm_key),
        one=_cell(one, places),
        two=_cell(two, places),
        difference=fixed(row.value, places),
        interval=_limits(row.ci, places),
        mark=mark,
        gap="" if row.ci else (row.not_poolable[0] if row.not_poolable else _("No interval.")),
        ours=_test(row.p, row.test, row.df),
        printed=_contrast(row.printed, places) if row.printed else "",
        arms=tuple(_within(arm, places) for arm in (one, two) if arm is not None),
        steps=_named(row.steps, one, two),
        notes=tuple(dict.fromkeys((*row.notes, *row.not_poolable))),
    )


def _named(steps: Sequence[Step], *arms: ArmChange | None) -> tuple[Step, ...]:
    """The steps of both arms, each told which arm it is of, and then those of their difference."""
    made: list[Step] = []
    rest = list(steps)
    for arm in arms:
        own = arm.steps if arm is not None else ()
        made += [replace(step, name=f"{step.name}, {arm.arm}") for step in own] if arm is not None else []
        rest = rest[len(own) :] if tuple(rest[: len(own)]) == own else rest
    return (*made, *rest)


def _alone_row(
    group: ChangeGroup,
    study: StudyData | None,
    one: ArmChange | None,
    two: ArmChange | None,
    either: ArmChange,
) -> Row:
    places = PLACES[either.line.unit]
    both = one is not None and two is not None
    return replace(
        _base(either.line, either.study, either.study_uid, f"{either.arm_key}-alone"),
        detail=_detail(study, group, either.arm_key),
        one=_cell(one, places),
        two=_cell(two, places),
        gap=_("not compared") if both else _("within one group only"),
        arms=tuple(_within(arm, places) for arm in (one, two) if arm is not None),
        steps=_named((), one, two),
    )


def _words_row(group: ChangeGroup, study: StudyData | None, said: InWords) -> Row:
    line = said.line
    blank = Line("abmd", "mean change", "", None, None)
    row = _base(line or blank, said.study, said.study_uid, f"{said.arm_key}-words-{said.about}")
    who = f"{said.arm} {_('against')} {said.versus}: " if said.versus else f"{said.arm}: "
    if line is None:
        row = replace(row, measure=said.about, site="", months="")
    return replace(row, detail=_detail(study, group, said.arm_key), words=who + said.text)


def _base(line: Line, label: str, uid: str, key: str) -> Row:
    return Row(
        key=f"{uid}-{line.words}-{line.phase}-{key}",
        study_uid=uid,
        study=label,
        detail="",
        measure=measure_words(line),
        site=line.site,
        months=_("NR") if line.months is None else number(line.months),
        one=None,
        two=None,
        difference="",
        interval="",
        mark="",
        gap="",
        ours="",
        printed="",
        arms=(),
        steps=(),
        notes=(),
    )


def measure_words(line: Line) -> str:
    """Say what a line measures, short, with its unit."""
    name, unit = MEASURES[line.measure]
    if line.estimand == "mean percent change":
        return _("%(name)s, percent change") % {"name": name}
    if line.estimand == "percent change of means":
        return _("%(name)s, percent change of the means") % {"name": name}
    if line.estimand == "final value":
        return name if unit == "Z" else f"{name}, {unit}"
    if unit == "Z":
        return _("%(name)s, change") % {"name": name}
    return _("%(name)s, change in %(unit)s") % {"name": name, "unit": unit}


def _detail(study: StudyData | None, group: ChangeGroup, arm_key: str) -> str:
    """Design, condition and treatment; and which arm, where a study has several of that role."""
    if study is None:
        return ""
    parts = [", ".join(text for text in (study.design_as_classified, study.condition) if text)]
    arm = next((arm for arm in study.arms if arm.key == arm_key), None)
    if arm is not None and sum(one.role == arm.role for one in study.arms) > 1:
        parts.append(arm.label)
    if arm is not None and arm.role == "intervention":
        parts.append(" ".join(text for text in (arm.drug, arm.route) if text))
    elif group.key.drug != NOT_STATED:
        parts.append(f"{group.key.drug} {group.key.route}")
    return "; ".join(part for part in parts if part)


def _cell(row: ArmChange | None, places: int) -> Cell | None:
    if row is None:
        return None
    return Cell(
        mean=fixed(row.mean, places),
        sd=fixed(row.sd, places) if row.sd is not None else "",
        n=str(row.n) if row.n is not None else _("n NR"),
        derived=row.sd is not None and row.sd_provenance != "reported",
    )


def _within(row: ArmChange, places: int) -> Within:
    said = [f"{fixed(row.mean, places)}{'' if row.line.unit == 'Z' else ' ' + row.line.unit}"]
    said += [f"SD {fixed(row.sd, places)}"] if row.sd is not None else []
    said += [f"SE {fixed(row.se, places)}"] if row.se is not None and row.sd is None else []
    said.append(f"n {row.n}" if row.n is not None else _("n not reported"))
    return Within(
        arm=row.arm,
        text=", ".join(said),
        interval=_limits(row.ci, places),
        test=_test(row.p, row.test, row.n - 1 if row.test == "t" and row.n else None),
        printed=row.printed_p or "",
        provenance="" if row.sd is None or row.sd_provenance == "reported" else row.sd_provenance,
        notes=row.notes,
    )


def _limits(ci: Interval | None, places: int) -> str:
    return f"[{fixed(ci[0], places)}, {fixed(ci[1], places)}]" if ci else ""


def _test(p: float | None, test: str | None, df: float | None) -> str:
    if p is None:
        return ""
    name = f"{test}, df {number(df, 3)}" if df is not None and test else (test or "")
    return f"{p_value(p)} ({name})" if name else p_value(p)


def _contrast(found: PrintedContrast, places: int) -> str:
    """Say the study's own between-group result as it printed it."""
    parts = []
    if found.estimate is not None:
        parts.append(f"{fixed(found.estimate, places)} {_limits(found.ci, places)}".strip())
    if found.se is not None:
        parts.append(f"SE {fixed(found.se, places)}")
    parts += [text for text in (found.p, found.test) if text]
    if found.adjusted:
        parts.append(_("adjusted") + (f": {found.model}" if found.model else ""))
    return ", ".join(parts)
