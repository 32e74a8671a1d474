"""A table made fit for publication: people under pseudonyms, publishers' abstracts left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from reviewapp.pure.assigning import draw
from reviewapp.pure.tables import Column, Table

LEFT_OUT = frozenset({"abstract"})
IMPORTED = frozenset({"title", "authors", "journal", "keywords", "abstract"})
FREE = frozenset({"note", "why", "old", "new", "a_note", "b_note", "resolution_why", "comment"})


def pseudonyms(seats: Mapping[str, str], seed: str) -> dict[str, str]:
    """Return name → "Person n" for seats (uid → name), in an order drawn from the review's seed.

    Two seats of one name share a pseudonym: their rows are told apart by the seat's uid.
    """
    ordered = sorted(seats, key=lambda uid: draw(seed, "pseudonym", uid))
    names = dict.fromkeys(seats[uid] for uid in ordered if seats[uid].strip())
    return {name: f"Person {number}" for number, name in enumerate(names, start=1)}


def published(table: Table, names: Mapping[str, str]) -> Table:
    """Return the table with names replaced and abstracts empty.

    A cell that is a name is replaced in every text column but those that came with a citation (an author may bear a
    reviewer's name); in free text every occurrence of a name is replaced.
    """
    return replace(table, rows=_rows(table, names))


def _rows(table: Table, names: Mapping[str, str]) -> Iterator[Sequence[object]]:
    columns = tuple(table.columns)
    longest_first = sorted(names, key=len, reverse=True)
    for row in table.rows:
        yield [_cell(column, value, names, longest_first) for column, value in zip(columns, row, strict=True)]


def _cell(column: Column, value: object, names: Mapping[str, str], longest_first: Sequence[str]) -> object:
    if column.key in LEFT_OUT:
        return None
    if column.type != "text" or not isinstance(value, str) or column.key in IMPORTED:
        return value
    if value in names:
        return names[value]
    if column.key in FREE:
        for name in longest_first:
            value = value.replace(name, names[name])
    return value
