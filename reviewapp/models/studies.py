"""Reports, their full texts, and the studies they are about."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .base import ReviewRow, Withdrawable


class Study(ReviewRow):
    """An investigation with a defined group of participants; judged at full text with all its reports."""

    label = models.CharField(max_length=200)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["review", "retired_at", "label"], name="study_live")]

    def __str__(self) -> str:
        return self.label


class Report(ReviewRow):
    """A document about a study: one for each record that advances, or entered by hand (record null)."""

    record = models.ForeignKey("reviewapp.Record", on_delete=models.PROTECT, null=True, related_name="+")
    title = models.TextField(blank=True)
    kind = models.CharField(max_length=60, blank=True)
    is_primary = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review", "record"],
                condition=models.Q(record__isnull=False),
                name="report_once_per_record",
            )
        ]


class StudyLink(ReviewRow):
    """Which study a report belongs to; append-only, the current row counts."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="links")
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="links")
    version = models.PositiveIntegerField(default=1)
    is_current = models.BooleanField(default=True)
    why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "report", "version"], name="study_link_version_once"),
            models.UniqueConstraint(
                fields=["review", "report"],
                condition=models.Q(is_current=True),
                name="study_link_one_current",
            ),
        ]


class RetrievalState(models.TextChoices):
    """Where the document of a report stands. Not available to us differs from not reported."""

    SOUGHT = "sought", _("Sought")
    RETRIEVED = "retrieved", _("Retrieved")
    NOT_RETRIEVED = "not_retrieved", _("Not retrieved")
    NOT_AVAILABLE = "not_available", _("Document not available to us")
    AWAITING = "awaiting", _("Awaiting classification")
    ONGOING = "ongoing", _("Ongoing study")


class Retrieval(ReviewRow):
    """A step in getting a report's document; append-only, the latest counts."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="retrievals")
    state = models.CharField(max_length=14, choices=RetrievalState)
    version = models.PositiveIntegerField(default=1)
    is_current = models.BooleanField(default=True)
    why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "report", "version"], name="retrieval_version_once"),
            models.UniqueConstraint(
                fields=["review", "report"],
                condition=models.Q(is_current=True),
                name="retrieval_one_current",
            ),
        ]


class FullText(ReviewRow, Withdrawable):
    """A file of a report. Shows no uploader and no time to reviewers (BLINDING.md, channel 13)."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="files")
    file = models.FileField(upload_to="fulltexts/", max_length=300)
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    pages = models.PositiveIntegerField(null=True)
