"""Value of a bone measure in one arm at one time, the baseline included."""

from __future__ import annotations

from collections.abc import Mapping

from extraction.pure.cells import Finding, RowValues
from extraction.pure.fields import Field, FieldType, Group
from extraction.pure.measures import arm_results, bone
from extraction.pure.measures.base import Measure, MeasureRow, register

_IN_UNIT_OF_MEASURE = frozenset({"mean", "spread", "low", "high"})


@register
class Endpoint(Measure):
    """Mean at baseline (month 0) or at follow-up with its spread."""

    kind = "endpoint"

    def group(self) -> Group:
        """One row for each arm, measure, site and time."""
        return Group(
            key=self.kind,
            label="Values at a time",
            repeats=True,
            row_noun="value",
            measure=self.kind,
            help="Month 0 is the baseline.",
            fields=(
                Field("arm", "Arm", FieldType.ARM, required=True, identity=True),
                Field(
                    "measure",
                    "Measure",
                    FieldType.CHOICE,
                    choices=bone.MEASURES,
                    required=True,
                    identity=True,
                ),
                *bone.place_fields(),
                *bone.time_fields(),
                *bone.number_fields(),
            ),
        )

    def unit(self, field: str, row: RowValues) -> str:
        """The unit of the measure."""
        return bone.unit_of(row.text("measure"), "value") if field in _IN_UNIT_OF_MEASURE else ""

    def check(self, row: RowValues, arms: Mapping[str, RowValues]) -> tuple[Finding, ...]:
        """Range with unit slips, spread, n."""
        bounds = bone.limits(row.text("measure"), "value")
        found = arm_results.check_range("mean", row.number("mean"), bounds, self.unit("mean", row))
        found += arm_results.check_spread(row, bounds)
        found += arm_results.check_n(row, arms)
        return tuple(found)

    def missing(self, row: RowValues) -> str:
        """Words for a row without number, test and direction."""
        return arm_results.says_nothing(row)

    def to_rows(self, row: RowValues) -> tuple[MeasureRow, ...]:
        """One :class:`~extraction.pure.dataset.Result` of form ``value``."""
        return arm_results.result(row, "value")
