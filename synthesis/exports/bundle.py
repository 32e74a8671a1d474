"""One zip of everything that a viewer may see: all tables of all rooms, the figure, a dictionary, a way to check it."""

from __future__ import annotations

import hashlib
import os
import time
import uuid
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext as _

from reviewapp.gate import Viewer
from reviewapp.models.reviews import Review, Stage
from reviewapp.models.seats import Seat
from reviewapp.pure.prisma import check
from reviewapp.pure.prisma_boxes import flow as boxes
from reviewapp.pure.prisma_svg import standalone
from reviewapp.pure.publishing import published
from reviewapp.pure.tables import Column, Table, to_csv
from reviewapp.selectors import screening
from reviewapp.selectors.flow import flow
from reviewapp.selectors.snapshot import snapshot
from synthesis.exports.registry import names_for, offers

VERIFY = Path(__file__).resolve().parent.parent / "presets" / "bundle" / "verify.txt"
FORGOTTEN = 24 * 3600
DICTIONARY = (
    Column("table", "Table", "text", "Name of the table"),
    Column("file", "File", "text", "File of the bundle"),
    Column("column", "Column", "text", "Key of the column"),
    Column("label", "Label", "text", "Name of the column in words"),
    Column("type", "Type", "text", "text, integer, decimal, date, boolean or uid"),
    Column("meaning", "Meaning", "text", "What the column holds"),
    Column("unit", "Unit", "text", "Unit of its numbers"),
)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A finished bundle: where it lies, what it is called, its hash, and the rows of each table."""

    uid: uuid.UUID
    path: Path
    name: str
    sha256: str
    rows: dict[str, int]
    public: bool


@dataclass(slots=True)
class _Pack:
    """A zip being written: every file's hash, rows and columns are noted on the way."""

    archive: zipfile.ZipFile
    at: datetime
    sums: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    dictionary: list[list[object]] = field(default_factory=list)

    def put(self, name: str, chunks: Iterable[bytes]) -> None:
        info = zipfile.ZipInfo(name, date_time=self.at.timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        digest = hashlib.sha256()
        with self.archive.open(info, "w", force_zip64=True) as out:
            for chunk in chunks:
                digest.update(chunk)
                out.write(chunk)
        self.sums[name] = digest.hexdigest()

    def table(self, made: Table, file: str) -> None:
        self.rows[made.name] = 0
        self.put(file, to_csv(replace(made, rows=self._counted(made))))
        for column in made.columns:
            about: list[object] = [column.key, column.label, column.type, column.help, column.unit]
            self.dictionary.append([made.name, file, *about])

    def _counted(self, made: Table) -> Iterator[Sequence[object]]:
        for row in made.rows:
            self.rows[made.name] += 1
            yield row


def bundle(viewer: Viewer, *, folder: Path, public: bool = False) -> Bundle:
    """Write a bundle into ``folder`` and return it: every table in one snapshot, named only when it is whole.

    ``public`` puts people under pseudonyms and leaves abstracts out. The caller records the act and removes the file
    when it has been sent; files that were forgotten for a day are removed here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    uid = uuid.uuid4()
    half, path = folder / f"{uid}.part", folder / f"{uid}.zip"
    try:
        with snapshot(), zipfile.ZipFile(half, "w") as archive:
            pack = _Pack(archive, timezone.now())
            _fill(pack, viewer, public=public)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    with path.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    name = f"dyad-{pack.at:%Y-%m-%d}{'-public' if public else ''}.zip"
    return Bundle(uid, path, name, digest, pack.rows, public)


def _sweep(folder: Path) -> None:
    for old in folder.iterdir():
        try:
            if time.time() - old.stat().st_mtime > FORGOTTEN:
                old.unlink()
        except OSError:
            continue


def _fill(pack: _Pack, viewer: Viewer, *, public: bool) -> None:
    names = names_for(viewer) if public else {}
    for offer in offers().values():
        made = offer.make(viewer)
        pack.table(published(made, names) if public else made, f"tables/{offer.file}")
    counts = flow(viewer)
    drawn = boxes(counts, _)
    pack.put("prisma.svg", [standalone(drawn).encode()])
    pack.put("prisma-narrow.svg", [standalone(drawn, wide=False).encode()])
    pack.table(Table("dictionary", "Data dictionary", DICTIONARY, tuple(pack.dictionary)), "dictionary.csv")
    pack.put("verify.py", [VERIFY.read_bytes()])
    seat = Seat.objects.filter(pk=viewer.seat_id).first() if viewer.seat_id else None
    who = names.get(seat.name, seat.name) if seat else "Dyad"
    pack.put("README.txt", [_readme(pack, viewer, who, check(counts), public=public).encode()])
    lines = (f"{digest}  {name}\n" for name, digest in sorted(pack.sums.items()))
    pack.put("SHA256SUMS", ["".join(lines).encode()])


def _readme(pack: _Pack, viewer: Viewer, who: str, wrong: list[str], *, public: bool) -> str:
    review = Review.objects.get(pk=viewer.review_id)
    unreleased = [
        str(view.round) for stage in Stage.values for view in screening.rounds(viewer, stage) if view.is_open
    ]
    facts = [
        (_("Review"), review.title),
        (_("Made"), f"{pack.at:%Y-%m-%d %H:%M} UTC"),
        (_("Exported by the seat of"), who),
        (_("Release setting"), f"{review.release_setting} ({review.get_release_setting_display()})"),
        (_("Rounds not released"), "; ".join(unreleased) or _("none")),
        (_("Sums of the flow"), "; ".join(wrong) if wrong else _("all hold")),
    ]
    listed = (f"  {rows:>9,}  {name}" for name, rows in pack.rows.items())
    return "\n".join(
        [
            _("A bundle of a systematic review, exported from Dyad."),
            "",
            *(f"{label}: {text}" for label, text in facts),
            "",
            *_words(public=public),
            "",
            _("Rows of each table:"),
            *listed,
            "",
        ]
    )


def _words(*, public: bool) -> list[str]:
    """What a reader must know, a paragraph each."""
    words = [
        _(
            "It holds what the exporter's seat may see. Answers of others in rounds that are not released are left "
            "out, and count nowhere; the exporter's own answers are in it."
        ),
        _(
            "tables/ holds a CSV of each table (UTF-8, RFC 4180; dates ISO 8601; an empty cell is a missing value); "
            "dictionary.csv says what every column means. A text that a spreadsheet could take for a formula starts "
            "with an apostrophe; numbers never do. prisma.svg and prisma-narrow.svg are the flow figure."
        ),
        _(
            "To check that nothing was changed: unpack, and run: python3 verify.py (it needs nothing but Python)."
        ),
    ]
    if public:
        words.append(
            _(
                "Made for publication: people are Person 1, 2 and so on, abstracts and full texts are left out. Free "
                "text (notes, reasons) was written by people: read it before you publish it."
            )
        )
    return words


def take(made: Bundle) -> int:
    """Return an open descriptor of the bundle's file and remove its name: it is gone when it has been sent."""
    descriptor = os.open(made.path, os.O_RDONLY)
    made.path.unlink()
    return descriptor
