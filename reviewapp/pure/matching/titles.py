"""Titles made comparable: markup, brackets and database remarks removed, numbers told apart."""

import html
import re
import unicodedata
from dataclasses import dataclass

_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,60}>")
_REMARK = re.compile(
    r"[\[(](?:\d+ refs?|review|article|letter|comment|editorial|abstract|miscellaneous|author'?s transl\.?|in \w+"
    r"|electronic resource|abstract only)[\])]\.?"
    r"|\[(?:see comments?|erratum|errata|corrected|retraction|comment|update[ds]?|republished|summary for|original)\b"
    r"[^\]]*(?:\]|$)\.?"
    r"|\s[-–—]\s*\[\w[\w ]{2,24}\]\s*$",
    re.IGNORECASE,
)
_GREEK = str.maketrans(
    {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "κ": "kappa", "μ": "mu", "µ": "mu", "ω": "omega"}
)
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10}
_WORD_NUMBERS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}
_NUMBERED = frozenset(
    ("part", "phase", "stage", "type", "volume", "chapter", "paper", "study", "report", "class")
)
_TOKEN = re.compile(r"\w+")
_GENERIC_WORDS = """
editorial editorials introduction editor editors comment comments commentary letter letters reply response
note notes preface foreword abstract abstracts erratum corrigendum correction news announcement discussion
author authors index contents review book books reviews conclusion conclusions summary from the of to and in
guest special issue section welcome message proceedings meeting annual s a an for on obituary untitled report
"""
_GENERIC = frozenset(_GENERIC_WORDS.split())


@dataclass(frozen=True, slots=True)
class Title:
    """A comparable title: words, the words run together, numbers, and what its form says.

    `numbers` are digits and counted Roman numerals; `foreign` marks a bracketed translated title;
    `generic` marks one like 'Editorial', which identifies nothing, `short` one of three words or fewer.
    """

    words: tuple[str, ...]
    spaced: str
    compact: str
    numbers: frozenset[str]
    foreign: bool
    generic: bool
    short: bool


def plain(text: str) -> str:
    """Lower-case letters and digits without accents, entities and markup; punctuation becomes a blank."""
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _MARKUP.sub("", text)
    text = text.casefold().translate(_GREEK)
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
        text = unicodedata.normalize("NFC", text).replace("ß", "ss").replace("ø", "o").replace("ı", "i")
    text = re.sub(r"(?<=\w)['’‘`´](?=s?\b)", "", text)
    return " ".join(_TOKEN.findall(text.replace("_", " ")))


def read_title(text: str) -> Title:
    """Make one title comparable."""
    cleaned = _REMARK.sub(" ", text)
    stripped = cleaned.strip(" .")
    foreign = stripped.startswith("[") and "]" in stripped[-3:]
    spaced = plain(stripped)
    words = tuple(spaced.split())
    return Title(
        words=words,
        spaced=spaced,
        compact="".join(words),
        numbers=_numbers(words),
        foreign=foreign,
        generic=all(word in _GENERIC or word.isdigit() for word in words),
        short=len(words) <= 3,
    )


def _numbers(words: tuple[str, ...]) -> frozenset[str]:
    found: list[str] = []
    for place, word in enumerate(words):
        before, after = words[max(0, place - 1) : place], words[place + 1 : place + 2]
        if word.isdigit():
            found.append(word.lstrip("0") or "0")
        elif word in _ROMAN and (len(word) > 1 or _counted(before) or (not after and word in "iv")):
            found.append(str(_ROMAN[word]))
        elif word in _WORD_NUMBERS and _counted((*before, *after)):
            found.append(str(_WORD_NUMBERS[word]))
        else:
            found.extend(digits.lstrip("0") or "0" for digits in re.findall(r"\d+", word))
    return frozenset(found)


def _counted(near: tuple[str, ...]) -> bool:
    """True beside a word that is counted: 'phase I', 'second part'."""
    return any(word.rstrip("s") in _NUMBERED for word in near)
