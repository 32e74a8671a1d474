"""Reviewers' answers and what settles them. Every table here is blinded."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from reviewapp.gate import Blinded

from .base import ReviewRow
from .rounds import Assignment


class Verdict(models.TextChoices):
    """An answer; maybe exists at titles and abstracts only."""

    INCLUDE = "include", _("Include")
    MAYBE = "maybe", _("Maybe")
    EXCLUDE = "exclude", _("Exclude")


class Purpose(models.TextChoices):
    """What an included study serves."""

    NONE = "", _("not applicable")
    EFFICACY = "efficacy", _("Efficacy and harms")
    HARMS = "harms_only", _("Harms only")
    BACKGROUND = "background", _("Background")


class Decision(ReviewRow, Blinded):
    """One version of one seat's answer to one assignment. A blank verdict takes the answer back (undo)."""

    class Origin(models.TextChoices):
        """Where the answer was given."""

        NATIVE = "native", _("In Dyad")
        IMPORTED = "imported", _("Brought in from another tool")

    review = models.ForeignKey("reviewapp.Review", on_delete=models.PROTECT, related_name="+")
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    verdict = models.CharField(max_length=8, choices=Verdict, blank=True)
    reason = models.ForeignKey(
        "reviewapp.ExclusionReason", on_delete=models.PROTECT, null=True, related_name="+"
    )
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.NONE, blank=True)
    criteria = models.ForeignKey(
        "reviewapp.CriteriaVersion", on_delete=models.PROTECT, null=True, related_name="+"
    )
    note = models.TextField(blank=True)
    dwell_ms = models.PositiveIntegerField(null=True)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.NATIVE)
    independent = models.BooleanField(default=True)

    class Meta(Blinded.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["review", "assignment", "version"], name="decision_version_once")
        ]


class Standing(Blinded):
    """The version that counts for an assignment: the one projection that changes; rebuildable from decisions."""

    append_only = False

    assignment = models.OneToOneField(Assignment, on_delete=models.PROTECT, related_name="+")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    verdict = models.CharField(max_length=8, choices=Verdict, blank=True)
    at = models.DateTimeField()

    class Meta(Blinded.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["review", "round", "author", "verdict"], name="standing_progress"),
            models.Index(fields=["review", "unit", "round"], name="standing_by_unit"),
        ]


class Note(ReviewRow, Blinded):
    """A seat's own note on a record or study; append-only, the highest version counts."""

    review = models.ForeignKey("reviewapp.Review", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    text = models.TextField(blank=True)

    class Meta(Blinded.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["review", "author", "unit", "version"], name="note_version_once")
        ]


class Label(ReviewRow, Blinded):
    """A seat's own label on a record or study; append-only: put on, or taken off."""

    review = models.ForeignKey("reviewapp.Review", on_delete=models.PROTECT, related_name="+")
    word = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    is_on = models.BooleanField(default=True)

    class Meta(Blinded.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["review", "author", "unit", "word", "version"], name="label_version_once"
            )
        ]


class Resolution(ReviewRow, Blinded):
    """How a conflict was settled: a third row, never an overwrite.

    ``settles`` holds the uids and versions of the decisions it settled, so a later vote shows as unsettled.
    """

    class Route(models.TextChoices):
        """How it was settled."""

        ADJUDICATION = "adjudication", _("By an adjudicator")
        JOINT = "joint", _("By both reviewers together")
        RULE = "rule", _("By the protocol's order of reasons")

    review = models.ForeignKey("reviewapp.Review", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    verdict = models.CharField(max_length=8, choices=Verdict)
    reason = models.ForeignKey(
        "reviewapp.ExclusionReason", on_delete=models.PROTECT, null=True, related_name="+"
    )
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.NONE, blank=True)
    why = models.TextField(blank=True)
    route = models.CharField(max_length=12, choices=Route, default=Route.ADJUDICATION)
    settles = models.JSONField(default=list)

    class Meta(Blinded.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["review", "round", "unit", "version"], name="resolution_version_once"
            )
        ]
