"""From bytes to text, with the guess named, and a refusal where two encodings are mixed."""

import codecs
import io
from collections.abc import Iterator

from .model import UnreadableFile

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PROBE = 64 * 1024
_PIECE = 1024 * 1024


def detect(data: bytes, filename: str) -> str:
    """Return the name of an encoding under which the whole of `data` decodes.

    Order: byte order mark, NUL density (UTF-16 without a mark), strict UTF-8, Windows-1252, Latin-1. Works
    piece by piece, so that a large file is never held as text. Raises UnreadableFile where some lines are
    valid UTF-8 and others are not, and on a NUL character.
    """
    name = _marked(data) or _by_nul_density(data)
    if name is None:
        name = _eight_bit(data, filename)
    elif (place := _first_error(data, name)) is not None:
        line = data.count(b"\n", 0, place) + 1
        raise UnreadableFile(
            f"{filename} begins like {name.upper()} but line {line} is not; the file is damaged.",
            line=line,
            code="E_ENCODING",
        )
    _refuse_nul(data, name, filename)
    return name


def decode(data: bytes, name: str) -> str:
    """The whole text under the encoding that `detect` found."""
    return data.decode(name).removeprefix("\ufeff")


def head(data: bytes, name: str, size: int) -> str:
    """About the first `size` characters of the text."""
    return data[: size * 2].decode(name, errors="ignore").removeprefix("\ufeff")[:size]


def lines(data: bytes, name: str) -> Iterator[str]:
    """The lines of the text, any of the three line ends turned into a newline, decoded on the way."""
    return iter(io.TextIOWrapper(io.BytesIO(data), encoding=name, newline=None))


def _pieces(data: bytes, name: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(name)()
    view = memoryview(data)
    for start in range(0, len(data), _PIECE):
        yield decoder.decode(bytes(view[start : start + _PIECE]), final=start + _PIECE >= len(data))


def _first_error(data: bytes, name: str) -> int | None:
    """The place, within one piece, where `data` cannot be decoded; None where it can."""
    done = -1
    try:
        for done, _ in enumerate(_pieces(data, name)):  # noqa: B007
            pass
    except UnicodeDecodeError as error:
        return (done + 1) * _PIECE + error.start
    return None


def _refuse_nul(data: bytes, name: str, filename: str) -> None:
    if b"\x00" not in data:
        return
    before = 0
    for piece in _pieces(data, name):
        if "\x00" in piece:
            at = piece[: piece.index("\x00")]
            line = before + (at.count("\n") or at.count("\r")) + 1
            raise UnreadableFile(
                f"{filename} has a NUL character in line {line}; it is damaged or not a text file.",
                line=line,
                code="E_NUL_BYTE",
            )
        before += piece.count("\n") or piece.count("\r")


def _marked(data: bytes) -> str | None:
    return next((name for mark, name in _MARKS if data.startswith(mark)), None)


def _by_nul_density(data: bytes) -> str | None:
    probe = data[:_PROBE]
    half = len(probe) // 2
    if half < 4:
        return None
    even, odd = probe[0::2].count(0), probe[1::2].count(0)
    if odd > 0.4 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None


def _eight_bit(data: bytes, filename: str) -> str:
    if _first_error(data, "utf-8") is None:
        return "utf-8"
    _refuse_mixture(data, filename)
    return "cp1252" if _first_error(data, "cp1252") is None else "latin-1"


def _refuse_mixture(data: bytes, filename: str) -> None:
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    valid, first_bad = False, 0
    for number, line in enumerate(io.BytesIO(data), 1):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
            valid = True
        except UnicodeDecodeError:
            first_bad = first_bad or number
        if valid and first_bad:
            raise UnreadableFile(
                f"{filename} mixes two text encodings: some lines are UTF-8, but line {first_bad} is not. "
                "Export it again from its source, or save the parts separately.",
                line=first_bad,
                code="E_ENCODING",
            )
