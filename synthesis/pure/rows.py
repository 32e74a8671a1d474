"""The rows of the change table: one arm's change, the difference of two arms, a result in words.

Every number carries the steps that made it, back to the final values it was read from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from extraction.pure.dataset import Favours, MeasureKey, Result, StudyData
from synthesis.pure.effects import Test
from synthesis.pure.intervals import Interval
from synthesis.pure.numerals import number

Estimand = Literal["mean change", "mean percent change", "percent change of means", "final value"]
Source = Literal["computed from the arms", "printed contrast"]

MEASURES: Mapping[MeasureKey, tuple[str, str]] = {
    "abmd": ("aBMD", "g/cm²"),
    "bmc": ("BMC", "g"),
    "bmad": ("BMAD", "g/cm³"),
    "vbmd": ("vBMD", "mg/cm³"),
    "z": ("Z-score", "Z"),
    "height_adjusted_z": ("height-adjusted Z-score", "Z"),
}
RATIO_SCALES: tuple[MeasureKey, ...] = ("abmd", "bmc", "bmad", "vbmd")


@dataclass(frozen=True, slots=True)
class Step:
    """One computation.

    The formula with its numbers, what came out, what was assumed, which finals went in.
    """

    name: str
    formula: str
    value: float | None
    inputs: Mapping[str, float] = field(default_factory=dict)
    finals: Mapping[str, str] = field(default_factory=dict)
    assumption: str | None = None


@dataclass(frozen=True, slots=True)
class Correlation:
    """The correlation of two measurements in the same children on one scale, and where it was taken from."""

    measure: MeasureKey
    r: float
    source: str

    def __post_init__(self) -> None:
        if not -1 <= self.r <= 1:
            raise ValueError(f"a correlation lies between -1 and 1, not {self.r}")
        if not self.source.strip():
            raise ValueError("a correlation needs its source")


@dataclass(frozen=True, slots=True)
class Line:
    """What is measured and where: rows are compared only if they agree on all of it."""

    measure: MeasureKey
    estimand: Estimand
    site: str
    months: float | None
    phase: str | None

    @property
    def unit(self) -> str:
        """Unit of the numbers of this line."""
        return "%" if "percent" in self.estimand else MEASURES[self.measure][1]

    @property
    def words(self) -> str:
        """The line as a reader says it."""
        when = "time not reported" if self.months is None else f"{number(self.months)} months"
        return f"{MEASURES[self.measure][0]}, {self.estimand}, {self.site}, {when}"


@dataclass(frozen=True, slots=True)
class ArmChange:
    """One arm on one line.

    ``mean``, ``sd`` and ``se`` are in the line's unit. ``sd_provenance`` is “reported”, how it was
    computed, or “not known”. ``ci`` is the 95 % interval within the arm with ``test`` naming its quantile;
    ``p`` recomputes the test against no change, ``printed_p`` is what the study printed.
    ``counts_towards_n`` is false for a subset of another arm and for the same children seen before
    treatment.
    """

    study_uid: str
    study: str
    arm_key: str
    arm: str
    line: Line
    n: int | None
    mean: float
    sd: float | None
    sd_provenance: str
    se: float | None
    ci: Interval | None
    test: Test | None
    p: float | None
    printed_p: str | None
    printed: bool
    counts_towards_n: bool
    technique: str | None = None
    device: str | None = None
    reference_data: str | None = None
    notes: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    finals: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PrintedContrast:
    """The study's own between-group result, as printed."""

    estimate: float | None
    se: float | None
    ci: Interval | None
    p: str | None
    test: str | None
    adjusted: bool | None
    model: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Intervention less comparator on one line.

    ``preferred`` marks the one row a study and line is shown (and, if ever, pooled) by. ``not_poolable``
    lists in words why the row may not enter a pool as it stands; empty means that nothing speaks against it
    here.
    """

    study_uid: str
    study: str
    arm_key: str
    arm: str
    versus_key: str
    versus: str
    line: Line
    n1: int | None
    n2: int | None
    value: float
    se: float | None
    ci: Interval | None
    p: float | None
    test: str | None
    df: float | None
    source: Source
    printed: PrintedContrast | None
    randomised: bool | None
    preferred: bool = True
    not_poolable: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    finals: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InWords:
    """A result without a number that could be used.

    Direction, p value, or the reason why nothing was computed.
    """

    study_uid: str
    study: str
    arm_key: str
    arm: str
    versus: str | None
    about: str
    text: str
    finals: Mapping[str, str] = field(default_factory=dict)
    line: Line | None = None
    favours: Favours | None = None


def is_randomised(study: StudyData) -> bool | None:
    """Whether the design as classified (else as reported) is randomised; ``None`` if neither is known."""
    design = (study.design_as_classified or study.design_as_reported or "").casefold().strip()
    if not design:
        return None
    if any(word in design for word in ("non-random", "nonrandom", "not random", "quasi")):
        return False
    return "random" in design or "rct" in design


def is_subset(relation: str | None) -> bool:
    """Whether an arm is part of another arm."""
    return "subset" in (relation or "").casefold()


def is_matched(relation: str | None) -> bool:
    """Whether an arm was matched child by child to another arm."""
    return "matched" in (relation or "").casefold()


def same_children(study: StudyData, *relations: str | None) -> bool:
    """Whether two arms are the same children.

    A period before treatment, or the two periods of a cross-over.
    """
    texts = [study.design_as_classified or study.design_as_reported, *relations]
    joined = " ".join(text.casefold() for text in texts if text)
    before = any("before" in (relation or "").casefold() for relation in relations)
    return before or "cross-over" in joined or "crossover" in joined


def is_baseline(row: Result) -> bool:
    """Whether a row is a value at baseline."""
    return row.form == "value" and (row.months == 0 or (row.phase or "").casefold() == "baseline")


def prefixed(prefix: str, finals: Mapping[str, str]) -> dict[str, str]:
    """Finals of one of several rows, told apart by a prefix."""
    return {f"{prefix}.{key}": uid for key, uid in finals.items()}
