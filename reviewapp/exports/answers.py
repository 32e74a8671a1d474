"""Tables of answers: every visible version, both answers side by side, conflicts. Nothing that is not released."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reviewapp.gate import Viewer
from reviewapp.models.reviews import Stage
from reviewapp.pure.tables import Column, Table
from reviewapp.selectors import votes
from reviewapp.selectors.votes import Pair, Vote

if TYPE_CHECKING:
    from reviewapp.models.rounds import Round

ABOUT = (
    Column("stage", "Stage", "text", "title_abstract or full_text"),
    Column("round", "Round", "integer", "Number of the round within its stage"),
    Column("record_uid", "Record id", "uid", "The record, at titles and abstracts"),
    Column("study_uid", "Study id", "uid", "The study, at full texts"),
    Column("title", "Record or study", "text", "Title of the record or name of the study"),
)


def _about(round_: Round, unit: object, title: str) -> list[object]:
    of_record = round_.stage == Stage.TITLE_ABSTRACT
    return [round_.stage, round_.number, unit if of_record else None, None if of_record else unit, title]


def votes_long(viewer: Viewer) -> Table:
    """Every version of every answer that the viewer may see: one's own, and those of released rounds."""
    columns = (
        Column("decision_uid", "Decision id", "uid", "Id of this version of the answer"),
        *ABOUT,
        Column("seat", "Seat", "text", "Who answered"),
        Column("seat_uid", "Seat id", "uid", "Id of the seat"),
        Column("presentation", "Presentation", "integer", "1, or 2 when shown again to measure consistency"),
        Column("version", "Version", "integer", "Version of the answer, from 1"),
        Column("stands", "Stands", "boolean", "Whether this version counts"),
        Column("verdict", "Verdict", "text", "include, maybe, exclude; empty when taken back"),
        Column("reason", "Reason", "text", "Reason of exclusion, at full texts"),
        Column("purpose", "Purpose", "text", "What an included study serves"),
        Column("criteria_version", "Criteria", "integer", "Version of the criteria it was made under"),
        Column("note", "Note", "text", "The reviewer's note on the answer"),
        Column("dwell", "Time", "decimal", "Time from showing to answering", "seconds"),
        Column("origin", "Origin", "text", "native, or imported from another tool"),
        Column(
            "independent", "Independent", "boolean", "Whether nothing of the other answer was released before"
        ),
        Column("answered_at", "Answered", "date", "Moment of the answer, UTC"),
    )
    return Table("votes_long", "Answers, every version", columns, _votes(viewer))


def _votes(viewer: Viewer) -> Iterator[list[object]]:
    names = votes.names_of_units(viewer)
    for one in votes.votes(viewer):
        yield [
            one.uid,
            *_about(one.round, one.unit, names.get(one.unit, "")),
            one.seat,
            one.seat_uid,
            one.presentation,
            one.version,
            one.stands,
            one.verdict,
            one.reason,
            one.purpose,
            one.criteria,
            one.note,
            one.dwell,
            one.origin,
            one.independent,
            one.at,
        ]


def _side(letter: str) -> tuple[Column, ...]:
    who = f"answer {letter.upper()} (A and B are drawn for each record)"
    return (
        Column(f"{letter}_seat", f"{letter.upper()}: seat", "text", f"Who gave {who}"),
        Column(f"{letter}_verdict", f"{letter.upper()}: verdict", "text", f"Verdict of {who}"),
        Column(f"{letter}_reason", f"{letter.upper()}: reason", "text", f"Reason of {who}"),
        Column(f"{letter}_purpose", f"{letter.upper()}: purpose", "text", f"Purpose of {who}"),
        Column(f"{letter}_note", f"{letter.upper()}: note", "text", f"Note of {who}"),
    )


RESOLUTION = (
    Column("resolution_route", "Route", "text", "adjudication, joint or rule; empty while open"),
    Column("resolved_by", "Resolved by", "text", "Who settled the conflict"),
    Column("resolution_verdict", "Resolution", "text", "Verdict of the resolution"),
    Column("resolution_reason", "Resolution: reason", "text", "Reason of the resolution"),
    Column("resolution_purpose", "Resolution: purpose", "text", "Purpose of the resolution"),
    Column("resolution_why", "Resolution: why", "text", "Why it was settled so"),
)
KIND = Column("conflict", "Conflict", "text", "eligibility or purpose; empty when the two agreed")


def decisions_wide(viewer: Viewer) -> Table:
    """Both answers and what they came to, one row for each record or study of a released round."""
    columns = (
        *ABOUT,
        *_side("a"),
        *_side("b"),
        Column("agreed", "Agreed", "boolean", "Whether the two answers agreed"),
        KIND,
        *RESOLUTION,
        Column("final_verdict", "Final verdict", "text", "include, exclude; empty while not settled"),
        Column("final_reason", "Final reason", "text", "Primary reason of exclusion"),
        Column("final_purpose", "Final purpose", "text", "What an included study serves"),
    )
    names = votes.names_of_units(viewer)
    rows = (_wide(pair, names.get(pair.unit, "")) for pair in votes.pairs(viewer))
    return Table("decisions_wide", "Decisions of released rounds", columns, rows)


def _wide(pair: Pair, name: str) -> list[object]:
    final = pair.final if pair.final and pair.final.state in {"include", "exclude"} else None
    return [
        *_about(pair.round, pair.unit, name),
        *_sides(pair),
        pair.outcome.state == "agreed",
        pair.outcome.kind or "",
        *_resolution(pair),
        final.state if final else "",
        final.reason if final else "",
        final.purpose if final else "",
    ]


def _sides(pair: Pair) -> list[object]:
    voted = [side for side in pair.sides if side.presentation == 1][:2]
    shown: list[Vote | None] = [*voted, *([None] * (2 - len(voted)))]
    told: list[object] = []
    for side in shown:
        told += [side.seat, side.verdict, side.reason, side.purpose, side.note] if side else [""] * 5
    return told


def _resolution(pair: Pair) -> list[object]:
    row = pair.resolution
    if row is None:
        return [""] * 6
    who = row.author.name if row.author else ""
    return [row.route, who, row.verdict, row.reason.label if row.reason else "", row.purpose, row.why]


def conflicts(viewer: Viewer) -> Table:
    """Every conflict of a released round, settled or open."""
    columns = (
        *ABOUT,
        KIND,
        *_side("a"),
        *_side("b"),
        *RESOLUTION,
        Column("is_open", "Open", "boolean", "Whether it waits to be settled"),
    )
    names = votes.names_of_units(viewer)
    rows = (
        [
            *_about(pair.round, pair.unit, names.get(pair.unit, "")),
            pair.outcome.kind or "",
            *_sides(pair),
            *_resolution(pair),
            pair.resolution is None,
        ]
        for pair in votes.pairs(viewer)
        if pair.outcome.state == "conflict"
    )
    return Table("conflicts", "Conflicts of released rounds", columns, rows)
