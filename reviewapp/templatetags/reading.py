"""Tags for what is read: highlight words, reference lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def marked(text: str, words: Mapping[str, Sequence[str]]) -> SafeString:
    """Escape a text and mark the highlight words in it (whole words or word beginnings, any case)."""
    sense = {word.lower(): "" for word in words.get("for", ())}
    sense |= {word.lower(): "no" for word in words.get("against", ())}
    if not sense:
        return escape(text)
    listed = "|".join(re.escape(word) for word in sorted(sense, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)({listed})(\w*)", re.IGNORECASE)
    parts: list[str] = []
    end = 0
    for found in pattern.finditer(text):
        parts.append(escape(text[end : found.start()]))
        kind = sense[found.group(1).lower()]
        parts.append(
            format_html('<mark class="no">{}</mark>', found.group())
            if kind
            else format_html("<mark>{}</mark>", found.group())
        )
        end = found.end()
    parts.append(escape(text[end:]))
    return mark_safe("".join(parts))  # noqa: S308 - every part is escaped above


@register.filter
def reference(record: Any) -> SafeString:
    """Render a record's source line: authors, journal, year; volume (issue): pages."""
    names = [name.replace(", ", " ", 1) for name in record.authors if name]
    listed = ", ".join(names[:6]) + (", et al." if len(names) > 6 else "")
    where = f" {record.volume}" if record.volume else ""
    where += f"({record.issue})" if record.issue else ""
    where += f": {record.pages}" if record.pages else ""
    year = f" {record.year}" if record.year else ""
    return format_html(
        '<span dir="auto">{}</span> {}{}{}',
        f"{listed.rstrip('.')}." if listed else "",
        format_html("<i>{}</i>", record.journal) if record.journal else "",
        year,
        f";{where}." if where and year else f"{where or ''}." if where or year else "",
    )


@register.filter
def paragraphs(text: str) -> list[str]:
    """Split an abstract into its paragraphs."""
    return [part.strip() for part in re.split(r"\n\s*\n|\n", text) if part.strip()]
