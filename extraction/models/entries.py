"""What each extractor entered. Every table here is blinded; ``unit`` is the uid of the study form."""

from __future__ import annotations

from django.db import models

from reviewapp.gate import Blinded
from reviewapp.models.base import ReviewRow

from .definitions import Question, StudyForm


class EntryAssignment(ReviewRow, Blinded):
    """A study form handed to one extractor."""

    review = models.ForeignKey("reviewapp.Review", on_delete=models.PROTECT, related_name="+")
    study_form = models.ForeignKey(StudyForm, on_delete=models.PROTECT, related_name="+")
    slot = models.PositiveSmallIntegerField()

    class Meta(Blinded.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["review", "study_form", "author"], name="entry_assignment_once")
        ]


class Draft(ReviewRow, Blinded):
    """An extractor's unfinished form; mutable by design, versioned, one event at submit."""

    append_only = False

    review = models.ForeignKey("reviewapp.Review", on_delete=models.PROTECT, related_name="+")
    study_form = models.ForeignKey(StudyForm, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    payload = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta(Blinded.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["review", "study_form", "author"], name="draft_once")]


class Entry(ReviewRow, Blinded):
    """A submitted form; frozen. A reopened form is a further version."""

    review = models.ForeignKey("reviewapp.Review", on_delete=models.PROTECT, related_name="+")
    study_form = models.ForeignKey(StudyForm, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    form_version = models.PositiveIntegerField(default=1)
    independent = models.BooleanField(default=True)

    class Meta(Blinded.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["review", "study_form", "author", "version"], name="entry_version_once"
            )
        ]


class Value(ReviewRow, Blinded):
    """One cell of an entry: the text as printed, its exact decimal or choice, and where it was read."""

    review = models.ForeignKey("reviewapp.Review", on_delete=models.PROTECT, related_name="+")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    group = models.CharField(max_length=60)
    row = models.CharField(max_length=60)
    field = models.CharField(max_length=60)
    as_printed = models.TextField(blank=True)
    canonical = models.TextField(blank=True)
    number = models.DecimalField(max_digits=15, decimal_places=6, null=True)
    unit_text = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=24, default="reported")
    report = models.ForeignKey("reviewapp.Report", on_delete=models.PROTECT, null=True, related_name="+")
    page = models.CharField(max_length=60, blank=True)
    quote = models.TextField(blank=True)

    class Meta(Blinded.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["review", "entry", "group", "row", "field"], name="value_once")
        ]
