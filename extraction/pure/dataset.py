"""The dataset that synthesis reads: reconciled (final) values as typed rows, one tree a study.

Numbers are floats for arithmetic; the exact text and decimal of every number stay in the Final rows, and each row
here carries the uids of the finals it was built from (``finals``: field key -> Final uid), so a figure can be traced.
``None`` always means "not reported"; a reported zero is 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

SpreadKind = Literal["sd", "se", "ci95", "iqr", "range", "unstated"]
ResultForm = Literal["value", "absolute_change", "percent_change", "z_change"]
MeasureKey = Literal["abmd", "bmc", "bmad", "vbmd", "z", "height_adjusted_z"]
Direction = Literal["increase", "decrease", "no_change", "not_reported"]
Favours = Literal["intervention", "comparator", "neither", "not_reported"]
HarmStatus = Literal["counted", "zero_reported", "mentioned_without_number", "not_reported"]
HarmUnit = Literal["children", "infusions", "cycles", "vertebrae", "events"]


@dataclass(frozen=True, slots=True)
class Arm:
    """One group of children as the study had it; ``relation`` is e.g. "parallel", "matched pairs", "subset of arm x"."""

    key: str
    label: str
    role: Literal["intervention", "comparator"]
    drug: str | None = None
    route: str | None = None
    dose: str | None = None
    schedule: str | None = None
    n_randomised: int | None = None
    n_analysed: int | None = None
    relation: str | None = None
    finals: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """A bone outcome of one arm: what, where, when, and the number as reported.

    ``mean`` and ``spread`` are in the unit of the measure (g/cm2, g, g/cm3, mg/cm3, Z) or in percent for a percent
    change. For ``spread_kind`` ci95, iqr and range ``low`` and ``high`` hold the two bounds and ``spread`` is None.
    """

    row_key: str
    arm_key: str
    measure: MeasureKey
    form: ResultForm
    site: str
    months: float | None
    n: int | None
    mean: float | None
    spread_kind: SpreadKind | None = None
    spread: float | None = None
    low: float | None = None
    high: float | None = None
    phase: str | None = None
    technique: str | None = None
    device: str | None = None
    reference_data: str | None = None
    p_operator: str | None = None
    p_value: float | None = None
    direction: Direction = "not_reported"
    finals: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contrast:
    """A between-group result as the study printed it, possibly without any arm values (METHOD.md, contrast-only)."""

    row_key: str
    arm_key: str
    versus_key: str
    measure: MeasureKey
    form: ResultForm
    site: str
    months: float | None
    n: int | None
    estimate: float | None
    se: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p_operator: str | None = None
    p_value: float | None = None
    test: str | None = None
    adjusted: bool | None = None
    model: str | None = None
    direction: Favours = "not_reported"
    finals: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Harm:
    """An adverse event in one arm. ``zero_reported`` is a printed 0 and differs from ``not_reported``."""

    row_key: str
    arm_key: str
    category: str
    event: str
    status: HarmStatus
    events: int | None
    n: int | None
    unit: HarmUnit
    ascertainment: str | None = None
    finals: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StudyData:
    """Everything final about one study."""

    uid: str
    label: str
    purpose: Literal["efficacy", "harms_only", "background"]
    design_as_reported: str | None
    design_as_classified: str | None
    condition_class: str | None
    condition: str | None
    arms: tuple[Arm, ...] = ()
    results: tuple[Result, ...] = ()
    contrasts: tuple[Contrast, ...] = ()
    harms: tuple[Harm, ...] = ()
    characteristics: Mapping[str, str] = field(default_factory=dict)
    appraisal: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dataset:
    """All studies with final values, and the labels of included studies that have none yet."""

    studies: tuple[StudyData, ...]
    without_values: tuple[str, ...] = ()
