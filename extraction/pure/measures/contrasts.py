"""Between-group results as printed, with or without values of the arms.

Direction and test result are separate questions: "NS" alone says nothing about the direction.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import cast

from extraction.pure.cells import Finding, RowValues
from extraction.pure.dataset import Contrast, Favours, MeasureKey, ResultForm
from extraction.pure.fields import Field, FieldType, Group
from extraction.pure.measures import arm_results, bone
from extraction.pure.measures.base import Measure, MeasureRow, register
from extraction.pure.numbers import plain

FAVOURS = bone.choices(
    intervention="Favours the intervention",
    comparator="Favours the comparator",
    neither="Favours neither",
    not_reported="Direction not reported",
)
TEST_RESULTS = bone.choices(
    significant="Reported as statistically significant",
    not_significant="Reported as not significant",
    not_reported="No test reported",
)
_IN_UNIT_OF_FORM = frozenset({"estimate", "se", "ci_low", "ci_high"})


def _fields() -> tuple[Field, ...]:
    """Which two arms, and the result as printed."""
    return (
        Field("arm", "Arm", FieldType.ARM, required=True, identity=True),
        Field("versus", "Compared with", FieldType.ARM, required=True, identity=True),
        Field("measure", "Measure", FieldType.CHOICE, choices=bone.MEASURES, required=True, identity=True),
        Field("form", "Form", FieldType.CHOICE, choices=bone.CONTRAST_FORMS, required=True, identity=True),
        *bone.place_fields(),
        *bone.time_fields(),
        Field(
            "n",
            "Children analysed (both arms)",
            FieldType.INTEGER,
            hard_min=Decimal(2),
            hard_max=Decimal(100000),
        ),
        Field(
            "estimate",
            "Difference between the arms",
            FieldType.DECIMAL,
            help="Arm minus compared arm.",
        ),
        Field("se", "Standard error of the difference", FieldType.DECIMAL, hard_min=Decimal(0)),
        Field("ci_low", "95 % CI, lower", FieldType.DECIMAL),
        Field("ci_high", "95 % CI, upper", FieldType.DECIMAL),
        Field("p_between", "p between the arms", FieldType.P_VALUE),
        Field("test", "Test, with its statistic", FieldType.TEXT),
        Field("test_result", "Result of the test", FieldType.CHOICE, choices=TEST_RESULTS),
        Field("direction", "Direction", FieldType.CHOICE, choices=FAVOURS),
        Field("adjusted", "Adjusted", FieldType.YES_NO_UNCLEAR),
        Field("model", "Model and covariates", FieldType.TEXT, required_if=("adjusted", ("yes",))),
    )


@register
class Contrasts(Measure):
    """The comparison of two arms in the study's own words and numbers."""

    kind = "contrasts"

    def group(self) -> Group:
        """One row for each pair of arms, measure, form, site and time."""
        return Group(
            key=self.kind,
            label="Between-group results",
            repeats=True,
            row_noun="comparison",
            measure=self.kind,
            fields=_fields(),
        )

    def unit(self, field: str, row: RowValues) -> str:
        """Percent, Z, or the unit of the measure."""
        if field not in _IN_UNIT_OF_FORM:
            return ""
        return bone.unit_of(row.text("measure"), row.text("form") or "")

    def check(self, row: RowValues, arms: Mapping[str, RowValues]) -> tuple[Finding, ...]:
        """Different arms, ordered interval around its estimate, n, and p against interval and test result."""
        found: list[Finding] = []
        if row.text("arm") is not None and row.text("arm") == row.text("versus"):
            words = "An arm cannot be compared with itself."
            found.append(arm_results.finding("error", "versus", "same_arm", words))
        low, high, estimate = row.number("ci_low"), row.number("ci_high"), row.number("estimate")
        if (low is None) != (high is None):
            words = "Give both bounds of the interval, or none."
            found.append(arm_results.finding("error", "ci_low" if low is None else "ci_high", "half", words))
        if low is not None and high is not None:
            found += _interval(row, low, high, estimate)
        found += _tests(row)
        found += _numbers(row, arms)
        return tuple(found)

    def missing(self, row: RowValues) -> str:
        """Words for a row without number, test and direction."""
        told = ("estimate", "p_between", "test_result", "direction")
        if any(row.text(name) is not None for name in told):
            return ""
        return "Give a difference, a p-value, a test result or a direction."

    def to_rows(self, row: RowValues) -> tuple[MeasureRow, ...]:
        """One :class:`~extraction.pure.dataset.Contrast`; empty while a field that places it is missing."""
        placed = [row.text(name) for name in ("arm", "versus", "measure", "form", "site")]
        if any(text is None for text in placed):
            return ()
        arm, versus, measure, form, site = (text or "" for text in placed)
        p = row.p_value("p_between")
        adjusted = {"yes": True, "no": False}.get(row.text("adjusted") or "")
        operator = None if p is None else p.operator
        if p is None and row.text("test_result") == "not_significant":
            operator = "ns"
        return (
            Contrast(
                row_key=row.key,
                arm_key=arm,
                versus_key=versus,
                measure=cast("MeasureKey", measure),
                form=cast("ResultForm", form),
                site=site,
                months=row.real("months"),
                n=row.whole("n"),
                estimate=row.real("estimate"),
                se=row.real("se"),
                ci_low=row.real("ci_low"),
                ci_high=row.real("ci_high"),
                p_operator=operator,
                p_value=None if p is None or p.value is None else float(p.value),
                test=row.text("test"),
                adjusted=adjusted,
                model=row.text("model"),
                direction=cast("Favours", row.text("direction") or "not_reported"),
                finals=dict(row.uids),
            ),
        )


