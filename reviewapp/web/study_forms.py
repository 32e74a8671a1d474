"""The form of a report by hand: it translates; the rules are in services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ReportForm(forms.Form):
    """A report that no record stands for; ``study`` joins it to a study, else it is one of its own."""

    title = forms.CharField(
        label=_("Title"), max_length=5000, widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"})
    )
    kind = forms.CharField(
        label=_("Kind"),
        max_length=60,
        required=False,
        help_text=_("Such as thesis, registry entry, abstract, unpublished data."),
    )
    label = forms.CharField(
        label=_("Label of its study"),
        max_length=200,
        required=False,
        help_text=_("Such as Henderson 2002. Without one, the first words of the title."),
    )
    why = forms.CharField(
        label=_("Where it came from"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        help_text=_("Such as a letter of the authors, with its date."),
    )
    study = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        data = dict(self.cleaned_data)
        data["study_uid"] = data.pop("study")
        return data
