"""Reconciled values and where each came from. Blinded until the study is released."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from reviewapp.gate import Blinded
from reviewapp.models.base import ReviewRow

from .definitions import StudyForm


class Final(ReviewRow, Blinded):
    """The value that counts for one cell; append-only, the highest version counts. ``unit``: the study form's uid."""

    class Origin(models.TextChoices):
        """Where the value came from."""

        AGREED = "agreed", _("Both entered it")
        A = "a", _("The first entry")
        B = "b", _("The second entry")
        OTHER = "other", _("Another value")

    review = models.ForeignKey("reviewapp.Review", on_delete=models.PROTECT, related_name="+")
    study_form = models.ForeignKey(StudyForm, on_delete=models.PROTECT, related_name="+")
    group = models.CharField(max_length=60)
    row = models.CharField(max_length=60)
    field = models.CharField(max_length=60)
    version = models.PositiveIntegerField(default=1)
    as_printed = models.TextField(blank=True)
    canonical = models.TextField(blank=True)
    number = models.DecimalField(max_digits=15, decimal_places=6, null=True)
    unit_text = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=24, default="reported")
    origin = models.CharField(max_length=6, choices=Origin)
    value_a = models.UUIDField(null=True)
    value_b = models.UUIDField(null=True)
    relation = models.CharField(max_length=24, blank=True)
    why = models.TextField(blank=True)

    class Meta(Blinded.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["review", "study_form", "group", "row", "field", "version"], name="final_version_once"
            )
        ]
