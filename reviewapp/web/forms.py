"""Forms of room 1: they translate; the rules are in services."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from reviewapp.gate import Viewer
from reviewapp.models.reviews import AdvanceRule, ReleaseSetting, Stage
from reviewapp.selectors.protocol import ProtocolView
from reviewapp.services import reviews

SENSES = {"+": "include", "?": "maybe", "-": "exclude", "\u2212": "exclude"}
SIGNS = {"include": "+", "maybe": "?", "exclude": "-"}


class OpenReviewForm(forms.Form):
    """A new review."""

    title = forms.CharField(label=_("Title"), max_length=500)
    question = forms.CharField(
        label=_("Question"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Population, intervention, comparator, outcomes."),
    )


class JoinForm(forms.Form):
    """An account for an invited person."""

    name = forms.CharField(label=_("Your name"), max_length=200)
    email = forms.EmailField(label=_("E-mail"))
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("12 characters or more."),
    )


class ProtocolForm(forms.Form):
    """The protocol on one page; lists are one line each."""

    question = forms.CharField(
        label=_("Question"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3})
    )
    criteria = forms.CharField(
        label=_("Criteria"),
        required=False,
        max_length=20000,
        widget=forms.Textarea(attrs={"rows": 9}),
        help_text=_(
            "One a line. Begin with + for what speaks for inclusion, ? for what to answer maybe, - for exclusion."
        ),
    )
    reasons = forms.CharField(
        label=_("Exclusion reasons, in order"),
        required=False,
        max_length=10000,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=_("One a line. The first that applies is the reason of record."),
    )
    words_for = forms.CharField(
        label=_("Highlight words for inclusion"),
        required=False,
        max_length=5000,
        help_text=_("Comma separated."),
    )
    words_against = forms.CharField(
        label=_("Highlight words for exclusion"),
        required=False,
        max_length=5000,
        help_text=_("Comma separated."),
    )
    disagreement_process = forms.CharField(
        label=_("How disagreements are settled"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Must be written before screening starts, and stays as written (MECIR C39)."),
    )
    release_setting = forms.ChoiceField(
        label=_("When answers open to the other reviewer"),
        choices=[(ReleaseSetting.ROUND.value, ReleaseSetting.ROUND.label)],
        widget=forms.RadioSelect,
    )
    advance_rule = forms.ChoiceField(
        label=_("When a record goes on to full text"), choices=AdvanceRule.choices, widget=forms.RadioSelect
    )
    maybe_is_conflict = forms.BooleanField(
        label=_("Maybe against include is a conflict (otherwise maybe counts as include)"), required=False
    )
    adjudicator_answers_first = forms.BooleanField(
        label=_("The adjudicator answers before seeing the two answers"), required=False
    )

    @classmethod
    def of(cls, shown: ProtocolView) -> ProtocolForm:
        """Return the form filled with the protocol as it stands."""
        review = shown.review
        words = shown.words
        return cls(
            initial={
                "question": review.question,
                "criteria": "\n".join(f"{SIGNS[row.sense]} {row.text}" for row in shown.criteria),
                "reasons": "\n".join(reason.label for reason in shown.reasons),
                "words_for": ", ".join(word.word for word in words if not word.against),
                "words_against": ", ".join(word.word for word in words if word.against),
                "disagreement_process": review.disagreement_process,
                "release_setting": review.release_setting,
                "advance_rule": review.advance_rule,
                "maybe_is_conflict": review.maybe_is_conflict,
                "adjudicator_answers_first": review.adjudicator_answers_first,
            }
        )

    def clean_criteria(self) -> list[tuple[str, str, str]]:
        """Read the criteria: sign, then text."""
        rows = []
        for number, line in enumerate(self.cleaned_data["criteria"].splitlines(), start=1):
            text = line.strip()
            if not text:
                continue
            if text[0] not in SENSES:
                raise forms.ValidationError(
                    _("Line %(number)d: begin with +, ? or -."), params={"number": number}
                )
            rows.append((Stage.TITLE_ABSTRACT.value, SENSES[text[0]], text[1:].strip()))
        return rows

    def store(self, actor: Viewer) -> None:
        """Hand what changed to the services. Raises Refused."""
        data = self.cleaned_data
        reviews.set_whole_protocol(
            actor=actor,
            fields={name: data[name] for name in reviews.PROTOCOL_FIELDS if name in data},
            criteria=data["criteria"],
            reasons=data["reasons"].splitlines(),
            words_for=data["words_for"].split(","),
            words_against=data["words_against"].split(","),
        )
