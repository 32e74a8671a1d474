"""From bytes to text, with the guess named, and a refusal where two encodings are mixed."""

import codecs

from .model import UnreadableFile

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PROBE = 64 * 1024


def decode(data: bytes, filename: str) -> tuple[str, str]:
    """Return the text and the name of the encoding.

    Order: byte order mark, NUL density (UTF-16 without a mark), strict UTF-8, Windows-1252, Latin-1.
    Raises UnreadableFile where some lines are valid UTF-8 and others are not, and on a NUL character.
    """
    name = _marked(data) or _by_nul_density(data)
    if name is None:
        text, name = _eight_bit(data, filename)
    else:
        try:
            text = data.decode(name)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise UnreadableFile(
                f"{filename} begins like {name.upper()} but line {line} is not; the file is damaged.",
                line=line,
                code="E_ENCODING",
            ) from error
    if "\x00" in text:
        line = _line_at(text, text.index("\x00"))
        raise UnreadableFile(
            f"{filename} has a NUL character in line {line}; it is damaged or not a text file.",
            line=line,
            code="E_NUL_BYTE",
        )
    return text.removeprefix("\ufeff"), name


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


def _eight_bit(data: bytes, filename: str) -> tuple[str, str]:
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        _refuse_mixture(data, filename, error)
    try:
        return data.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"


def _refuse_mixture(data: bytes, filename: str, error: UnicodeDecodeError) -> None:
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    valid, first_bad = False, 0
    for number, line in enumerate(lines, 1):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
            valid = True
        except UnicodeDecodeError:
            first_bad = first_bad or number
        if valid and first_bad:
            break
    if valid and first_bad:
        raise UnreadableFile(
            f"{filename} mixes two text encodings: most lines are UTF-8, but line {first_bad} is not. "
            "Export it again from its source, or save the parts separately.",
            line=first_bad,
            code="E_ENCODING",
        ) from error


def _line_at(text: str, place: int) -> int:
    head = text[:place]
    return head.count("\n") + 1 if "\n" in head else head.count("\r") + 1
