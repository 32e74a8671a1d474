"""Rounds, who is assigned what, and releases."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from reviewapp.gate import Blinded

from .base import ReviewRow
from .reviews import Stage


class Round(ReviewRow):
    """A batch of records (or studies) handed to pairs of seats at one stage; the unit of release."""

    class Kind(models.TextChoices):
        """A pilot is a small round to calibrate on."""

        PILOT = "pilot", _("Pilot")
        BATCH = "batch", _("Batch")

    stage = models.CharField(max_length=20, choices=Stage)
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.BATCH)
    seed = models.CharField(max_length=64)
    size = models.PositiveIntegerField(default=0)
    criteria = models.ForeignKey(
        "reviewapp.CriteriaVersion", on_delete=models.PROTECT, null=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "stage", "number"], name="round_number_once")
        ]
        ordering = ["stage", "number"]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.number}"


class Assignment(ReviewRow, Blinded):
    """A record (titles and abstracts) or a study (full text) handed to one seat in one round.

    ``order`` is the seat's private seeded order. ``unit`` is the uid of the record or study.
    """

    review = models.ForeignKey("reviewapp.Review", on_delete=models.PROTECT, related_name="+")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="+")
    record = models.ForeignKey("reviewapp.Record", on_delete=models.PROTECT, null=True, related_name="+")
    study = models.ForeignKey("reviewapp.Study", on_delete=models.PROTECT, null=True, related_name="+")
    slot = models.PositiveSmallIntegerField()
    presentation = models.PositiveSmallIntegerField(default=1)
    order = models.PositiveIntegerField()

    class Meta(Blinded.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["review", "round", "author", "unit", "presentation"], name="assignment_once"
            ),
            models.CheckConstraint(
                condition=models.Q(record__isnull=False, study__isnull=True)
                | models.Q(record__isnull=True, study__isnull=False),
                name="assignment_of_one_thing",
            ),
        ]
        indexes = [
            models.Index(fields=["review", "author", "round", "order"], name="assignment_queue"),
            models.Index(fields=["review", "unit", "round"], name="assignment_by_unit"),
        ]


class Release(ReviewRow):
    """Opens blinded rows to seats; append-only, and so the ledger of who could see what since when."""

    class Kind(models.TextChoices):
        """Why it was opened."""

        ROUND = "round", _("The round was closed")
        PAIR = "pair", _("Both answers on a record were locked")
        ADJUDICATION = "adjudication", _("An adjudicator opened a conflict")
        ENTRIES = "entries", _("Both entries were submitted")
        STUDY = "study", _("The study was reconciled")
        UNBLINDING = "unblinding", _("Formal unblinding")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, null=True, related_name="+")
    unit = models.UUIDField(null=True)
    to_seat = models.ForeignKey("reviewapp.Seat", on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    actor = models.ForeignKey("reviewapp.Seat", on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(round__isnull=False) | models.Q(unit__isnull=False),
                name="release_of_something",
            )
        ]
        indexes = [
            models.Index(fields=["review", "round", "unit"], name="release_by_round"),
            models.Index(fields=["review", "unit"], name="release_by_unit"),
        ]
