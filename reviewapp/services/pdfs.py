"""Is a file a PDF that people can read? Judged by its content; a name or a declared type proves nothing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO, Any, cast

from django.conf import settings
from django.core.files import File
from django.utils.translation import gettext as _
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, IndirectObject

from reviewapp.services.refusals import Refused

LARGEST = 100 * 1024 * 1024
MOST_PAGES = 20_000
HEAD = 1024
ACTIVE_WORDS = re.compile(rb"/JavaScript\b|/Launch\b")
ACTIVE_ACTIONS = {"/JavaScript", "/Launch"}
CONTROL = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Pdf:
    """What a readable PDF is: SHA-256 (hex), bytes, pages, and whether it carries scripts or starts programs."""

    sha256: str
    size: int
    pages: int
    active: bool


def plain_name(name: str) -> str:
    """Return a file's own name: no folder, no control or direction character, 200 characters at most."""
    last = PurePath(CONTROL.sub("", name).replace("\\", "/")).name.strip()
    return last[:200] or "document.pdf"


def examine(name: str, content: File[bytes]) -> Pdf:
    """Read a file as a PDF; ``name`` is for the words. Raises Refused, naming what it is instead or what is wrong."""
    most = min(LARGEST, settings.UPLOAD_LIMIT)
    if not content.size:
        raise Refused(_("%(name)s is empty.") % {"name": name}, "file")
    if content.size > most:
        raise Refused(
            _("%(name)s has %(size)d MB; a document may have %(most)d MB.")
            % {"name": name, "size": content.size >> 20, "most": most >> 20},
            "file",
        )
    content.seek(0)
    _check_head(name, content.read(HEAD))
    sha256, active = _read_through(content)
    pages, acts = _open(name, content)
    content.seek(0)
    return Pdf(sha256, content.size, pages, active or acts)


def _check_head(name: str, head: bytes) -> None:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\x00\t\n\x0c\r ")
    if start.startswith(b"%PDF-"):
        return
    if b"%PDF-" in head:
        raise Refused(
            _("%(name)s does not begin with %%PDF: something else stands before it.") % {"name": name}, "file"
        )
    if re.match(rb"<(!doctype\s+html|html|head|script|body|\?xml)", start, re.I):
        raise Refused(
            _("%(name)s is an HTML page, not a PDF: perhaps the sign-in page of a publisher.")
            % {"name": name},
            "file",
        )
    raise Refused(_("%(name)s is not a PDF: it does not begin with %%PDF.") % {"name": name}, "file")


def _read_through(content: File[bytes]) -> tuple[str, bool]:
    digest = hashlib.sha256()
    active, tail = False, b""
    for block in content.chunks():
        digest.update(block)
        active = active or ACTIVE_WORDS.search(tail + block) is not None
        tail = block[-16:]
    return digest.hexdigest(), active


def _open(name: str, content: File[bytes]) -> tuple[int, bool]:
    """Return the number of pages and whether the document acts when opened. Raises Refused for what cannot be read."""
    damaged = Refused(
        _("%(name)s is damaged: it cannot be read as a PDF. Download it again.") % {"name": name}, "file"
    )
    content.seek(0)
    try:
        reader = PdfReader(cast("IO[bytes]", content.file), strict=False)
        locked = reader.is_encrypted and not reader.decrypt("")
        pages = 0 if locked else len(reader.pages)
        acts = not locked and bool(pages) and _acts(reader)
    except Exception as error:  # whatever a hostile file raises while it is parsed
        raise damaged from error
    if locked:
        raise Refused(
            _("%(name)s is locked with a password: bring a copy that opens without one.") % {"name": name},
            "file",
        )
    if not 0 < pages <= MOST_PAGES:
        raise damaged
    return pages, acts


def _acts(reader: PdfReader) -> bool:
    """Tell whether the catalogue or the first page starts a script or a program (also where names are hidden)."""
    catalogue = reader.root_object
    first = reader.pages[0]
    names = _plain(catalogue.get("/Names"))
    if isinstance(names, DictionaryObject) and "/JavaScript" in names:
        return True
    return any(
        isinstance(action, DictionaryObject) and action.get("/S") in ACTIVE_ACTIONS
        for action in _actions(catalogue, first)
    )


def _actions(catalogue: DictionaryObject, page: DictionaryObject) -> Iterator[Any]:
    yield _plain(catalogue.get("/OpenAction"))
    for owner in (catalogue, page):
        held = _plain(owner.get("/AA"))
        if isinstance(held, DictionaryObject):
            yield from (_plain(action) for action in held.values())


def _plain(value: Any) -> Any:
    return value.get_object() if isinstance(value, IndirectObject) else value
