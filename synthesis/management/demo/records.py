"""Sources, files and duplicates of the demo, and which record of the review is which record of the facts."""

from __future__ import annotations

from uuid import UUID

from django.core.files.base import ContentFile

from reviewapp.models.records import DuplicatePair, ImportBatch, Membership, Record, Route, Source
from reviewapp.services import dedup, importing
from reviewapp.services import records as record_services
from reviewapp.services import sources as source_services
from reviewapp.services.matching import KIND
from synthesis.management.demo import citations, facts
from synthesis.management.demo.running import finish, finish_all
from synthesis.management.demo.team import Team

State = ImportBatch.State
SIMULATED = "Demo: which record came from which source is simulated."


def load(team: Team) -> None:
    """Add the sources, bring their files in, merge the copies, and say what the summaries are."""
    for source in facts.sources():
        row = _source(team, source)
        _bring_in(team, row, source["key"])
    finish_all(team.lead, KIND, dedup.find)
    _note_summaries(team)


def _source(team: Team, source: facts.Fact) -> Source:
    found = Source.objects.filter(review=team.review, name=source["name"], withdrawn_at__isnull=True).first()
    other = source["kind"] != "database"
    values = {
        "name": source["name"],
        "kind": "other" if other else "database",
        "route": Route.HAND.value if other else "",
        "platform": "" if other else source["platform"],
        "issue": source.get("database_issue", ""),
        "searched_words": f"to {source['search_to']}",
        "strategy": source["strategy"],
        "note": SIMULATED,
    }
    return found or source_services.add(actor=team.lead, values=values)


def _bring_in(team: Team, source: Source, key: str) -> None:
    """Bring the source's file in, or go on with one that was begun."""
    standing = ImportBatch.objects.filter(source=source, state__in=[State.STAGED, State.VISIBLE])
    batch = standing.first()
    if batch is None:
        name, content = citations.file_of(key)
        batch = importing.start(
            actor=team.lead, source_uid=source.uid, name=name, content=ContentFile(content, name)
        )
    if batch.state == State.STAGED and batch.job is not None:
        finish(team.lead, batch.job, importing.bring_in)


def by_key(team: Team) -> dict[str, UUID]:
    """Return the uid of the standing record of every record of the facts."""
    names = {source["name"]: source["key"] for source in facts.sources()}
    rows = Membership.objects.filter(
        review=team.review,
        is_current=True,
        record__retired_at__isnull=True,
        citation__batch__state=State.VISIBLE,
    ).values_list("citation__batch__source__name", "citation__position", "record__uid")
    places = facts.place_of_copy()
    return {places[names[name], position]: uid for name, position, uid in rows if name in names}


def _note_summaries(team: Team) -> None:
    """Say above every summary that it is no abstract of the authors."""
    told = Record.objects.filter(
        review=team.review, retired_at__isnull=True, abstract__startswith=citations.SUMMARY_MARK
    )
    record_services.note_abstracts(
        actor=team.lead, notes={record.uid: citations.SUMMARY_NOTE for record in told.only("uid")}
    )


def pair_of(team: Team, one: UUID, other: UUID) -> DuplicatePair | None:
    """Return what is stored of two records together."""
    two = [one, other]
    return DuplicatePair.objects.filter(review=team.review, left__uid__in=two, right__uid__in=two).first()


def name_links(team: Team) -> None:
    """Link the records that belong to one study, each with the basis it stands on; none of them becomes a duplicate."""
    uids = by_key(team)
    for link in facts.page("links")["same_study"]:
        first, *others = link["records"]
        for other in others:
            _link(team, uids[first], uids[other], f"{link['basis']}: {link['why']}")


def _link(team: Team, one: UUID, other: UUID, why: str) -> None:
    pair = pair_of(team, one, other) or dedup.name_pair(
        actor=team.lead, left_uid=one, right_uid=other, why=why
    )
    if pair.settled == DuplicatePair.Settled.OPEN:
        dedup.link(actor=team.lead, pair_uid=pair.uid, why=why)
