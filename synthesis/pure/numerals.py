"""Numbers as a reader sees them: a true minus sign, no false precision, p values in the usual form."""

from __future__ import annotations

import math

MINUS = "−"


def number(value: float | None, digits: int = 6) -> str:
    """``value`` to so many significant digits, without trailing zeros; “not known” for ``None``."""
    if value is None:
        return "not known"
    text = f"{value:.{digits}g}"
    if "e" in text and abs(value) < 1e15:
        places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
        text = f"{value:.{places}f}".rstrip("0").rstrip(".") if places else f"{value:.0f}"
    return text.replace("-", MINUS) if float(value) != 0 else "0"


def fixed(value: float, places: int) -> str:
    """``value`` with a fixed number of decimals; a rounded zero has no sign."""
    text = f"{value:.{places}f}"
    return (text.lstrip("-") if float(text) == 0 else text).replace("-", MINUS)


def percent(share: float | None, places: int = 1) -> str:
    """A proportion as percent."""
    return "not known" if share is None else f"{fixed(100 * share, places)} %"


def p_value(p: float) -> str:
    """“p = 0.03”, or “p < 0.001”; p above 0.995 reads “p > 0.99”."""
    if p < 0.001:
        return "p < 0.001"
    if p > 0.995:
        return "p > 0.99"
    if p >= 0.1:
        return f"p = {p:.2f}"
    # four places where three would print the threshold itself
    return f"p = {p:.4f}" if f"{p:.3f}" == "0.050" and p != 0.05 else f"p = {p:.3f}"


def printed_p(operator: str | None, value: float | None) -> str | None:
    """A p value as the study printed it; ``None`` if it printed none."""
    if value is None:
        return f"p {operator}" if operator else None
    return f"p {operator or '='} {number(value)}"
