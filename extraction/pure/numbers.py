"""Read one printed number into exact decimal text, or say in words why it is not one number.

Nothing is guessed: what could mean two things is refused with a ``proposal`` that the person may accept.
Canonical text is ASCII, keeps the printed decimals ("0.70" stays "0.70"), and never passes through binary
floating point.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

MAX_SIGNIFICANT = 15
MAX_WHOLE_DIGITS = 9
MAX_LENGTH = 60

_MINUS = "\u2212"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\ufe63\uff0d"
_NUM = r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
_PLAIN = re.compile(_NUM)
_WITH_SPREAD = re.compile(rf"({_NUM})\s*(?:\(\s*({_NUM})\s*\)|(±|\+/-|\+-)\s*({_NUM}))\s*%?")
_BOUNDS = re.compile(rf"[\[(]?\s*({_NUM})\s*(?:to|,|;|\.\.|-|[{_DASHES}])\s*({_NUM})\s*[\])]?", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]{1,4}")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:[ _'\u2009\u202f][0-9]{3})+(?:\.[0-9]+)?")
_WITH_UNIT = re.compile(rf"({_NUM})\s*(%|[A-Za-zµ][A-Za-z0-9/µ²³^ ]*)")
_NOT_GIVEN = {
    "na",
    "n/a",
    "nr",
    "nd",
    "none",
    "null",
    "-",
    "?",
    "not reported",
    "missing",
    "unknown",
    "true",
    "false",
}
_NOT_FINITE = {"nan", "inf", "infinity", "-inf", "+inf", "-infinity", "+infinity", "-nan"}
_NOT_SIGNIFICANT = {
    "ns",
    "n.s.",
    "n.s",
    "p=ns",
    "p = ns",
    "not significant",
    "non-significant",
    "nonsignificant",
}
_P = re.compile(rf"(?:p\s*(?:value|-value)?)?\s*(<=|>=|=<|=>|[<>=≤≥])?\s*({_NUM})", re.IGNORECASE)
_OPERATORS = {"≤": "<=", "=<": "<=", "≥": ">=", "=>": ">=", "": "="}


@dataclass(frozen=True, slots=True)
class Parsed:
    """What became of a printed text: ``canonical`` or, where that is None, an ``error`` in words.

    ``proposal`` is a question to put to the person ("did you mean 2.3?"); ``note`` says what was
    changed in reading, ``question`` what is odd about an accepted text. All three may be empty.
    """

    canonical: str | None
    error: str = ""
    proposal: str = ""
    note: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class PValue:
    """A p-value as printed: an operator and an exact decimal text, or operator ``ns`` without a value."""

    operator: str
    value: str | None

    @property
    def canonical(self) -> str:
        """One text for both parts, e.g. ``<0.05``, ``=0.003``, ``ns``."""
        return self.operator + (self.value or "")


def parse_decimal(text: str) -> Parsed:
    """Read one decimal number with at most 15 significant digits and 9 digits before the point.

    U+2212 is read as a minus sign. Refused in words: decimal commas, thousands separators, exponents, several
    numbers in one field, units, full-width digits, NaN.
    """
    stripped = text.strip()
    if not stripped:
        return Parsed(None, "No number was given.")
    if len(stripped) > MAX_LENGTH:
        return Parsed(None, f"This is too long to be one number ({len(stripped)} characters).")
    note = ""
    if stripped.startswith(_MINUS):
        stripped = "-" + stripped[1:].lstrip()
        note = "The printed minus sign was stored as a hyphen-minus."
    if _PLAIN.fullmatch(stripped) is None:
        return _refusal(stripped.replace(_MINUS, "-"))
    whole, _, decimals = stripped.lstrip("+-").partition(".")
    whole = whole.lstrip("0") or "0"
    digits = (whole + decimals).lstrip("0")
    if len(digits) > MAX_SIGNIFICANT:
        return Parsed(
            None, f"More than {MAX_SIGNIFICANT} significant digits: no instrument prints that many."
        )
    if len(whole) > MAX_WHOLE_DIGITS:
        return Parsed(None, "This number is too large.")
    canonical = whole + ("." + decimals if decimals else "")
    if stripped.startswith("-") and digits:
        canonical = "-" + canonical
    return Parsed(canonical, note=note)


def parse_integer(text: str) -> Parsed:
    """Read a whole number; "12.5" and "12.0" are refused."""
    parsed = parse_decimal(text)
    if parsed.canonical is None or "." not in parsed.canonical:
        return parsed
    whole, _, decimals = parsed.canonical.partition(".")
    proposal = f"Did you mean {whole}?" if not decimals.strip("0") else ""
    return Parsed(None, "This must be a whole number.", proposal)


def parse_p_value(text: str) -> Parsed:
    """Read a p-value with its operator; "0.03" is read as "=0.03", "NS" has no value.

    Canonical text is the operator (``<``, ``<=``, ``=``, ``>=``, ``>``) followed by the number, or ``ns``.
    """
    stripped = text.strip()
    if len(stripped) > MAX_LENGTH:
        return Parsed(None, f"This is too long to be a p-value ({len(stripped)} characters).")
    if " ".join(stripped.casefold().split()) in _NOT_SIGNIFICANT:
        return Parsed("ns")
    match = _P.fullmatch(stripped)
    if match is None:
        refused = parse_decimal(stripped.lstrip("pP <>=≤≥"))
        words = refused.error or "write it like <0.05, =0.003 or NS."
        return Parsed(None, f"This is not a p-value: {words}", refused.proposal)
    printed = match.group(1) or ""
    number = parse_decimal(match.group(2))
    if number.canonical is None:
        return number
    if not 0 <= Decimal(number.canonical) <= 1:
        return Parsed(None, "A p-value lies between 0 and 1.")
    operator = _OPERATORS.get(printed, printed)
    question = ""
    if Decimal(number.canonical) == 0:
        bound = number.canonical[:-1] + "1" if "." in number.canonical else "0.001"
        question = f"No p-value is exactly zero. Does the paper mean p < {bound}?"
    return Parsed(operator + number.canonical, question=question)


def split_p_value(canonical: str) -> PValue:
    """Take canonical p-value text apart.

    Raises ``ValueError`` on text that :func:`parse_p_value` did not make.
    """
    if canonical == "ns":
        return PValue("ns", None)
    match = re.fullmatch(r"(<=|>=|[<>=])([0-9]+(?:\.[0-9]+)?)", canonical)
    if match is None:
        raise ValueError(f"not a canonical p-value: {canonical[:40]!r}")
    return PValue(match.group(1), match.group(2))


def decimals_of(canonical: str) -> int:
    """How many decimals a canonical number was printed with."""
    return len(canonical.partition(".")[2])


def half_unit(canonical: str) -> Decimal:
    """Half a unit in the last printed place: a printed number stands for itself plus or minus this much."""
    return Decimal(5).scaleb(-decimals_of(canonical) - 1)


def plain(value: Decimal) -> str:
    """A decimal as plain digits, never with an exponent."""
    return format(value, "f")


def _refusal(text: str) -> Parsed:
    """Say why ``text`` is not one plain number, with a proposal where a reading suggests itself."""
    lowered = " ".join(text.casefold().split())
    if lowered in _NOT_FINITE:
        return Parsed(None, "This is not a number.")
    if lowered in _NOT_GIVEN:
        return Parsed(
            None, "This is not a number.", "If the paper gives none, choose the status “not reported”."
        )
    ascii_text = unicodedata.normalize("NFKC", text)
    for rule in (_comma, _several, _notation):
        parsed = rule(text)
        if parsed is not None:
            return parsed
    if ascii_text != text and _PLAIN.fullmatch(ascii_text):
        return Parsed(None, "These are not ordinary digits.", f"Did you mean {ascii_text}?")
    if text[0] in "<>=≤≥" and _PLAIN.fullmatch(text[1:].strip()):
        return Parsed(
            None, "A number with an operator is not one value.", "Does it belong in a p-value field?"
        )
    return Parsed(None, "This is not a number. Write digits with a point, for example -3.91.")


def _comma(text: str) -> Parsed | None:
    """A comma between digits: a decimal comma, a thousands separator, or either."""
    if re.fullmatch(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+", text):
        return Parsed(None, "Commas are not used in numbers.", f"Did you mean {text.replace(',', '')}?")
    if re.fullmatch(r"[+-]?[0-9]{1,3},[0-9]{3}", text) and text.lstrip("+-")[0] != "0":
        one, other = text.replace(",", ""), text.replace(",", ".")
        return Parsed(None, "The comma can be read in two ways.", f"Did you mean {one} or {other}?")
    if re.fullmatch(r"[+-]?[0-9]+,[0-9]+", text):
        return Parsed(None, "Write a decimal point, not a comma.", f"Did you mean {text.replace(',', '.')}?")
    return None


def _several(text: str) -> Parsed | None:
    """Two numbers in one field: a mean with its spread, or two bounds."""
    match = _WITH_SPREAD.fullmatch(text)
    if match is not None:
        mean, spread = match.group(1), match.group(2) or match.group(4)
        kind = "SD or SE" if match.group(3) else "SD"
        words = f"Did you mean the mean {mean} and the {kind} {spread}, each in its own field?"
        return Parsed(None, "These look like a mean and its spread: two numbers in one field.", words)
    match = _BOUNDS.fullmatch(text)
    if match is not None:
        words = f"Did you mean a lower bound of {match.group(1)} and an upper bound of {match.group(2)}?"
        return Parsed(None, "These look like two bounds: two numbers in one field.", words)
    return None


def _notation(text: str) -> Parsed | None:
    """One number in a notation that is not taken: exponent, dash, grouping, a bare point, a unit."""
    if _SCIENTIFIC.fullmatch(text):
        exponent = int(re.split("[eE]", text)[1])
        proposal = f"Did you mean {plain(Decimal(text))}?" if abs(exponent) <= MAX_WHOLE_DIGITS else ""
        return Parsed(None, "Write the number out, without an exponent.", proposal)
    if text[0] in _DASHES and _PLAIN.fullmatch(text[1:].strip()):
        return Parsed(
            None, "This begins with a dash, not a minus sign.", f"Did you mean -{text[1:].strip()}?"
        )
    if _GROUPED.fullmatch(text):
        joined = re.sub(r"[^0-9.+-]", "", text)
        return Parsed(None, "Write the digits without separators.", f"Did you mean {joined}?")
    if re.fullmatch(r"[+-]?[0-9]+\.", text):
        return Parsed(None, "A digit is missing after the point.", f"Did you mean {text[:-1]}?")
    match = _WITH_UNIT.fullmatch(text)
    if match is not None:
        words = f"Did you mean {match.group(1)}?"
        return Parsed(None, f"Leave the unit ({match.group(2).strip()}) out of the number.", words)
    return None
