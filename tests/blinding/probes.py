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


def paths(world: World) -> list[str]:
    """Return the paths to look at in this world: every URL with every fitting thing, and queries of lists."""
    made = list(FIXED_PATHS)
    for name, parameters in patterns():
        missing = [one for one in parameters if one not in world.things]
        assert not missing, f"{name}: nothing to fill {missing} with; add it to the world of the test"
        choices = [world.things[one] for one in parameters]
        filled = [reverse(name, args=args) for args in product(*choices)]
        assert filled, f"{name} has no probe"
        made += filled
        made += [path + query for path in filled[:1] for query in QUERIES.get(name, [])]
    return made


def fill(world: World) -> None:
    """Name the things that URLs of this world may ask for; each list ends with something that does not exist."""
    from reviewapp.models.records import Citation, ImportBatch, Record, Source
    from reviewapp.models.rounds import Assignment, Round

    team = world.team
    assert team is not None
    review = team.review
    mine = Assignment.objects.of_author(team.alice.viewer).order_by("order").values_list("uid", flat=True)
    theirs = Assignment.objects.of_author(team.bob.viewer).order_by("order").values_list("uid", flat=True)
    records = list(Record.objects.filter(review=review).order_by("uid").values_list("uid", flat=True))
    none = spare_uid()
    world.things |= {
        "review": [review.uid],
        "round_": [*Round.objects.filter(review=review).order_by("pk").values_list("uid", flat=True), none],
        "unit": [records[0], none],
        "record": [records[0], none],
        "uid": [mine[0], theirs[0], records[0], none] if mine and theirs else [records[0], none],
        "source": [Source.objects.filter(review=review).first().uid, none],
        "batch": [ImportBatch.objects.filter(review=review).first().uid, none],
        "citation": [Citation.objects.filter(review=review).first().uid, none],
        "job": [none],
        "pair": [none],
        "secret": ["unknown"],
        "name": ["records", "votes_long", "events", "agreement", "nothing"],
    }
