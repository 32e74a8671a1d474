"""Forms as data: groups and questions, versioned by question; and which form is filled for which study."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from reviewapp.models.base import ReviewRow, Withdrawable


class Form(ReviewRow, Withdrawable):
    """What is asked of a study: an extraction form or a quality appraisal."""

    class Kind(models.TextChoices):
        """What the form is for."""

        EXTRACTION = "extraction", _("Extraction")
        APPRAISAL = "appraisal", _("Appraisal")

    key = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "key"], name="form_key_once")]

    def __str__(self) -> str:
        return self.name


class FormGroup(ReviewRow):
    """A section of a form; a repeated one holds a row for each arm, result or harm."""

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="groups")
    key = models.CharField(max_length=60)
    label = models.CharField(max_length=200)
    repeats = models.BooleanField(default=False)
    row_noun = models.CharField(max_length=60, blank=True)
    measure = models.CharField(max_length=60, blank=True)
    help = models.TextField(blank=True)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["review", "form", "key"], name="form_group_once")]


class Question(ReviewRow):
    """One field of a group in one version; values name the version they answered.

    ``spec`` holds what ``extraction.pure.fields.Field`` holds: type, unit, choices, ranges, help.
    """

    group = models.ForeignKey(FormGroup, on_delete=models.PROTECT, related_name="questions")
    key = models.CharField(max_length=60)
    label = models.CharField(max_length=300)
    version = models.PositiveIntegerField(default=1)
    is_current = models.BooleanField(default=True)
    position = models.PositiveIntegerField()
    spec = models.JSONField(default=dict)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "group", "key", "version"], name="question_version_once"
            )
        ]


class StudyForm(ReviewRow):
    """One study under one form: the unit that two extractors fill, that is released and reconciled."""

    study = models.ForeignKey("reviewapp.Study", on_delete=models.PROTECT, related_name="+")
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "study", "form"], name="study_form_once")]