def _interval(row: RowValues, low: Decimal, high: Decimal, estimate: Decimal | None) -> list[Finding]:
    """Order of the bounds, the estimate inside them, and their width against a printed SE."""
    if low > high:
        words = "The lower bound is above the upper bound."
        return [arm_results.finding("error", "ci_low", "bounds_order", words)]
    found = []
    if estimate is not None and not low <= estimate <= high:
        words = "The difference lies outside its own confidence interval."
        shown = f"{plain(low)} ≤ {plain(estimate)} ≤ {plain(high)} does not hold"
        found.append(arm_results.finding("doubt", "estimate", "outside_bounds", words, formula=shown))
    se = row.number("se")
    if se is not None and se > 0 and not 0.7 <= float((high - low) / se) / 3.92 <= 1.6:
        words = "The width of the interval does not go with the standard error."
        shown = f"(upper − lower) / 3.92 = {float(high - low) / 3.92:.4g}, SE = {plain(se)}"
        found.append(arm_results.finding("doubt", "se", "se_and_interval", words, formula=shown))
    p = row.p_value("p_between")
    says = None if p is None else arm_results.says_significant(p)
    if says is not None and low != 0 and high != 0 and says is (low < 0 < high):
        words = "The interval and the p-value give different answers."
        shown = f"[{plain(low)}, {plain(high)}] and p {p.canonical if p else ''}"
        found.append(arm_results.finding("doubt", "p_between", "p_and_interval", words, formula=shown))
    return found


def _tests(row: RowValues) -> list[Finding]:
    """The p-value against the reported test result."""
    p, told = row.p_value("p_between"), row.text("test_result")
    says = None if p is None else arm_results.says_significant(p)
    if p is None or says is None or told not in {"significant", "not_significant"}:
        return []
    if says is (told == "significant"):
        return []
    words = f"p {p.canonical} does not go with the reported result of the test."
    return [arm_results.finding("doubt", "test_result", "p_and_test", words)]


def _numbers(row: RowValues, arms: Mapping[str, RowValues]) -> list[Finding]:
    """Children analysed against the children randomised in the two arms together."""
    n = row.whole("n")
    parts = [arms[key].whole("n_randomised") for key in _two(row) if key in arms]
    known = [part for part in parts if part is not None]
    if n is None or len(known) != 2 or n <= sum(known):
        return []
    words = f"{n} children are analysed but {sum(known)} were randomised in the two arms."
    return [arm_results.finding("doubt", "n", "analysed_over_randomised", words)]


def _two(row: RowValues) -> tuple[str, str]:
    """Keys of the two arms, empty where not given."""
    return row.text("arm") or "", row.text("versus") or ""
