"""The tables that room 2 offers for download. Each function takes a viewer and reads only what that viewer may see.

``TABLES`` maps a table's name to its function; the bundle of the whole review finds every room's tables by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from extraction.models.definitions import StudyForm
from extraction.pure.fields import Field, FormSpec, Group
from extraction.selectors import forms, listing
from reviewapp.gate import Viewer
from reviewapp.pure.tables import Column, Table

Maker = Callable[[Viewer], Table]

ABOUT = (
    Column("study_uid", "Study id", "uid", "Id of the study"),
    Column("study", "Study", "text", "First author and year"),
    Column("form", "Form", "text", "Key of the form; the codebook has its questions"),
    Column("unit", "Study form id", "uid", "Id of this study under this form"),
)
PLACE = (
    Column("group", "Group", "text", "Group of the form"),
    Column("row", "Row", "text", "Key of the row within the group"),
    Column("field", "Field", "text", "Field of the group"),
)
CELL = (
    Column("as_printed", "As printed", "text", "The text as it was typed from the report"),
    Column(
        "value",
        "Value",
        "text",
        "Exact value: decimal text, a choice, an arm's row, or text; empty without one",
    ),
    Column("number", "Number", "decimal", "The value for arithmetic, to six decimals, where it is a number"),
    Column("unit_text", "Unit", "text", "Unit of the number"),
    Column(
        "status",
        "Status",
        "text",
        "reported, computed, not_reported …: how it was obtained, or why there is none",
    ),
)


def _about(one: StudyForm) -> list[object]:
    return [one.study.uid, one.study.label, one.form.key, one.uid]


def entries(viewer: Viewer) -> Table:
    """Every cell of every entry the viewer may see: one's own, and those whose pair is released to one."""
    columns = (
        *ABOUT,
        Column("seat", "Seat", "text", "Who entered it"),
        Column("seat_uid", "Seat id", "uid", "Id of the seat"),
        Column("version", "Version", "integer", "Version of the entry, from 1"),
        Column(
            "independent", "Independent", "boolean", "Whether nothing of the other entry was released before"
        ),
        Column("submitted_at", "Submitted", "date", "Moment of submission, UTC"),
        *PLACE,
        *CELL,
        Column("report_uid", "Report id", "uid", "The report it was read in"),
        Column("page", "Page", "text", "Page or table of the report"),
        Column("quote", "Words", "text", "Words of the report, at most 300 characters"),
        Column("value_uid", "Value id", "uid", "Id of this cell; finals name it"),
    )
    return Table("entries", "Entries, cell by cell", columns, _entries(viewer))


def _entries(viewer: Viewer) -> Iterator[list[object]]:
    for one in listing.entered(viewer):
        value = one.value
        yield [
            *_about(one.study_form),
            one.seat.name if one.seat else None,
            one.seat.uid if one.seat else None,
            one.entry.version,
            one.entry.independent,
            one.entry.made_at,
            *(value.group, value.row, value.field),
            *(value.as_printed, value.canonical, value.number, value.unit_text, value.status),
            value.report.uid if value.report else None,
            *(value.page, value.quote, value.uid),
        ]


def finals(viewer: Viewer) -> Table:
    """Every final value of the reconciled studies, with the two entries it came from; the same for every seat."""
    columns = (
        *ABOUT,
        *PLACE,
        Column("label", "Question", "text", "The question in words"),
        Column("words", "Answer", "text", "The answer in words"),
        *CELL,
        Column("origin", "Origin", "text", "agreed, a, b, or other"),
        Column("relation", "Relation", "text", "How the two entries stood to each other"),
        Column("a_printed", "A", "text", "What entry A holds (A and B are drawn for each study form)"),
        Column("b_printed", "B", "text", "What entry B holds"),
        Column("why", "Why", "text", "Why it was settled so"),
        Column("settled_by", "Settled by", "text", "Who settled it, or completed the study"),
        Column("version", "Version", "integer", "Version of the final, from 1; the highest counts"),
        Column("final_uid", "Final id", "uid", "Id of this final value; the dataset names it"),
        Column("a_uid", "A: value id", "uid", "Id of the cell of entry A"),
        Column("b_uid", "B: value id", "uid", "Id of the cell of entry B"),
    )
    return Table("finals", "Final values", columns, _finals(viewer))


