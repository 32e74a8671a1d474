"""Sources: every search and every other method, described as a report of a review must describe it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from reviewapp.audit import audited, nothing_written, tell
from reviewapp.gate import Viewer
from reviewapp.models.records import ImportBatch, Route, Source, SourceKind
from reviewapp.models.seats import Role
from reviewapp.services.grouping import lock
from reviewapp.services.refusals import Gone, Refused
from reviewapp.services.reviews import needs

FIELDS = (
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


def source_of(actor: Viewer, uid: UUID) -> Source:
    """Return a standing source of the actor's review. Raises Gone for any other."""
    source = Source.objects.filter(review_id=actor.review_id, uid=uid, withdrawn_at__isnull=True).first()
    if source is None:
        raise Gone(_("There is no such source."))
    return source


def _set(source: Source, values: dict[str, Any]) -> None:
    unknown = set(values) - set(FIELDS)
    if unknown:
        raise Refused(_("Unknown field: %(name)s.") % {"name": sorted(unknown)[0]})
    for name, value in values.items():
        setattr(source, name, value.strip() if isinstance(value, str) else value)
    if not source.name:
        raise Refused(_("Give the source a name."), "name")
    if source.kind not in SourceKind.values:
        raise Refused(_("Say what kind of source this is."), "kind")
    if source.kind == SourceKind.OTHER and not source.route:
        raise Refused(_("Say how these records were found."), "route")
    if source.kind != SourceKind.OTHER:
        source.route = Route.NONE
    try:
        source.clean_fields(exclude=["review"])
    except ValidationError as wrong:
        name, words = next(iter(wrong.message_dict.items()))
        raise Refused(words[0], name) from wrong


def _store(source: Source) -> None:
    try:
        with transaction.atomic():
            source.save()
    except IntegrityError as taken:
        raise Refused(
            _("There is a source of this name in this wave of the search (perhaps a withdrawn one)."), "name"
        ) from taken


def _told(source: Source, names: Any = FIELDS) -> dict[str, Any]:
    values = {name: getattr(source, name) for name in names}
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()
    }


@audited("source.added")
def add(*, actor: Viewer, values: dict[str, Any]) -> Source:
    """Add a source. ``values`` holds fields of FIELDS; Refused names the field that is wrong."""
    needs(actor, Role.CURATOR, Role.LEAD)
    source = Source(review_id=actor.review_id)
    _set(source, values)
    _store(source)
    tell(actor=actor, subject="source", subject_uid=source.uid, new=_told(source), shared=True)
    return source


@audited("source.changed")
def change(*, actor: Viewer, source_uid: UUID, values: dict[str, Any]) -> Source:
    """Change what is said of a source. Its kind is fixed once a file of it is in the review: counts rest on it."""
    needs(actor, Role.CURATOR, Role.LEAD)
    lock(actor.review_id)
    source = source_of(actor, source_uid)
    old = _told(source)
    _set(source, values)
    new = _told(source)
    names = [name for name in FIELDS if old[name] != new[name]]
    if not names:
        nothing_written()
        return source
    used = ImportBatch.objects.filter(
        source=source, state__in=[ImportBatch.State.STAGED, ImportBatch.State.VISIBLE]
    )
    if "kind" in names and used.exists():
        raise Refused(
            _("Files of this source are in the review; its kind is fixed. Withdraw the files first."), "kind"
        )
    _store(source)
    tell(
        actor=actor,
        subject="source",
        subject_uid=source.uid,
        old={name: old[name] for name in names},
        new={name: new[name] for name in names},
        shared=True,
    )
    return source


@audited("source.withdrawn")
def withdraw(*, actor: Viewer, source_uid: UUID, why: str) -> Source:
    """Withdraw a source that holds no file of the review, with a reason."""
    needs(actor, Role.CURATOR, Role.LEAD)
    lock(actor.review_id)
    source = source_of(actor, source_uid)
    if not why.strip():
        raise Refused(_("Say why the source is withdrawn."), "why")
    standing = [ImportBatch.State.STAGED, ImportBatch.State.VISIBLE]
    if ImportBatch.objects.filter(source=source, state__in=standing).exists():
        raise Refused(_("Files of this source are in the review. Withdraw the files first."))
    source.withdrawn_at = timezone.now()
    source.withdrawn_why = why.strip()
    source.save(update_fields=["withdrawn_at", "withdrawn_why"])
    tell(actor=actor, subject="source", subject_uid=source.uid, why=why.strip(), shared=True)
    return source
