"""Concealment of allocation in four grades: A adequate, B unclear, C inadequate, D not used.

Schulz et al. 1995, JAMA 273:408-12, in the lettering of the Cochrane Handbook of 2006.
"""

from __future__ import annotations

from extraction.pure.appraisal.base import Instrument, Score, register
from extraction.pure.cells import Finding, RowValues
from extraction.pure.fields import Choice, Field, FieldType, Group

GRADES = (
    Choice("A", "A – Adequate"),
    Choice("B", "B – Unclear"),
    Choice("C", "C – Inadequate"),
    Choice("D", "D – Not used"),
)


@register
class Allocation(Instrument):
    """One grade with the words that support it."""

    key = "allocation"
    label = "Concealment of allocation"
    edition = "Schulz 1995, Cochrane grades A to D"

    def group(self) -> Group:
        """The grade and its support."""
        return Group(
            key=self.key,
            label=self.label,
            repeats=False,
            row_noun="judgement",
            fields=(
                Field("judgement", "Grade", FieldType.CHOICE, choices=GRADES, required=True),
                Field(
                    "support",
                    "Support (words of the paper)",
                    FieldType.LONG_TEXT,
                    required_if=("judgement", ("A", "C")),
                ),
            ),
        )

    def check(self, row: RowValues) -> tuple[Finding, ...]:
        """Nothing beyond the fields themselves."""
        del row
        return ()

    def score(self, row: RowValues) -> Score:
        """Part ``judgement``: the letter; none while it is not judged."""
        grade = row.text("judgement")
        if grade is None:
            return Score({}, "Not judged.")
        label = next((choice.label for choice in GRADES if choice.value == grade), grade)
        return Score({"judgement": grade}, label)
