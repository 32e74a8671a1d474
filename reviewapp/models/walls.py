"""The walls round blinded tables that need the list of models: system checks E001 to E005, and triggers.

Triggers refuse UPDATE, DELETE and TRUNCATE on append-only tables in the database itself. Some migrations make SQLite
rebuild a table and lose its triggers, so ``put_up_triggers`` runs after every migrate and ``missing_triggers`` at
start-up.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core import checks
from django.db import connection, connections, models

from reviewapp.gate import (
    SAME_AUTHOR_LINKS,
    Blinded,
    GatedQuerySet,
    blinded_models,
    build_wall,
    wall_down,
)


def build_open_connections() -> None:
    """Put the wall round connections that were opened before the app was ready."""
    for opened in connections.all(initialized_only=True):
        build_wall(opened)


def _target(field: Any) -> type[models.Model] | None:
    target = field.related_model
    return target if isinstance(target, type) else None


def _checks_of_field(model: type[models.Model], field: Any) -> list[checks.CheckMessage]:
    target = _target(field)
    blinded = issubclass(model, Blinded)
    to_blinded = target is not None and issubclass(target, Blinded)
    name = f"{model.__name__}.{field.name}"
    found: list[checks.CheckMessage] = []
    if isinstance(field, models.ForeignObject):
        if blinded and not field.remote_field.hidden:
            found.append(checks.Error(f"{name} needs related_name='+'", id="reviewapp.E001"))
        if not blinded and to_blinded:
            found.append(checks.Error(f"{name} points at a blinded table", id="reviewapp.E002"))
        if blinded and to_blinded and (model.__name__, field.name) not in SAME_AUTHOR_LINKS:
            found.append(
                checks.Error(f"{name} links two blinded rows of unknown authors", id="reviewapp.E005")
            )
    if isinstance(field, models.ManyToManyField) and (blinded or to_blinded):
        found.append(checks.Error(f"{name} is a many-to-many link of a blinded table", id="reviewapp.E004"))
    return found


def check_walls() -> list[checks.CheckMessage]:
    """Find the joins and managers that would walk round the gate (E001 to E005)."""
    found: list[checks.CheckMessage] = []
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields(include_hidden=False):
            found += _checks_of_field(model, field)
        if issubclass(model, Blinded):
            managers = [*model._meta.managers, model._base_manager, model._default_manager]
            if not all(isinstance(manager.get_queryset(), GatedQuerySet) for manager in managers):
                found.append(checks.Error(f"{model.__name__} has an open manager", id="reviewapp.E003"))
    return found


APPEND_ONLY_OPEN = ("Release", "Citation")
"""Tables that anyone in the review may read but nobody may change."""


def append_only_tables() -> list[str]:
    """Return the tables whose rows are only ever inserted."""
    tables = [model._meta.db_table for model in blinded_models() if model.append_only]
    tables += [apps.get_model("reviewapp", name)._meta.db_table for name in APPEND_ONLY_OPEN]
    return sorted(tables)


def _names(table: str) -> dict[str, str]:
    acts = ("UPDATE", "DELETE", *(("TRUNCATE",) if connection.vendor == "postgresql" else ()))
    return {act: f"{table}_no_{act.lower()}" for act in acts}


def put_up_triggers() -> None:
    """Create the triggers that refuse UPDATE, DELETE and TRUNCATE, on SQLite or PostgreSQL; safe to run again."""
    with wall_down("triggers"), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION dyad_refuse() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'append-only: rows of % are never changed', TG_TABLE_NAME; END $$"
            )
        for table in append_only_tables():
            for act, name in _names(table).items():
                if connection.vendor == "postgresql":
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
                    each = "STATEMENT" if act == "TRUNCATE" else "ROW"
                    cursor.execute(
                        f"CREATE TRIGGER {name} BEFORE {act} ON {table} "
                        f"FOR EACH {each} EXECUTE FUNCTION dyad_refuse()"
                    )
                else:
                    cursor.execute(
                        f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {act} ON {table} "
                        f"BEGIN SELECT RAISE(ABORT, 'append-only: rows of {table} are never changed'); END"
                    )


def take_down_triggers() -> None:
    """Remove the triggers: only for a migration that must rebuild a table, and for emptying a test database."""
    with wall_down("triggers"), connection.cursor() as cursor:
        for table in append_only_tables():
            for name in _names(table).values():
                place = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{place}")


def missing_triggers() -> list[str]:
    """Return the names of triggers that should stand and do not."""
    source = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with wall_down("triggers"), connection.cursor() as cursor:
        cursor.execute(source)
        standing = {row[0] for row in cursor.fetchall()}
    return [name for table in append_only_tables() for name in _names(table).values() if name not in standing]
