"""Change from baseline in one arm: percent, absolute, or in Z-scores."""

from __future__ import annotations

from collections.abc import Mapping

from extraction.pure.cells import Finding, RowValues
from extraction.pure.fields import Field, FieldType, Group
from extraction.pure.measures import arm_results, bone
from extraction.pure.measures.base import Measure, MeasureRow, register
from extraction.pure.numbers import plain

_IN_UNIT_OF_FORM = frozenset({"mean", "spread", "low", "high"})
SIGN_SLIP = 3
"""A mean Z change beyond this is asked about as a lost or added minus sign."""


@register
class Change(Measure):
    """Mean change from baseline with its spread, as the study printed it."""

    kind = "change"

    def group(self) -> Group:
        """One row for each arm, measure, form, site and time."""
        return Group(
            key=self.kind,
            label="Change from baseline",
            repeats=True,
            row_noun="change",
            measure=self.kind,
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
                Field(
                    "form",
                    "Form of change",
                    FieldType.CHOICE,
                    choices=bone.CHANGE_FORMS,
                    required=True,
                    identity=True,
                ),
                *bone.place_fields(),
                *bone.time_fields(),
                *bone.number_fields(),
            ),
        )

    def unit(self, field: str, row: RowValues) -> str:
        """Percent, Z, or the unit of the measure."""
        if field not in _IN_UNIT_OF_FORM:
            return ""
        return bone.unit_of(row.text("measure"), row.text("form") or "")

    def check(self, row: RowValues, arms: Mapping[str, RowValues]) -> tuple[Finding, ...]:
        """Range, sign, spread, n, and the printed p against the recomputed one."""
        form = row.text("form") or ""
        bounds = bone.limits(row.text("measure"), form)
        mean = row.number("mean")
        found = arm_results.check_range("mean", mean, bounds, self.unit("mean", row))
        if form == "z_change" and mean is not None and abs(mean) > SIGN_SLIP:
            words = f"A mean Z change of {plain(mean)} is very large: was a minus sign lost?"
            found = [item for item in found if item.severity == "error"]
            found.append(arm_results.finding("doubt", "mean", "z_sign_slip", words))
        if form == "z_change" and row.text("measure") not in {None, "z", "height_adjusted_z"}:
            words = "A Z-score change belongs to a Z-score measure."
            found.append(arm_results.finding("doubt", "measure", "form_of_measure", words))
        found += arm_results.check_spread(row, bounds)
        found += arm_results.check_n(row, arms)
        found += arm_results.check_within_p(row)
        found += arm_results.check_direction(row)
        return tuple(found)

    def missing(self, row: RowValues) -> str:
        """Words for a row without number, test and direction."""
        return arm_results.says_nothing(row)

    def to_rows(self, row: RowValues) -> tuple[MeasureRow, ...]:
        """One :class:`~extraction.pure.dataset.Result`."""
        form = row.text("form")
        return () if form is None else arm_results.result(row, form)
