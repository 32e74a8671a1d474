"""Forms of sources and uploads: they translate; the rules are in services."""

from __future__ import annotations

from typing import Any, Self

from django import forms
from django.utils.translation import gettext_lazy as _

from reviewapp.models.records import Route, Source, SourceKind
from reviewapp.pure.citations import NAMES, READABLE


class SourceForm(forms.Form):
    """What is said of one search or other method."""

    name = forms.CharField(
        label=_("Name"), max_length=200, help_text=_("Such as MEDLINE, CENTRAL, hand search.")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=SourceKind.choices)
    route = forms.ChoiceField(
        label=_("How found"),
        choices=[("", "–"), *[choice for choice in Route.choices if choice[0]]],
        required=False,
        help_text=_("For other methods only."),
    )
    platform = forms.CharField(
        label=_("Platform"), max_length=200, required=False, help_text=_("Such as Ovid, PubMed, EBSCO.")
    )
    issue = forms.CharField(
        label=_("Issue or dates covered"),
        max_length=100,
        required=False,
        help_text=_("Such as 2006, Issue 4, or 1966 to October 2006."),
    )
    searched_on = forms.DateField(
        label=_("Searched on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    searched_words = forms.CharField(
        label=_("Searched on, in words"),
        max_length=100,
        required=False,
        help_text=_("When only a month or season is known."),
    )
    hits = forms.IntegerField(
        label=_("Hits on the platform"),
        required=False,
        min_value=0,
        max_value=10**8,
        help_text=_("What the platform said it found; compared with the records in the files."),
    )
    wave = forms.IntegerField(
        label=_("Wave of the search"),
        min_value=1,
        max_value=999,
        initial=1,
        help_text=_("1 for the first search, 2 for its first update."),
    )
    strategy = forms.CharField(
        label=_("Search strategy, as run"),
        required=False,
        max_length=100000,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )
    limits = forms.CharField(
        label=_("Limits and filters"),
        required=False,
        max_length=20000,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=20000,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        help_text=_("Such as who reviewed the strategy."),
    )

    @classmethod
    def of(cls, source: Source) -> Self:
        """Return the form filled from a source."""
        return cls(initial={name: getattr(source, name) for name in cls.base_fields})

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        return dict(self.cleaned_data)


READ_AS: list[tuple[str, str]] = [(key, NAMES[key]) for key in READABLE]
