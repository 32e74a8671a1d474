"""Tables of the review itself: the flow, the protocol, the history that the viewer may read."""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.utils.translation import gettext as _

from reviewapp.gate import Viewer
from reviewapp.models.reviews import Review
from reviewapp.pure import prisma_app
from reviewapp.pure.prisma import sums
from reviewapp.pure.tables import Column, Table
from reviewapp.selectors import flow, history, protocol


def prisma(viewer: Viewer) -> Table:
    """The flow under the keys of the PRISMA2020 flow diagram app."""
    said = {
        "data": "Key of the number",
        "node": "Node of the diagram",
        "box": "Box of the diagram",
        "description": "What the number is",
        "boxtext": "Text in the box",
        "tooltips": "Text over the box",
        "url": "Link of the box",
        "n": "The number, or reasons with numbers; empty while not released",
    }
    columns = tuple(Column(key, key, "text", said[key]) for key in prisma_app.COLUMNS)
    return Table(
        "prisma", "PRISMA flow, for the diagram app", columns, prisma_app.app_rows(flow.flow(viewer))
    )


def flow_sums(viewer: Viewer) -> Table:
    """The identities of the flow, each with its numbers and whether it holds."""
    columns = (
        Column("sum", "Sum", "text", "What must equal what"),
        Column("formula", "Numbers", "text", "The numbers put in"),
        Column("holds", "Holds", "boolean", "Whether it holds"),
    )
    rows = ([one.words, one.formula, one.holds] for one in sums(flow.flow(viewer), _))
    return Table("flow_sums", "The sums of the flow", columns, rows)


def protocol_table(viewer: Viewer) -> Table:
    """The protocol as it stands: question, rules, criteria, reasons, highlight words."""
    columns = (
        Column("item", "Item", "text", "What is fixed"),
        Column("stage", "Stage", "text", "Stage that a criterion is for"),
        Column("position", "Position", "integer", "Place in its list"),
        Column("text", "Text", "text", "The wording"),
        Column("version", "Version", "integer", "Version of the criteria"),
    )
    return Table("protocol", "Protocol", columns, _protocol(viewer))


def _protocol(viewer: Viewer) -> Iterator[list[object]]:
    review = Review.objects.get(pk=viewer.review_id)
    told = protocol.protocol(viewer, review)
    rules = (
        ("title", review.title),
        ("question", review.question),
        ("release_setting", review.release_setting),
        ("advance_rule", review.advance_rule),
        ("maybe_is_conflict", "yes" if review.maybe_is_conflict else "no"),
        ("settles", review.settles),
        ("disagreement_process", review.disagreement_process),
        ("adjudicator_answers_first", "yes" if review.adjudicator_answers_first else "no"),
    )
    for item, text in rules:
        yield [item, "", None, text, None]
    for row in told.criteria:
        number = told.version.number if told.version else None
        yield [f"criterion_{row.sense}", row.stage, row.position, row.text, number]
    for reason in told.reasons:
        yield ["exclusion_reason", "full_text", reason.position, reason.label, None]
    for position, word in enumerate(told.words, start=1):
        yield ["highlight_against" if word.against else "highlight_for", "", position, word.word, None]


def events(viewer: Viewer) -> Table:
    """The history that the viewer may read: own acts, acts on the review itself, and what was released.

    The place in a chain and the hash are given for one's own acts only: the numbers of another's chain would tell
    how much of it is hidden.
    """
    columns = (
        Column("event_uid", "Event id", "uid", "Id of the event"),
        Column("at", "When", "date", "Moment of the act, UTC"),
        Column("seat", "Seat", "text", "Who acted; empty for the system"),
        Column("verb", "Act", "text", "What was done"),
        Column("subject", "Subject", "text", "Kind of thing it was done to"),
        Column("subject_uid", "Subject id", "uid", "Id of that thing"),
        Column("old", "Before", "text", "What stood before, as JSON"),
        Column("new", "After", "text", "What stands now, as JSON"),
        Column("why", "Why", "text", "The reason given"),
        Column("seq", "Place", "integer", "Place in one's own chain"),
        Column("hash", "Hash", "text", "Hash of one's own event, chained to the one before it"),
    )
    return Table("events", "History", columns, _events(viewer))


def _events(viewer: Viewer) -> Iterator[list[object]]:
    for row in history.events(viewer).order_by("at", "uid").iterator(chunk_size=2000):
        own = row.author_id is not None and row.author_id == viewer.seat_id
        what = [
            row.uid,
            row.at,
            row.author.name if row.author else "",
            row.verb,
            row.subject,
            row.subject_uid,
        ]
        yield [
            *what,
            _json(row.old),
            _json(row.new),
            row.why,
            row.seq if own else None,
            row.hash if own else "",
        ]


def _json(value: object) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
