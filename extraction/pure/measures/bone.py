"""Vocabularies, limits and shared questions of bone outcomes.

Site and technique follow the ISCD paediatric positions (PA spine and total body less head preferred; hip,
lateral distal femur and forearm for special groups). Limits are those of the extraction form of the worked
review.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from extraction.pure.fields import Choice, Field, FieldType


def choices(**labels: str) -> tuple[Choice, ...]:
    """Choices from ``value="label"`` pairs, in the order given."""
    return tuple(Choice(value, label) for value, label in labels.items())


MEASURES = choices(
    abmd="Areal BMD (g/cm²)",
    bmc="Bone mineral content (g)",
    bmad="Bone mineral apparent density (g/cm³)",
    vbmd="Volumetric BMD (mg/cm³)",
    z="BMD Z-score",
    height_adjusted_z="Height-adjusted BMD Z-score",
)
UNITS = {
    "abmd": "g/cm²",
    "bmc": "g",
    "bmad": "g/cm³",
    "vbmd": "mg/cm³",
    "z": "Z",
    "height_adjusted_z": "Z",
}
CHANGE_FORMS = choices(
    percent_change="Percent change from baseline",
    absolute_change="Absolute change from baseline",
    z_change="Z-score change from baseline",
)
CONTRAST_FORMS = (Choice("value", "Value at a time"), *CHANGE_FORMS)
SITES = choices(
    lumbar_spine="Lumbar spine, levels not stated",
    lumbar_spine_l1_l4="Lumbar spine L1–L4",
    lumbar_spine_l2_l4="Lumbar spine L2–L4",
    total_body="Total body",
    total_body_less_head="Total body less head",
    femoral_neck="Femoral neck",
    total_hip="Total hip",
    femoral_shaft="Femoral shaft",
    lateral_distal_femur_1="Lateral distal femur, region 1 (metaphysis)",
    lateral_distal_femur_2="Lateral distal femur, region 2",
    lateral_distal_femur_3="Lateral distal femur, region 3 (diaphysis)",
    lateral_distal_femur="Lateral distal femur, region not stated",
    distal_radius="Distal radius or forearm",
    tibia="Tibia",
    calcaneus="Calcaneus",
    not_stated="Site not stated",
    other="Other site",
)
TECHNIQUES = choices(
    dxa="DXA",
    dpa="DPA",
    pqct="pQCT",
    qct="QCT",
    hr_pqct="HR-pQCT",
    sxa="SXA",
    qus="QUS",
    not_stated="Not stated",
)
DEVICES = choices(
    hologic="Hologic", lunar="GE Lunar", norland="Norland", other="Other", not_stated="Not stated"
)
PHASES = choices(
    baseline="Baseline",
    on_treatment="On treatment",
    end_of_treatment="End of treatment",
    post_treatment="After treatment",
    before_treatment="Period before treatment",
)
STATISTICS = choices(
    mean="Mean",
    ls_mean="Least-squares (model) mean",
    change_of_means="Change of the group means",
    median="Median",
    none="No number, direction or test only",
)
SPREADS = choices(
    sd="Standard deviation (SD)",
    se="Standard error (SE, SEM)",
    ci95="95 % confidence interval",
    iqr="Interquartile range",
    range="Range",
    unstated="“±”, type not stated",
)
DIRECTIONS = choices(
    increase="Increase", decrease="Decrease", no_change="No change", not_reported="Direction not reported"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a mean in its own unit, and when a small spread is asked about.

    ``ask_ratio``: an "SD" below this share of ``|mean|`` may be an SE. ``ask_floor``: an "SD" below this may
    be an SE (scales with a known SD). Both only where fewer than 50 were analysed; None: not asked.
    """

    hard_min: Decimal
    hard_max: Decimal
    soft_min: Decimal
    soft_max: Decimal
    ask_ratio: Decimal | None = None
    ask_floor: Decimal | None = None


