"""A review, its protocol and its lists."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .base import ReviewRow, Withdrawable


class ReleaseSetting(models.TextChoices):
    """When one reviewer's answers open to the other (BLINDING.md)."""

    ROUND = "round", _("When the round is closed")
    PAIR = "pair", _("When both answers on a record are locked")


class AdvanceRule(models.TextChoices):
    """When a record goes on to full text."""

    BOTH = "both", _("Both reviewers must agree; a conflict is settled")
    EITHER = "either", _("One include is enough")


class Settles(models.TextChoices):
    """Who settles a disagreement."""

    ADJUDICATOR = "adjudicator", _("An adjudicator who did not answer the record")
    PAIR = "pair", _("The two reviewers together, after release")


class Stage(models.TextChoices):
    """The two stages of screening."""

    TITLE_ABSTRACT = "title_abstract", _("Titles and abstracts")
    FULL_TEXT = "full_text", _("Full texts")


class Review(Withdrawable):
    """One systematic review and the rules that its protocol fixes before screening starts."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    title = models.CharField(max_length=500)
    question = models.TextField(blank=True)
    release_setting = models.CharField(max_length=10, choices=ReleaseSetting, default=ReleaseSetting.ROUND)
    advance_rule = models.CharField(max_length=10, choices=AdvanceRule, default=AdvanceRule.BOTH)
    maybe_is_conflict = models.BooleanField(default=False)
    settles = models.CharField(max_length=12, choices=Settles, default=Settles.ADJUDICATOR)
    disagreement_process = models.TextField(blank=True)
    adjudicator_answers_first = models.BooleanField(default=True)
    seed = models.CharField(max_length=64, default="", blank=True)
    is_demo = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.title


class CriteriaVersion(ReviewRow):
    """One wording of the eligibility criteria; every decision names the version it was made under."""

    number = models.PositiveIntegerField()
    why = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "number"], name="criteria_number_once")]


class Criterion(ReviewRow):
    """One criterion of a version."""

    class Sense(models.TextChoices):
        """What meeting the criterion speaks for."""

        INCLUDE = "include", _("Include")
        MAYBE = "maybe", _("Maybe")
        EXCLUDE = "exclude", _("Exclude")

    version = models.ForeignKey(CriteriaVersion, on_delete=models.PROTECT, related_name="criteria")
    stage = models.CharField(max_length=20, choices=Stage, default=Stage.TITLE_ABSTRACT)
    sense = models.CharField(max_length=10, choices=Sense)
    text = models.TextField()
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]


class ExclusionReason(ReviewRow):
    """A reason of the review's ordered list; the first that applies is the primary one."""

    label = models.CharField(max_length=200)
    help = models.TextField(blank=True)
    position = models.PositiveIntegerField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "label"], condition=Q(retired_at__isnull=True), name="reason_label_once"
            )
        ]

    def __str__(self) -> str:
        return self.label


class HighlightWord(ReviewRow):
    """A word of the review-wide highlight set, fixed while a round is open."""

    word = models.CharField(max_length=80)
    against = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "word"], name="highlight_once")]
