"""What the API says of sources, imports, records, pairs and jobs; and what it takes."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from reviewapp.models.records import ImportBatch, Source, SourceKind
from reviewapp.pure.citations import READABLE

ACTS = ("merge", "link", "apart", "reopen", "undo")


class SourceOut(serializers.Serializer[Any]):
    """A source with its counts."""

    uid = serializers.UUIDField(source="source.uid")
    name = serializers.CharField(source="source.name")
    kind = serializers.ChoiceField(source="source.kind", choices=SourceKind.choices)
    route = serializers.CharField(source="source.route")
    platform = serializers.CharField(source="source.platform")
    issue = serializers.CharField(source="source.issue")
    searched_on = serializers.DateField(source="source.searched_on", allow_null=True)
    searched_words = serializers.CharField(source="source.searched_words")
    strategy = serializers.CharField(source="source.strategy")
    limits = serializers.CharField(source="source.limits")
    hits = serializers.IntegerField(source="source.hits", allow_null=True)
    wave = serializers.IntegerField(source="source.wave")
    note = serializers.CharField(source="source.note")
    files = serializers.IntegerField()
    citations = serializers.IntegerField()
    only_here = serializers.IntegerField()


class SourceIn(serializers.ModelSerializer[Source]):
    """A source to add."""

    class Meta:
        model = Source
        fields = (
            "name",
            "kind",
            "route",
            "platform",
            "issue",
            "searched_on",
            "searched_words",
            "strategy",
            "limits",
            "hits",
            "wave",
            "note",
        )


class NoteOut(serializers.Serializer[Any]):
    """A warning, or a record that was left out, with its place in the file."""

    line = serializers.IntegerField(allow_null=True)
    code = serializers.CharField()
    message = serializers.CharField()


class BatchOut(serializers.Serializer[Any]):
    """An import; ``found`` = ``stored`` + the number of ``skipped``."""

    uid = serializers.UUIDField()
    source_uid = serializers.UUIDField(source="source.uid")
    file_name = serializers.CharField()
    sha256 = serializers.CharField()
    size = serializers.IntegerField(help_text="bytes")
    state = serializers.ChoiceField(choices=ImportBatch.State.choices)
    format = serializers.CharField()
    encoding = serializers.CharField()
    found = serializers.IntegerField()
    stored = serializers.IntegerField()
    refusal = serializers.CharField()
    made_at = serializers.DateTimeField()


class BatchDetail(BatchOut):
    """An import with every warning and every record that was left out."""

    problems = NoteOut(many=True)
    skipped = NoteOut(many=True)
    job = serializers.UUIDField(allow_null=True, help_text="readable by the seat that started it")


class UploadIn(serializers.Serializer[Any]):
    """A file to bring in, as multipart form data."""

    file = serializers.FileField()
    read_as = serializers.ChoiceField(
        choices=[(key, key) for key in READABLE], required=False, allow_blank=True, default=""
    )


class RecordOut(serializers.Serializer[Any]):
    """A record as it is listed."""

    uid = serializers.UUIDField()
    title = serializers.CharField()
    authors = serializers.ListField(child=serializers.CharField())
    year = serializers.IntegerField(allow_null=True)
    journal = serializers.CharField()
    volume = serializers.CharField()
    issue = serializers.CharField()
    pages = serializers.CharField()
    doi = serializers.CharField()
    pmid = serializers.CharField()
    via = serializers.CharField()


class CopyOut(serializers.Serializer[Any]):
    """One citation of a record, as it came."""

    uid = serializers.UUIDField()
    source_uid = serializers.UUIDField(source="batch.source.uid")
    batch = serializers.UUIDField(source="batch.uid")
    position = serializers.IntegerField()
    line = serializers.IntegerField()
    route = serializers.CharField()
    title = serializers.CharField()
    authors = serializers.ListField(child=serializers.CharField())
    year = serializers.IntegerField(allow_null=True)
    journal = serializers.CharField()
    doi = serializers.CharField()
    pmid = serializers.CharField()
    raw = serializers.CharField()


class RecordDetail(RecordOut):
    """A record with its abstract and copies; ``part_of`` names the record that it was merged into."""

    abstract = serializers.CharField()
    keywords = serializers.ListField(child=serializers.CharField())
    registry_ids = serializers.ListField(child=serializers.CharField())
    publication_types = serializers.ListField(child=serializers.CharField())
    language = serializers.CharField()
    copies = CopyOut(many=True)
    part_of = serializers.UUIDField(allow_null=True)


class RecordPageOut(serializers.Serializer[Any]):
    """A page of records; ``count`` is the number of all that match."""

    count = serializers.IntegerField()
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    results = RecordOut(many=True)


class EvidenceOut(serializers.Serializer[Any]):
    """One reason; ``weighs`` is for, against or neutral."""

    field = serializers.CharField()
    says = serializers.CharField()
    weighs = serializers.CharField()


class PairOut(serializers.Serializer[Any]):
    """Two records that may be one; ``left`` and ``right`` are the records that stand for the two sides now."""

    uid = serializers.UUIDField(source="pair.uid")
    kind = serializers.CharField(source="pair.kind", help_text="merge, ask or link")
    score = serializers.FloatField(source="pair.score")
    evidence = EvidenceOut(source="pair.evidence", many=True)
    reason = serializers.CharField(source="pair.reason")
    settled = serializers.CharField(source="pair.settled")
    settled_by_rule = serializers.BooleanField(source="pair.settled_by_rule")
    settled_why = serializers.CharField(source="pair.settled_why")
    left = serializers.UUIDField(source="left.uid")
    right = serializers.UUIDField(source="right.uid")


class SettlePairIn(serializers.Serializer[Any]):
    """What to do with a pair. ``knowing`` allows a merge of a record that an open round holds."""

    act = serializers.ChoiceField(choices=[(act, act) for act in ACTS])
    why = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)
    knowing = serializers.BooleanField(required=False, default=False)


class JobOut(serializers.Serializer[Any]):
    """One's own long work."""

    uid = serializers.UUIDField()
    kind = serializers.CharField()
    state = serializers.CharField()
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    message = serializers.CharField()
    rate = serializers.FloatField(allow_null=True, help_text="items a second while it runs")
