"""Three made-up trials and a series: what their reports print, and what follows from it, worked out by hand.

The arithmetic stands in full beside each number. Quantiles are from tables: t(.975; 15) = 2.1314,
t(.975; 20.87) = 2.0804, t(.975; 37.88) = 2.0246, t(.975; 36.80) = 2.0266, z(.975) = 1.9600.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Row = dict[str, str]
BONE = "Bone density in children"
SERIES_FORM = "Harms of a series"


@dataclass(frozen=True)
class Difference:
    """The difference of two arms with its 95 % interval; ``method`` is the test that the tables must name."""

    measure: str
    months: float
    value: float
    low: float
    high: float
    method: str
    se: float | None = None


@dataclass(frozen=True)
class Harm:
    """Events of n children with the exact (Clopper-Pearson) 95 % interval, as proportions."""

    event: str
    events: int
    n: int
    low: float
    high: float


@dataclass(frozen=True)
class Trial:
    """A report as it is typed: group → rows of cells. ``other`` are cells that the second extractor types otherwise."""

    form: str
    groups: dict[str, list[Row]]
    differences: tuple[Difference, ...] = ()
    harms: tuple[Harm, ...] = ()
    spreads: dict[str, tuple[float, str]] = field(default_factory=dict)
    other: dict[tuple[str, int, str], str] = field(default_factory=dict)


def _study(design: str, condition: str, class_: str, **more: str) -> list[Row]:
    words = {"rct": "randomised, placebo-controlled", "case_series": "consecutive patients"}
    told = {"design_as_reported": words[design], "design_as_classified": design}
    return [{**told, "condition": condition, "condition_class": class_, "followup_months": "12", **more}]


def _arms(drug: str, n: str, control: str, n_control: str) -> list[Row]:
    route = "oral" if drug == "alendronate" else "iv"
    return [
        {
            "label": "Treated",
            "role": "intervention",
            "drug": drug,
            "route": route,
            "n_randomised": n,
            "relation": "parallel",
        },
        {
            "label": "Control",
            "role": "comparator",
            "drug": control,
            "n_randomised": n_control,
            "relation": "parallel",
        },
    ]


def _change(arm: int, measure: str, form: str, n: str, mean: str, **spread: str) -> Row:
    place = {"site": "lumbar_spine_l1_l4", "technique": "dxa", "months": "12"}
    number = {"n": n, "statistic": "mean", "mean": mean, **spread}
    return {"arm": f"arms-{arm}", "measure": measure, "form": form, **place, **number}


def _harm(arm: int, category: str, event: str, status: str, events: str, n: str) -> Row:
    count = {"status": status, "events": events, "n": n, "unit": "children"}
    return {"arm": f"arms-{arm}", "category": category, "event": event, **count}


# Change in g/cm² with SDs. 0.050 − 0.020 = 0.030; SE = √(0.020²/16 + 0.015²/9) = √0.00005 = 0.0070711;
# df = 0.00005² / (0.000025²/15 + 0.000025²/8) = 20.87; 0.030 ± 2.0804 × 0.0070711 = 0.01529 to 0.04471.
# 16 of 16: lower limit 0.025^(1/16) = 0.79409. 0 of 9: upper limit 1 − 0.025^(1/9) = 0.33627.
# The second extractor misreads the SD of the first arm; the adjudicator takes 0.020.
WITH_SDS = Trial(
    form=BONE,
    groups={
        "study": _study("rct", "Cerebral palsy", "neuromuscular", n_randomised="25"),
        "arms": _arms("pamidronate", "16", "none", "9"),
        "change": [
            _change(1, "abmd", "absolute_change", "16", "0.050", spread_kind="sd", spread="0.020"),
            _change(2, "abmd", "absolute_change", "9", "0.020", spread_kind="sd", spread="0.015"),
        ],
        "harms": [
            _harm(1, "acute_phase", "Fever", "counted", "16", "16"),
            _harm(2, "hypocalcaemia", "Low calcium", "zero_reported", "0", "9"),
        ],
    },
    differences=(Difference("abmd", 12, 0.030, 0.01529, 0.04471, "Welch t", 0.0070711),),
    harms=(Harm("Fever", 16, 16, 0.79409, 1.0), Harm("Low calcium", 0, 9, 0.0, 0.33627)),
    other={("change", 0, "spread"): "0.025", ("change", 0, "mean"): "0.05"},
)

# Percent change with an SE and an interval. SE 2.0 at n = 25: SD = 2.0 × √25 = 10. Interval 1.0 to 9.0 at n = 16:
# SE = 8 / (2 × 2.1314) = 1.87666, SD = 4 × 1.87666 = 7.50663. 12.0 − 5.0 = 7.0; SE = √(4 + 3.52184) = 2.74260;
# df = 7.52184² / (4²/24 + 3.52184²/15) = 37.88; 7.0 ± 2.0246 × 2.74260 = 1.4473 to 12.5527.
WITH_SE_AND_CI = Trial(
    form=BONE,
    groups={
        "study": _study("rct", "Leukaemia", "chronic_illness", n_randomised="41"),
        "arms": _arms("alendronate", "25", "placebo", "16"),
        "change": [
            _change(1, "abmd", "percent_change", "25", "12.0", spread_kind="se", spread="2.0"),
            _change(2, "abmd", "percent_change", "16", "5.0", spread_kind="ci95", low="1.0", high="9.0"),
        ],
    },
    differences=(Difference("abmd", 12, 7.0, 1.4473, 12.5527, "Welch t", 2.74260),),
    spreads={"Treated": (10.0, "computed from SE"), "Control": (7.50663, "computed from the 95 % interval")},
)

# Z change, and beside it a result that has no arms: 0.80 − 0.20 = 0.60; SE = √(0.36/20 + 0.25/20) = √0.0305 =
# 0.174642; df = 0.0305² / (0.018²/19 + 0.0125²/19) = 36.80; 0.60 ± 2.0266 × 0.174642 = 0.24608 to 0.95392.
# Contrast only, adjusted: 0.040 (0.010 to 0.070), as printed; its SE = 0.060 / (2 × 1.9600) = 0.015306.
WITH_Z_AND_CONTRAST = Trial(
    form=BONE,
    groups={
        "study": _study("rct", "Crohn's disease", "chronic_illness", n_randomised="40"),
        "arms": _arms("zoledronate", "20", "placebo", "20"),
        "change": [
            _change(1, "z", "z_change", "20", "0.80", spread_kind="sd", spread="0.60"),
            _change(2, "z", "z_change", "20", "0.20", spread_kind="sd", spread="0.50"),
        ],
        "contrasts": [
            {
                "arm": "arms-1",
                "versus": "arms-2",
                "measure": "abmd",
                "form": "absolute_change",
                "site": "lumbar_spine_l1_l4",
                "months": "24",
                "n": "40",
                "estimate": "0.040",
                "ci_low": "0.010",
                "ci_high": "0.070",
                "adjusted": "yes",
                "model": "ANCOVA with the baseline",
            }
        ],
    },
    differences=(
        Difference("z", 12, 0.60, 0.24608, 0.95392, "Welch t", 0.174642),
        Difference("abmd", 24, 0.040, 0.010, 0.070, "as printed", 0.015306),
    ),
)

# A series without a comparator: 3 of 12, exact interval 5.486 % to 57.186 % (tables); 0 of 12: 1 − 0.025^(1/12) = 0.26465.
SERIES = Trial(
    form=SERIES_FORM,
    groups={
        "study": _study("case_series", "Duchenne dystrophy", "neuromuscular"),
        "arms": [
            {
                "label": "All",
                "role": "intervention",
                "drug": "zoledronate",
                "route": "iv",
                "n_randomised": "12",
            }
        ],
        "harms": [
            _harm(1, "hypocalcaemia", "Low calcium", "counted", "3", "12"),
            _harm(1, "jaw_osteonecrosis", "Osteonecrosis of the jaw", "zero_reported", "0", "12"),
        ],
    },
    harms=(
        Harm("Low calcium", 3, 12, 0.05486, 0.57186),
        Harm("Osteonecrosis of the jaw", 0, 12, 0.0, 0.26465),
    ),
)
EFFICACY = (WITH_SDS, WITH_SE_AND_CI, WITH_Z_AND_CONTRAST)
