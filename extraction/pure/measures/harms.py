"""Harms: one row for each arm and event, also from series without a comparator.

A printed zero ("0 of 42") and an event that is not mentioned are different statements and stay different.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import cast

from extraction.pure.cells import Finding, RowValues
from extraction.pure.dataset import Harm, HarmStatus, HarmUnit
from extraction.pure.fields import Field, FieldType, Group
from extraction.pure.measures import arm_results
from extraction.pure.measures.base import Measure, MeasureRow, register
from extraction.pure.measures.bone import choices

CATEGORIES = choices(
    acute_phase="Acute-phase reaction (fever, flu-like, malaise, myalgia, rash)",
    gastrointestinal="Gastrointestinal (oesophagitis, dyspepsia, nausea, vomiting, abdominal pain)",
    bone_muscle_pain="Bone or muscle pain",
    hypocalcaemia="Hypocalcaemia",
    hypophosphataemia="Hypophosphataemia",
    renal="Renal (creatinine rise, nephrocalcinosis, stones)",
    ocular="Uveitis or other ocular",
    jaw_osteonecrosis="Osteonecrosis of the jaw",
    atypical_femoral_fracture="Atypical femoral fracture",
    delayed_healing="Delayed osteotomy or fracture healing",
    growth_modelling="Growth and modelling (sclerotic lines, osteopetrosis-like)",
    infusion_site="Infusion site or thrombophlebitis",
    allergy="Allergy",
    respiratory="Respiratory",
    pregnancy="Pregnancy and teratogenicity",
    death="Death",
    withdrawal="Withdrawal because of an adverse event",
    fracture="Fracture during or after treatment",
    any_event="Any adverse event",
    other="Other",
)
STATUSES = choices(
    counted="Counted",
    zero_reported="Zero reported",
    mentioned_without_number="Mentioned without a number",
)
UNITS = choices(
    children="Children",
    infusions="Infusions",
    cycles="Cycles",
    vertebrae="Vertebrae",
    events="Events",
)
TIMINGS = choices(
    first_dose="First dose", later="Later doses", after_stop="After stopping", not_stated="Not stated"
)
ASCERTAINMENT = choices(
    active="Asked for actively (questionnaire, scheduled tests)",
    passive="Spontaneous report",
    chart="Taken from charts",
    not_stated="Not stated",
)


def _fields() -> tuple[Field, ...]:
    """The event, how often in how many of what, and how it was looked for."""
    return (
        Field("arm", "Arm", FieldType.ARM, required=True, identity=True),
        Field("category", "Category", FieldType.CHOICE, choices=CATEGORIES, required=True, identity=True),
        Field("event", "Event in the paper's words", FieldType.TEXT, required=True, identity=True),
        Field("status", "What is reported", FieldType.CHOICE, choices=STATUSES, required=True),
        Field(
            "events",
            "How many (of the unit below) had it",
            FieldType.INTEGER,
            hard_min=Decimal(0),
            hard_max=Decimal(100000),
            required_if=("status", ("counted", "zero_reported")),
        ),
        Field("n", "Out of how many", FieldType.INTEGER, hard_min=Decimal(1), hard_max=Decimal(100000)),
        Field("unit", "Unit that is counted", FieldType.CHOICE, choices=UNITS, required=True, identity=True),
        Field("timing", "When", FieldType.CHOICE, choices=TIMINGS),
        Field("ascertainment", "How it was collected", FieldType.CHOICE, choices=ASCERTAINMENT),
        Field("serious", "Serious", FieldType.YES_NO_UNCLEAR),
        Field("related", "Judged related to the drug", FieldType.YES_NO_UNCLEAR),
    )


@register
class Harms(Measure):
    """Adverse events as the study counted, mentioned or excluded them."""

    kind = "harms"

    def group(self) -> Group:
        """One row for each arm and event."""
        return Group(
            key=self.kind,
            label="Harms",
            repeats=True,
            row_noun="event",
            measure=self.kind,
            fields=_fields(),
            help="An event the paper does not mention gets no row.",
        )

    def check(self, row: RowValues, arms: Mapping[str, RowValues]) -> tuple[Finding, ...]:
        """Events within n (except for events as unit), status against number, n against the arm."""
        found: list[Finding] = []
        status, events, n, unit = (
            row.text("status"),
            row.whole("events"),
            row.whole("n"),
            row.text("unit"),
        )
        if events is not None and n is not None and events > n and unit != "events":
            words = f"{events} of {n} is impossible. If single events were counted, choose the unit “events”."
            found.append(
                arm_results.finding("error", "events", "events_over_n", words, formula=f"{events} > {n}")
            )
        if status == "zero_reported" and events:
            words = "“Zero reported” does not go with a number above zero."
            found.append(arm_results.finding("error", "status", "status_number", words))
        if status == "counted" and events == 0:
            words = "The number is 0: is it “zero reported”?"
            found.append(arm_results.finding("doubt", "status", "status_number", words))
        if status == "mentioned_without_number" and events is not None:
            words = "“Mentioned without a number” does not go with a number."
            found.append(arm_results.finding("error", "status", "status_number", words))
        if unit == "children":
            found += arm_results.check_n(row, arms)
        return tuple(found)

    def to_rows(self, row: RowValues) -> tuple[MeasureRow, ...]:
        """One :class:`~extraction.pure.dataset.Harm`.

        Empty while arm, category, event or unit are missing.
        """
        placed = [row.text(name) for name in ("arm", "category", "event", "unit")]
        if any(text is None for text in placed):
            return ()
        arm, category, event, unit = (text or "" for text in placed)
        events = row.whole("events")
        if events is None and row.text("status") == "zero_reported":
            events = 0
        return (
            Harm(
                row_key=row.key,
                arm_key=arm,
                category=category,
                event=event,
                status=_status(row.text("status"), events),
                events=events,
                n=row.whole("n"),
                unit=cast("HarmUnit", unit),
                ascertainment=row.text("ascertainment"),
                finals=dict(row.uids),
            ),
        )


def _status(chosen: str | None, events: int | None) -> HarmStatus:
    """The status in the dataset: a number speaks for itself, its absence only through the chosen status."""
    if events is not None:
        return "counted" if events > 0 else "zero_reported"
    return "mentioned_without_number" if chosen is not None else "not_reported"
