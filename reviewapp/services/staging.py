"""From a citation as the reader gives it to the row that is stored."""

from __future__ import annotations

from typing import Any, cast

from reviewapp.models.records import Citation, ImportBatch, Route
from reviewapp.pure import citations as reader

_NO_NUL = str.maketrans({"\x00": "\u2400"})
_NAMES = (
    "position",
    "line",
    "raw",
    "fields",
    "title",
    "authors",
    "year",
    "journal",
    "volume",
    "issue",
    "pages",
    "doi",
    "pmid",
    "pmcid",
    "registry_ids",
    "accession",
    "abstract",
    "keywords",
    "language",
    "publication_types",
    "url",
)
_ROUTES = {
    "citation searching": Route.CITATIONS,
    "reference list": Route.CITATIONS,
    "reference lists": Route.CITATIONS,
    "reference lists and citation searching": Route.CITATIONS,
    "citations": Route.CITATIONS,
    "expert": Route.EXPERTS,
    "expert contact": Route.EXPERTS,
    "contact with experts": Route.EXPERTS,
    "key author": Route.AUTHORS,
    "author": Route.AUTHORS,
    "authors": Route.AUTHORS,
    "manufacturer": Route.MANUFACTURERS,
    "hand searching": Route.HAND,
    "handsearch": Route.HAND,
    "handsearching": Route.HAND,
    "website": Route.WEBSITES,
    "organisation": Route.ORGANISATIONS,
    "organization": Route.ORGANISATIONS,
    "organizations": Route.ORGANISATIONS,
}


def route_of(words: str) -> str:
    """Return the route that a file's own words name, else no route (then the source's counts)."""
    plain = " ".join(words.casefold().replace("_", " ").replace("-", " ").split())
    known = {route.value.replace("_", " "): route for route in Route if route.value}
    return str(known.get(plain) or _ROUTES.get(plain, Route.NONE))


def _clean(value: Any) -> Any:
    """Show NUL as the sign for NUL: no database text can hold it."""
    if isinstance(value, str):
        return value.translate(_NO_NUL)
    if isinstance(value, tuple | list):
        return [_clean(one) for one in value]
    return value


def row_of(citation: reader.Citation, batch: ImportBatch) -> Citation:
    """Return the row of a citation. A short column keeps the beginning of what is too long; ``raw`` keeps all."""
    values: dict[str, Any] = {}
    for name in _NAMES:
        value = _clean(getattr(citation, name))
        most = cast("Any", Citation._meta.get_field(name)).max_length
        values[name] = value[:most] if most and isinstance(value, str) else value
    return Citation(review_id=batch.review_id, batch=batch, route=route_of(citation.route), **values)