def _finals(viewer: Viewer) -> Iterator[list[object]]:
    for one in listing.finals(viewer):
        row = one.final
        yield [
            *_about(one.study_form),
            *(row.group, row.row, row.field, one.label, one.words),
            *(row.as_printed, row.canonical, row.number, row.unit_text, row.status),
            *(row.origin, row.relation, one.printed_a, one.printed_b, row.why),
            one.seat.name if one.seat else None,
            *(row.version, row.uid, row.value_a, row.value_b),
        ]


def appraisals(viewer: Viewer) -> Table:
    """The final quality judgements of every reconciled study, and what each instrument computes from them."""
    columns = (
        *ABOUT,
        Column("instrument", "Instrument", "text", "Key of the quality instrument"),
        Column("item", "Item", "text", "Item of the instrument, or a part of its score"),
        Column("label", "Question", "text", "The item in words"),
        Column("judgement", "Judgement", "text", "The stored judgement"),
        Column("words", "In words", "text", "The judgement in words"),
        Column("is_score", "Score", "boolean", "Whether it is computed; no score is a weight or a threshold"),
    )
    rows = (
        [*_about(one.study_form), one.instrument, one.item, one.label, one.value, one.words, one.is_score]
        for one in listing.judgements(viewer)
    )
    return Table("appraisals", "Quality of the studies", columns, rows)


def codebook(viewer: Viewer) -> Table:
    """Every question of every form: its type, unit, answers, limits and when it is needed."""
    columns = (
        Column("form", "Form", "text", "Key of the form"),
        Column("form_name", "Name", "text", "Name of the form"),
        Column("kind", "Kind", "text", "extraction or appraisal"),
        Column("version", "Version", "integer", "Version of the form"),
        Column("group", "Group", "text", "Key of the group"),
        Column("group_label", "Group in words", "text", "What the group asks about"),
        Column("repeats", "Repeats", "boolean", "Whether the group has a row for each arm, result or event"),
        Column("field", "Field", "text", "Key of the field"),
        Column("label", "Question", "text", "The question in words"),
        Column("type", "Type", "text", "How an answer is read"),
        Column("unit", "Unit", "text", "Unit of the answer"),
        Column("choices", "Answers", "text", "Permitted answers, value = label"),
        Column("needed", "Needed", "text", "always, or the field and answers that make it so"),
        Column("identity", "Identity", "boolean", "Whether it tells one row from another"),
        Column("hard_min", "Least", "decimal", "Below it a value is refused"),
        Column("hard_max", "Most", "decimal", "Above it a value is refused"),
        Column("soft_min", "Usual from", "decimal", "Below it a value is asked about"),
        Column("soft_max", "Usual to", "decimal", "Above it a value is asked about"),
        Column("help", "Help", "text", "What the form says about it"),
    )
    rows = (
        _question(spec, group, field)
        for spec in map(forms.form_spec, forms.forms(viewer))
        for group in spec.groups
        for field in group.fields
    )
    return Table("codebook", "Questions of the forms", columns, rows)


def _question(spec: FormSpec, group: Group, field: Field) -> list[object]:
    needed = "always" if field.required else ""
    if field.required_if is not None:
        needed = f"{field.required_if[0]} in {', '.join(field.required_if[1])}"
    return [
        *(spec.key, spec.name, spec.kind, spec.version, group.key, group.label, group.repeats),
        *(field.key, field.label, field.type.value, field.unit),
        "; ".join(f"{choice.value} = {choice.label}" for choice in field.options),
        *(needed, field.identity, field.hard_min, field.hard_max, field.soft_min, field.soft_max, field.help),
    ]


TABLES: dict[str, Maker] = {
    "entries": entries,
    "finals": finals,
    "appraisals": appraisals,
    "codebook": codebook,
}
