"""Small tags that pages share."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def once_key() -> SafeString:
    """Render the hidden key that makes sending a form twice harmless."""
    return format_html('<input type="hidden" name="once" value="{}">', uuid.uuid4().hex)


@register.filter
def authors(names: Iterable[str], most: int = 6) -> str:
    """Render a list of authors, cut after ``most`` with "et al."."""
    listed = [name for name in names if name]
    between = "; " if any("," in name for name in listed) else ", "
    shown = between.join(listed[:most])
    return f"{shown}{between}et al." if len(listed) > most else shown


@register.filter
def minus(number: object) -> str:
    """Render a number with a true minus sign; an en dash for what is missing."""
    return "–" if number is None or number == "" else str(number).replace("-", "\u2212", 1)