_Z = Limits(Decimal("-10"), Decimal("8"), Decimal("-6"), Decimal("3"), ask_floor=Decimal("0.35"))
_Z_CHANGE = Limits(
    Decimal("-10"),
    Decimal("10"),
    Decimal("-1.5"),
    Decimal("3"),
    ask_ratio=Decimal("0.3"),
    ask_floor=Decimal("0.35"),
)
VALUE_LIMITS = {
    "abmd": Limits(
        Decimal("0.02"), Decimal("2.5"), Decimal("0.1"), Decimal("1.6"), ask_ratio=Decimal("0.03")
    ),
    "bmc": Limits(Decimal("0.1"), Decimal("5000"), Decimal("1"), Decimal("3500"), ask_ratio=Decimal("0.03")),
    "bmad": Limits(
        Decimal("0.02"), Decimal("2.0"), Decimal("0.08"), Decimal("1.5"), ask_ratio=Decimal("0.03")
    ),
    "vbmd": Limits(Decimal("10"), Decimal("1500"), Decimal("50"), Decimal("1300"), ask_ratio=Decimal("0.03")),
    "z": _Z,
    "height_adjusted_z": _Z,
}
PERCENT_LIMITS = Limits(
    Decimal("-95"), Decimal("400"), Decimal("-50"), Decimal("150"), ask_ratio=Decimal("0.3")
)


def limits(measure: str | None, form: str) -> Limits | None:
    """Limits of a mean of this measure in this form.

    None where no limit is known (absolute changes of g or g/cm²).
    """
    if form == "percent_change":
        return PERCENT_LIMITS
    if form == "z_change" or (form == "absolute_change" and measure in {"z", "height_adjusted_z"}):
        return _Z_CHANGE
    return VALUE_LIMITS.get(measure or "") if form == "value" else None


def unit_of(measure: str | None, form: str) -> str:
    """The unit of a mean of this measure in this form: percent, Z, or the unit of the measure."""
    if form == "percent_change":
        return "%"
    return "Z" if form == "z_change" else UNITS.get(measure or "", "")


def place_fields() -> tuple[Field, ...]:
    """Where and with what the bone was measured."""
    return (
        Field("site", "Site", FieldType.CHOICE, choices=SITES, required=True, identity=True),
        Field("site_detail", "Site in the paper's words", FieldType.TEXT),
        Field("technique", "Technique", FieldType.CHOICE, choices=TECHNIQUES),
        Field("device", "Manufacturer of the device", FieldType.CHOICE, choices=DEVICES),
        Field("device_model", "Model and software", FieldType.TEXT),
        Field(
            "reference_data",
            "Reference data of the Z-score",
            FieldType.TEXT,
            help="Whose reference, and whether corrected for height.",
        ),
    )


def time_fields() -> tuple[Field, ...]:
    """When it was measured."""
    return (
        Field(
            "months",
            "Months since baseline",
            FieldType.DECIMAL,
            unit="months",
            hard_min=Decimal(0),
            hard_max=Decimal(240),
            soft_max=Decimal(60),
            identity=True,
        ),
        Field("time_detail", "Time in the paper's words", FieldType.TEXT, help="For example “30–36 months”."),
        Field("phase", "Phase", FieldType.CHOICE, choices=PHASES),
    )


def number_fields() -> tuple[Field, ...]:
    """The number of one arm with its spread, its test and its direction."""
    spread_needed = ("sd", "se", "unstated")
    bounds_needed = ("ci95", "iqr", "range")
    return (
        Field("n", "Children analysed", FieldType.INTEGER, hard_min=Decimal(1), hard_max=Decimal(100000)),
        Field("statistic", "What the number is", FieldType.CHOICE, choices=STATISTICS),
        Field("mean", "Mean (or the number named above)", FieldType.DECIMAL),
        Field(
            "spread_kind",
            "Kind of spread",
            FieldType.CHOICE,
            choices=SPREADS,
            help="Needed as soon as any spread is given; “±” alone is “type not stated”.",
        ),
        Field(
            "spread",
            "Spread",
            FieldType.DECIMAL,
            hard_min=Decimal(0),
            required_if=("spread_kind", spread_needed),
        ),
        Field("low", "Lower bound", FieldType.DECIMAL, required_if=("spread_kind", bounds_needed)),
        Field("high", "Upper bound", FieldType.DECIMAL, required_if=("spread_kind", bounds_needed)),
        Field("p_within", "p within the arm (against baseline)", FieldType.P_VALUE),
        Field("direction", "Direction", FieldType.CHOICE, choices=DIRECTIONS),
    )
