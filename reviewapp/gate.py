"""The blinding gate: a row that one reviewer wrote cannot become SQL until someone says who is looking.

First wall: a ``GatedQuery`` refuses to compile before ``visible_to(viewer)`` or ``for_system(reason)`` opened it.
Second wall: ``refuse_unopened`` wraps every statement of every connection and refuses SQL that names a blinded table
more often than opened queries vouch for. A vouch is a comment with a secret of this process and a count, written by
the compiler of an opened query, so a look-up that sneaks in from an open model ("+" names, raw, extra, RawSQL, a
proxy, a cursor) adds a mention that nobody vouched for.
The policy itself is one method: ``Viewer.may_see``.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn, Self, cast

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q, expressions
from django.db.models.sql import Query
from django.db.models.sql.where import ExtraWhere


class UnguardedRead(RuntimeError):
    """A blinded table was named in SQL without saying who is looking."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is looking, and who acts: a user in a seat of one review.

    ``user_id`` and ``seat_id`` are None when the system itself acts; it then sees only rows that nobody wrote.
    """

    user_id: int | None
    seat_id: int | None
    review_id: int
    roles: frozenset[str] = frozenset()

    def may_see(self) -> Q:
        """Return the one rule: same review, and (own row or a matching Release)."""
        release = apps.get_model("reviewapp", "Release")
        matching = release._default_manager.filter(
            Q(to_seat__isnull=True) | Q(to_seat_id=self.seat_id),
            Q(round_id=OuterRef("round_id"), unit__isnull=True)
            | Q(unit=OuterRef("unit"), round_id=OuterRef("round_id"))
            | Q(unit=OuterRef("unit"), round__isnull=True),
            review_id=self.review_id,
        )
        return Q(review_id=self.review_id) & (Q(author_id=self.seat_id) | Q(Exists(matching)))

    def has(self, *roles: str) -> bool:
        """Tell whether the seat holds any of these roles."""
        return bool(self.roles & set(roles))


SAME_AUTHOR_LINKS = {
    ("Decision", "assignment"),
    ("Standing", "assignment"),
    ("Standing", "decision"),
    ("Value", "entry"),
}
"""Links between two blinded rows whose author is the same by construction; a test holds each."""

_TOKEN = secrets.token_hex(8)
_VOUCH = re.compile(rf"/\*open {_TOKEN} (\d+)\*/")
_down: ContextVar[str] = ContextVar("dyad_wall_down", default="")
_HARMLESS = re.compile(r"\s*(PRAGMA|SHOW)\b[^;]*;?\s*", re.I)
_INSERT = re.compile(
    r'\s*INSERT (?:OR IGNORE )?INTO "(\w+)" \([^()]*\) (?:VALUES|SELECT \* FROM UNNEST) ?\(', re.I
)


class GatedQuery(Query):
    """A query that refuses to be compiled until it has been opened."""

    gate_open = False

    def get_compiler(self, *args: Any, **kwargs: Any) -> Any:
        """Compile, but only an opened query, and vouch for the tables it names."""
        if not self.gate_open and not self.is_empty():
            raise UnguardedRead(f"{self.model}: say .visible_to(viewer)")
        compiler = super().get_compiler(*args, **kwargs)
        original = compiler.as_sql

        def as_sql(*a: Any, **k: Any) -> tuple[str, Any]:
            sql, params = original(*a, **k)
            _refuse_strays(self)
            return vouch(sql), params

        compiler.as_sql = as_sql
        return compiler

    def combine(self, rhs: Query, connector: str) -> None:
        """Refuse to widen an opened query with a closed one."""
        if not (self.gate_open and getattr(rhs, "gate_open", False)):
            raise UnguardedRead("open both sides of | and & first")
        super().combine(rhs, connector)


def _refuse_strays(query: Any) -> None:
    """Refuse an opened query that reaches blinded rows beside its own, so that it never vouches for them.

    Its own rows are its table and what a link of the same author leads to. Queries nested in it that are gated answer
    for themselves; nested queries of open tables may name no blinded table at all.
    """
    is_gated = isinstance(query, GatedQuery)
    own = query.get_meta().db_table if is_gated else ""
    for join in query.alias_map.values():
        if not _mentions(join.table_name):
            continue
        link = getattr(join, "join_field", None)
        is_same_author = (
            is_gated
            and isinstance(link, models.ForeignKey)
            and (link.model.__name__, link.name) in SAME_AUTHOR_LINKS
        )
        if not (is_same_author if link else join.table_name == own):
            raise UnguardedRead(f"an opened query joins {join.table_name} by a road that nobody opened")
    if query.extra or query.extra_tables:
        raise UnguardedRead("no extra SQL in a query on blinded tables")
    inside = [query.where, *query.annotations.values(), *query.combined_queries, *query.order_by]
    for part in inside:
        _refuse_stray_parts(part)


def _refuse_stray_parts(part: Any) -> None:
    if isinstance(part, expressions.RawSQL | ExtraWhere):
        raise UnguardedRead("no raw SQL in a query on blinded tables")
    nested = part if isinstance(part, Query) else getattr(part, "query", None)
    if isinstance(nested, Query):
        if not isinstance(nested, GatedQuery):
            _refuse_strays(nested)
        return
    sources: list[Any] = getattr(part, "get_source_expressions", list)()
    for one in [*sources, *getattr(part, "children", [])]:
        _refuse_stray_parts(one)


class GatedQuerySet(models.QuerySet[Any]):
    """Rows that stay closed until .visible_to() or .for_system() opens them."""

    def __init__(
        self,
        model: type[models.Model] | None = None,
        query: Query | None = None,
        using: str | None = None,
        hints: dict[str, models.Model] | None = None,
    ) -> None:
        super().__init__(model, query or GatedQuery(model), using, hints)

    def visible_to(self, viewer: Viewer) -> Self:
        """Open to the rows this viewer may see."""
        rule = viewer.may_see() | (Q(review_id=viewer.review_id) & self._model().also_open())
        return self.filter(rule)._opened()

    def of_author(self, viewer: Viewer) -> Self:
        """Open to the viewer's own rows only: for doing one's own work, never for looking at another's."""
        return self.filter(review_id=viewer.review_id, author_id=viewer.seat_id)._opened()

    def for_system(self, reason: str) -> Self:
        """Open every row to a rule that shows no row to a person; the reason is for the reader of the code."""
        if not reason:
            raise UnguardedRead("for_system needs a reason")
        return self.all()._opened()

    def _model(self) -> type[Blinded]:
        return cast("type[Blinded]", self.model)

    def _opened(self) -> Self:
        cast(GatedQuery, self.query).gate_open = True
        return self

    def raw(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse raw SQL."""
        raise UnguardedRead("no raw SQL on blinded tables")

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse bulk updates: reviewers' rows are appended, never changed."""
        raise UnguardedRead("blinded rows are appended, never updated in bulk")

    def change(self, **values: Any) -> int:
        """Update rows of the few tables that are mutable by design; returns how many rows changed."""
        if self._model().append_only:
            raise UnguardedRead(f"{self._model().__name__} rows are appended, never changed")
        if not cast(GatedQuery, self.query).gate_open:
            raise UnguardedRead("open the rows before changing them")
        with wall_down("change of a mutable row"):
            return super().update(**values)

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse bulk updates."""
        raise UnguardedRead("blinded rows are appended, never updated in bulk")

    def delete(self) -> NoReturn:
        """Refuse bulk deletes."""
        raise UnguardedRead("blinded rows are never deleted")


class Blinded(models.Model):
    """A row that one seat wrote and the others must not see before a Release.

    ``round`` and ``unit`` say what releases it: a round, and the uid of the record, study or study form it is about.
    """

    append_only = True

    review = models.ForeignKey("reviewapp.Review", on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey("reviewapp.Seat", on_delete=models.PROTECT, null=True, related_name="+")
    round = models.ForeignKey("reviewapp.Round", on_delete=models.PROTECT, null=True, related_name="+")
    unit = models.UUIDField(null=True)

    objects = GatedQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    @classmethod
    def also_open(cls) -> Q:
        """Rows of this table that carry nobody's judgement and are open within the review; none unless overridden."""
        return Q(pk__in=[])

    def validate_unique(self, exclude: Collection[str] | None = None) -> None:
        """Leave uniqueness to the database: asking would be an unguarded read."""

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Leave constraints to the database, for the same reason."""


@cache
def blinded_models() -> tuple[type[Blinded], ...]:
    """Return every concrete blinded model."""
    return tuple(model for model in apps.get_models() if issubclass(model, Blinded))


@cache
def _tables() -> re.Pattern[str]:
    names = sorted({model._meta.db_table for model in blinded_models()}, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, names)) + r")(?!\w)", re.I)


def _mentions(sql: str) -> int:
    return len(_tables().findall(sql))


def _vouched(sql: str) -> int:
    return sum(int(count) for count in _VOUCH.findall(sql))


def vouch(sql: str) -> str:
    """Mark the mentions of blinded tables in an opened query's SQL; inner opened queries have marked their own."""
    own = _mentions(sql) - _vouched(sql)
    mark = f"/*open {_TOKEN} {own}*/"
    return re.sub(r"^(\(?)", rf"\1{mark}", sql, count=1)


@contextmanager
def wall_down(reason: str) -> Iterator[None]:
    """Let the enclosed statements name blinded tables: migrations, backup, verify_audit, mutable rows."""
    token = _down.set(reason)
    try:
        yield
    finally:
        _down.reset(token)


def _allowed(sql: str) -> bool:
    named = _mentions(sql)
    if not named or _down.get() or _HARMLESS.fullmatch(sql):
        return True
    insert = _INSERT.match(sql)
    return _is_plain(sql, insert) if insert else named <= _vouched(sql)


def _is_plain(sql: str, insert: re.Match[str]) -> bool:
    """Tell whether an INSERT stores given values and hands back nothing but columns of the rows it made."""
    body, _space, returned = sql[insert.end() :].partition(" RETURNING ")
    columns = re.sub(rf'"{insert.group(1)}"\."\w+"', "", returned)
    return not _mentions(body) and not columns.strip(", ") and "DO UPDATE" not in body


def refuse_unopened(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Run a statement unless it names a blinded table that no opened query vouches for."""
    if not _allowed(sql):
        raise UnguardedRead("a statement names a blinded table outside an opened query")
    return execute(sql, params, many, context)


def build_wall(connection: Any, **_kwargs: Any) -> None:
    """Put the wall round a new database connection."""
    if refuse_unopened not in connection.execute_wrappers:
        connection.execute_wrappers.append(refuse_unopened)
