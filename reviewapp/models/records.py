"""Sources, imports, citations and the records that people screen."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .base import ReviewRow, Withdrawable


class SourceKind(models.TextChoices):
    """The columns of the PRISMA flow."""

    DATABASE = "database", _("Database")
    REGISTER = "register", _("Register")
    OTHER = "other", _("Other method")


class Route(models.TextChoices):
    """How a record was found by another method."""

    NONE = "", _("not applicable")
    CITATIONS = "citation_searching", _("Reference lists and citation searching")
    EXPERTS = "experts", _("Experts")
    AUTHORS = "key_authors", _("Key authors")
    MANUFACTURERS = "manufacturers", _("Manufacturers")
    HAND = "hand_search", _("Hand search")
    WEBSITES = "websites", _("Websites")
    ORGANISATIONS = "organisations", _("Organisations")


class Source(ReviewRow, Withdrawable):
    """One search of one database or register, or one other method, as PRISMA-S wants it reported."""

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=SourceKind)
    route = models.CharField(max_length=20, choices=Route, default=Route.NONE, blank=True)
    platform = models.CharField(max_length=200, blank=True)
    issue = models.CharField(max_length=100, blank=True)
    searched_on = models.DateField(null=True, blank=True)
    searched_words = models.CharField(max_length=100, blank=True)
    strategy = models.TextField(blank=True)
    limits = models.TextField(blank=True)
    hits = models.PositiveIntegerField(null=True, blank=True)
    wave = models.PositiveIntegerField(default=1)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "name", "wave"], name="source_once_per_wave")
        ]

    def __str__(self) -> str:
        return self.name


class ImportBatch(ReviewRow, Withdrawable):
    """One file brought in from a source. Its citations are invisible until ``state`` says visible."""

    class State(models.TextChoices):
        """Where the batch stands; one row change makes the whole batch visible."""

        STAGED = "staged", _("Being read")
        VISIBLE = "visible", _("In the review")
        REFUSED = "refused", _("Refused")
        CANCELLED = "cancelled", _("Cancelled")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="batches")
    file_name = models.CharField(max_length=255)
    file = models.FileField(upload_to="imports/", max_length=300)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    read_as = models.CharField(max_length=40, blank=True)
    format = models.CharField(max_length=40, blank=True)
    encoding = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.STAGED)
    found = models.PositiveIntegerField(default=0)
    stored = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)
    skipped = models.JSONField(default=list)
    refusal = models.TextField(blank=True)
    job = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["review", "state"], name="batch_by_state")]


class Citation(ReviewRow):
    """One record of one file as it came: immutable, the raw text kept."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, related_name="citations")
    position = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    raw = models.TextField()
    fields = models.JSONField(default=list)
    route = models.CharField(max_length=20, choices=Route, default=Route.NONE, blank=True)
    title = models.TextField(blank=True)
    authors = models.JSONField(default=list)
    year = models.IntegerField(null=True)
    journal = models.TextField(blank=True)
    volume = models.CharField(max_length=100, blank=True)
    issue = models.CharField(max_length=100, blank=True)
    pages = models.CharField(max_length=200, blank=True)
    doi = models.CharField(max_length=300, blank=True)
    pmid = models.CharField(max_length=20, blank=True)
    pmcid = models.CharField(max_length=20, blank=True)
    registry_ids = models.JSONField(default=list)
    accession = models.CharField(max_length=200, blank=True)
    abstract = models.TextField(blank=True)
    keywords = models.JSONField(default=list)
    language = models.CharField(max_length=60, blank=True)
    publication_types = models.JSONField(default=list)
    url = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "batch", "position"], name="citation_once_per_batch")
        ]


class Record(ReviewRow):
    """What people screen: one or more citations of the same document.

    The bibliographic columns are a projection of its citations, rebuilt whenever a membership changes; ``search``
    holds the folded text that the search of records reads. A record whose citations have all moved to another is
    retired and keeps its history.
    """

    class Via(models.TextChoices):
        """The PRISMA column: one database or register copy puts the record there."""

        DATABASE = "database", _("Databases and registers")
        OTHER = "other", _("Other methods")

    title = models.TextField(blank=True)
    authors = models.JSONField(default=list)
    year = models.IntegerField(null=True)
    journal = models.TextField(blank=True)
    volume = models.CharField(max_length=100, blank=True)
    issue = models.CharField(max_length=100, blank=True)
    pages = models.CharField(max_length=200, blank=True)
    doi = models.CharField(max_length=300, blank=True)
    pmid = models.CharField(max_length=20, blank=True)
    abstract = models.TextField(blank=True)
    abstract_note = models.CharField(max_length=200, blank=True)
    keywords = models.JSONField(default=list)
    language = models.CharField(max_length=60, blank=True)
    publication_types = models.JSONField(default=list)
    registry_ids = models.JSONField(default=list)
    search = models.TextField(blank=True)
    via = models.CharField(max_length=10, choices=Via, default=Via.DATABASE)
    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["review", "retired_at", "uid"], name="record_live"),
            models.Index(fields=["review", "batch", "retired_at"], name="record_by_batch"),
            models.Index(fields=["review", "doi"], name="record_by_doi"),
        ]

    def __str__(self) -> str:
        return self.title


class Membership(ReviewRow):
    """Which record a citation belongs to; append-only, the highest version counts, so a merge can be taken back."""

    citation = models.ForeignKey(Citation, on_delete=models.PROTECT, related_name="memberships")
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="memberships")
    version = models.PositiveIntegerField(default=1)
    is_current = models.BooleanField(default=True)
    why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "citation", "version"], name="membership_version_once"),
            models.UniqueConstraint(
                fields=["review", "citation"],
                condition=models.Q(is_current=True),
                name="membership_one_current",
            ),
        ]
        indexes = [models.Index(fields=["review", "record", "is_current"], name="membership_by_record")]


class DuplicatePair(ReviewRow):
    """Two records that may be one, with the reasons; settled by a rule or by a person, reversibly."""

    class Kind(models.TextChoices):
        """What is proposed."""

        MERGE = "merge", _("The same document")
        ASK = "ask", _("Perhaps the same document")
        LINK = "link", _("Two reports of one study")

    class Settled(models.TextChoices):
        """What was decided."""

        OPEN = "", _("Open")
        MERGED = "merged", _("Merged")
        APART = "apart", _("Kept apart")
        LINKED = "linked", _("Linked as reports of one study")
        UNDONE = "undone", _("Merge taken back")

    left = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    right = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind)
    score = models.FloatField(default=0)
    evidence = models.JSONField(default=list)
    reason = models.CharField(max_length=200, blank=True)
    settled = models.CharField(max_length=6, choices=Settled, default=Settled.OPEN, blank=True)
    settled_by_rule = models.BooleanField(default=False)
    settled_at = models.DateTimeField(null=True)
    settled_why = models.TextField(blank=True)
    moved = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "left", "right"], name="pair_once"),
        ]
        indexes = [models.Index(fields=["review", "settled", "kind"], name="pair_by_state")]
