"""XML read as a stream, with nothing fetched, nothing expanded, and no depth that exhausts memory."""

import io
from collections.abc import Collection, Iterator

from lxml import etree

from .model import UnreadableFile

MAX_DEPTH = 100


def refuse_entities(text: str, filename: str) -> None:
    """Refuse a document that declares entities: they read local files or grow without end."""
    place = text.find("<!ENTITY")
    if place >= 0:
        line = text.count("\n", 0, place) + 1
        raise UnreadableFile(
            f"{filename} declares XML entities in line {line}; such files are refused because entities can "
            "read other files or grow without end.",
            line=line,
            code="E_XML_UNSAFE",
        )


def elements(data: bytes, tags: Collection[str], filename: str) -> Iterator[etree._Element]:
    """Yield each element named in `tags` when it is complete; it is emptied after use.

    Raises UnreadableFile with the line for text that is not well-formed, wrongly encoded or too deep.
    """
    stream = etree.iterparse(
        io.BytesIO(data), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False
    )
    depth = 0
    try:
        for event, element in stream:
            if event == "start":
                depth += 1
                if depth > MAX_DEPTH:
                    _refuse_depth(filename, line_of(element))
                continue
            depth -= 1
            if element.tag in tags:
                yield element
                _forget(element)
    except etree.XMLSyntaxError as error:
        _refuse(filename, error)


def _forget(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _refuse_depth(filename: str, line: int) -> None:
    raise UnreadableFile(
        f"{filename}: elements are nested too deep at line {line} (more than {MAX_DEPTH}).",
        line=line,
        code="E_XML_UNSAFE",
    )


def _refuse(filename: str, error: etree.XMLSyntaxError) -> None:
    line, message = error.lineno or 1, error.msg or "not well-formed"
    if "xcessive depth" in message:
        _refuse_depth(filename, line)
    wrong_encoding = "ncoding" in message or "UTF-8" in message or "invalid byte" in message.casefold()
    says = (
        f"{filename}: line {line} is not in the encoding that the file declares."
        if wrong_encoding
        else f"{filename} is not complete XML: line {line}: {message}."
    )
    raise UnreadableFile(
        says, line=line, code="E_ENCODING" if wrong_encoding else "E_XML_MALFORMED"
    ) from error


def line_of(element: etree._Element) -> int:
    """The line on which an element begins, from 1."""
    line: object = element.sourceline
    return line if isinstance(line, int) else 1


def text_of(element: etree._Element | None) -> str:
    """All text inside an element, styles and markup taken off, on one line; '' for None."""
    return " ".join("".join(str(part) for part in element.itertext()).split()) if element is not None else ""


def texts(element: etree._Element, path: str) -> list[str]:
    """The texts of all elements under `path` that have one."""
    return [text for found in element.iterfind(path) if (text := text_of(found))]


def first_text(element: etree._Element, *paths: str) -> str:
    """The first text found along `paths`, else ''."""
    return next((text for path in paths for text in texts(element, path)), "")


def leaves(element: etree._Element, inline: Collection[str]) -> list[tuple[str, str]]:
    """Every innermost element with its text; elements in `inline` are markup inside a text."""
    found: list[tuple[str, str]] = []
    for child in element:
        tag: object = child.tag
        if not isinstance(tag, str):  # a comment or a processing instruction
            continue
        if all(not isinstance(part.tag, str) or part.tag in inline for part in child.iterdescendants()):
            if text := text_of(child):
                found.append((tag, text))
        else:
            found.extend(leaves(child, inline))
    return found


def raw_of(element: etree._Element) -> str:
    """The element as printed."""
    return etree.tostring(element, encoding="unicode", with_tail=False)
