"""Jadad scale, 0 to 5, computed from its items and deductions.

Jadad et al. 1996, Controlled Clinical Trials 17:1-12. Randomisation: 1 if described as randomised, +1 for a
described and appropriate method, −1 for a described and inappropriate one; the same for double blinding; 1
for withdrawals and drop-outs described. Concealment of allocation is not part of the scale.
"""

from __future__ import annotations

from extraction.pure.appraisal.base import Instrument, Score, register
from extraction.pure.cells import Finding, RowValues
from extraction.pure.fields import Choice, Field, FieldType, Group

_YES_NO = (Choice("yes", "Yes"), Choice("no", "No"))
_METHOD = (
    Choice("appropriate", "Described and appropriate (+1)"),
    Choice("inappropriate", "Described and inappropriate (−1)"),
    Choice("not_described", "Not described (0)"),
)
_METHOD_POINTS = {"appropriate": 1, "inappropriate": -1, "not_described": 0}
_SUPPORT = "Support (words of the paper)"


def _fields() -> tuple[Field, ...]:
    """Three claims, two methods, and the words behind each."""
    return (
        Field("randomised", "Described as randomised", FieldType.CHOICE, choices=_YES_NO, required=True),
        Field(
            "randomisation_method",
            "Method of randomisation",
            FieldType.CHOICE,
            choices=_METHOD,
            required_if=("randomised", ("yes",)),
        ),
        Field("randomisation_support", _SUPPORT, FieldType.LONG_TEXT),
        Field("blinded", "Described as double blind", FieldType.CHOICE, choices=_YES_NO, required=True),
        Field(
            "blinding_method",
            "Method of blinding",
            FieldType.CHOICE,
            choices=_METHOD,
            required_if=("blinded", ("yes",)),
        ),
        Field("blinding_support", _SUPPORT, FieldType.LONG_TEXT),
        Field(
            "withdrawals",
            "Withdrawals and drop-outs described for each arm",
            FieldType.CHOICE,
            choices=_YES_NO,
            required=True,
        ),
        Field("withdrawals_support", _SUPPORT, FieldType.LONG_TEXT),
    )


@register
class Jadad(Instrument):
    """Randomisation (0-2), blinding (0-2), withdrawals (0-1)."""

    key = "jadad"
    label = "Jadad scale"
    edition = "Jadad 1996"

    def group(self) -> Group:
        """Five items and the words that support them."""
        return Group(
            key=self.key,
            label=self.label,
            repeats=False,
            row_noun="judgement",
            help="The total describes the report; it is no weight and no threshold.",
            fields=_fields(),
        )

    def check(self, row: RowValues) -> tuple[Finding, ...]:
        """A method without its claim is an error; a judgement without support is asked about."""
        found = []
        for claim, method in (("randomised", "randomisation_method"), ("blinded", "blinding_method")):
            if row.text(claim) == "no" and row.text(method) in {"appropriate", "inappropriate"}:
                words = "A method is judged although the study does not claim it."
                found.append(Finding(method, "error", "method_without_claim", words))
        for item, support in (
            ("randomised", "randomisation_support"),
            ("blinded", "blinding_support"),
            ("withdrawals", "withdrawals_support"),
        ):
            if row.text(item) == "yes" and row.text(support) is None:
                words = "No words of the paper support this judgement."
                found.append(Finding(support, "doubt", "no_support", words))
        return tuple(found)

    def score(self, row: RowValues) -> Score:
        """Parts ``randomisation``, ``blinding``, ``withdrawals`` and ``total`` as digits.

        None while incomplete.
        """
        parts = {
            "randomisation": _part(row.text("randomised"), row.text("randomisation_method")),
            "blinding": _part(row.text("blinded"), row.text("blinding_method")),
            "withdrawals": {"yes": 1, "no": 0}.get(row.text("withdrawals") or ""),
        }
        open_parts = [name for name, points in parts.items() if points is None]
        if open_parts:
            return Score({}, f"Not scored: {', '.join(open_parts)} not judged.")
        points = {name: value for name, value in parts.items() if value is not None}
        total = sum(points.values())
        texts = {name: str(value) for name, value in points.items()}
        letters = zip("RBW", ("randomisation", "blinding", "withdrawals"), strict=True)
        words = f"Jadad {total} of 5 ({', '.join(f'{letter} {texts[name]}' for letter, name in letters)})"
        return Score({**texts, "total": str(total)}, words)


def _part(claim: str | None, method: str | None) -> int | None:
    """Points of a claim with its method, 0 to 2; None while one of them is missing."""
    if claim == "no":
        return 0
    if claim != "yes" or method is None:
        return None
    return 1 + _METHOD_POINTS[method]
