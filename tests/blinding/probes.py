"""Every URL of the site, found from the resolver, filled with what the world holds.

A new URL is probed by existing: its parameters are filled by name. A parameter name that is not known here fails the
suite, and so does a URL for which no path could be made.
"""

from __future__ import annotations

from itertools import product
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.blinding.worlds import World, spare_uid

OUTSIDE = ("admin:", "account_")
"""Django's administration and allauth's pages: they know no review; one probe each stands below."""
FIXED_PATHS = ["/admin/", "/account/login/", "/account/password/reset/", "/nowhere/"]
QUERIES = {
    "records": ["?q=trial", "?q=Author1", "?page=2", "?ordering=-votes", "?status=conflict", "?label=x"],
    "history": ["?mine=1", "?verb=screening.decided", "?page=2"],
    "screen": ["?after=1", "?after=99"],
    "api_events": ["?page=2", "?ordering=seq"],
    "api_records": ["?q=trial", "?ordering=-votes", "?page=2", "?expand=decisions"],
    "conflicts": ["?status=open"],
}


def patterns(resolver: Any = None, prefix: str = "") -> list[tuple[str, tuple[str, ...]]]:
    """Return (name, parameter names) of every URL of the site outside OUTSIDE."""
    found = []
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            space = f"{entry.namespace}:" if entry.namespace else ""
            found += patterns(entry, prefix + space)
        elif isinstance(entry, URLPattern):
            name = prefix + (entry.name or "")
            if not name.startswith(OUTSIDE):
                assert entry.name, f"{entry.pattern} has no name and so no probe"
                found.append((name, tuple(entry.pattern.converters)))
    return found


KINDS = {
    "source": ("source",),
    "upload": ("source",),
    "batch": ("batch",),
    "api_import": ("batch",),
    "api_files": ("source",),
    "pair": ("pair",),
    "api_pair": ("pair",),
    "job": ("job",),
    "api_job": ("job",),
    "record": ("record",),
    "name_pair": ("record",),
    "api_record": ("record",),
    "study": ("study",),
    "api_study": ("study",),
    "report_": ("report",),
    "api_report": ("report",),
    "fulltext": ("file",),
    "api_assignment": ("own", "other"),
    "analysis": ("analysis",),
    "api_analysis": ("analysis",),
}
"""What the ``uid`` of a URL names, by the longest beginning of the URL's name that stands here; else all of them."""


def _uids(world: World, name: str) -> list[Any]:
    best = max((one for one in KINDS if name.startswith(one)), key=len, default="")
    kinds = KINDS.get(best, tuple(world.uids))
    return [*dict.fromkeys(uid for kind in kinds for uid in world.uids.get(kind, [])), spare_uid()]


def paths(world: World) -> list[str]:
    """Return the paths to look at in this world: every URL with every fitting thing, and queries of lists."""
    made = list(FIXED_PATHS)
    for name, parameters in patterns():
        missing = [one for one in parameters if one not in world.things and one != "uid"]
        assert not missing, f"{name}: nothing to fill {missing} with; add it to the world of the test"
        choices = [_uids(world, name) if one == "uid" else world.things[one] for one in parameters]
        filled = [reverse(name, args=args) for args in product(*choices)]
        assert filled, f"{name} has no probe"
        made += filled
        made += [path + query for path in filled[:1] for query in QUERIES.get(name, [])]
    return made


def fill(world: World) -> None:
    """Name the things that URLs of this world may ask for; a uid that nothing has is added to each."""
    from extraction.models.definitions import StudyForm
    from reviewapp.models.records import DuplicatePair, ImportBatch, Record, Source
    from reviewapp.models.rounds import Assignment, Round
    from reviewapp.models.studies import FullText, Report, Study
    from synthesis.exports.registry import offers

    team = world.team
    assert team is not None
    review = team.review
    none = spare_uid()

    def some(model: Any, most: int = 1) -> list[Any]:
        return list(model.objects.filter(review=review).order_by("uid").values_list("uid", flat=True)[:most])

    def handed(person: Any) -> list[Any]:
        return list(
            Assignment.objects.of_author(person.viewer).order_by("order").values_list("uid", flat=True)[:1]
        )

    world.uids = {
        "source": some(Source),
        "batch": some(ImportBatch),
        "pair": some(DuplicatePair),
        "record": some(Record),
        "study": some(Study),
        "report": some(Report),
        "file": some(FullText),
        "own": handed(team.alice),
        "other": handed(team.bob),
        "job": [],
        "analysis": [],
    }
    world.things |= {
        "review": [review.uid],
        "round_": [*Round.objects.filter(review=review).order_by("pk").values_list("uid", flat=True), none],
        "unit": [*some(Record), *some(Study), *some(StudyForm), none],
        "secret": ["unknown"],
        "name": [*offers(), "forest", "nothing"],
    }
