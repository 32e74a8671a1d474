"""Every room's tables by name: found through strings, so that a room offers a table by adding it to its own list."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from tempfile import SpooledTemporaryFile
from typing import IO

from django.utils.translation import gettext_lazy as _

from reviewapp.gate import Viewer
from reviewapp.models.reviews import Review
from reviewapp.models.seats import Seat
from reviewapp.pure.publishing import pseudonyms, published
from reviewapp.pure.tables import Table, to_csv
from reviewapp.selectors.snapshot import snapshot

Maker = Callable[[Viewer], Table]
TABLES = ("reviewapp.exports.TABLES", "extraction.exports.TABLES", "synthesis.exports.TABLES")
ROOMS = {
    "reviewapp": _("Records and screening"),
    "extraction": _("Outcomes and quality"),
    "synthesis": _("Synthesis"),
}
IN_MEMORY = 2_000_000


@dataclass(frozen=True, slots=True)
class Offer:
    """A table that a room offers: its name, its room, one sentence on what it holds, and its function."""

    name: str
    room: str
    words: str
    make: Maker

    @property
    def file(self) -> str:
        """The name of its CSV."""
        return f"{self.name}.csv"


def offers() -> dict[str, Offer]:
    """Return every offered table by name, in the order of rooms and of their lists.

    Raises ValueError when two rooms offer tables of one name.
    """
    found: dict[str, Offer] = {}
    for room, tables in _lists():
        for name, make in tables.items():
            if name in found:
                raise ValueError(f"two tables are named {name}")
            found[name] = Offer(
                name, room, (inspect.getdoc(make) or "").split("\n\n")[0].replace("\n", " "), make
            )
    return found


def names() -> list[str]:
    """Return the names of every offered table."""
    return list(offers())


def _lists() -> Iterator[tuple[str, dict[str, Maker]]]:
    for dotted in TABLES:
        home, attribute = dotted.rsplit(".", 1)
        try:
            module = import_module(home)
        except ModuleNotFoundError as missing:
            if missing.name != home:
                raise
            continue
        yield home.split(".", maxsplit=1)[0], getattr(module, attribute, {})


def names_for(viewer: Viewer) -> dict[str, str]:
    """Return the pseudonym of every name of a seat of the viewer's review, departed people included."""
    review = Review.objects.get(pk=viewer.review_id)
    seats = {str(uid): name for uid, name in Seat.objects.filter(review=review).values_list("uid", "name")}
    return pseudonyms(seats, review.seed)


def table(viewer: Viewer, name: str, *, public: bool = False) -> Table | None:
    """Return a table as the viewer may see it; ``public`` for publication; None when no room offers it."""
    offer = offers().get(name)
    if offer is None:
        return None
    made = offer.make(viewer)
    return published(made, names_for(viewer)) if public else made


def csv_file(
    viewer: Viewer, name: str, *, public: bool = False, bom: bool = False, raw: bool = False
) -> IO[bytes] | None:
    """Return a table's CSV as a temporary file that is read from its start, made in one snapshot.

    It is written whole before anything is sent, so that a table that cannot be made is an error and not half a file.
    """
    with snapshot():
        made = table(viewer, name, public=public)
        if made is None:
            return None
        file: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
        for chunk in to_csv(made, bom=bom, raw=raw):
            file.write(chunk)
    file.seek(0)
    return file
