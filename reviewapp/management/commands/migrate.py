"""Django's migrate, with the wall down while tables change and the triggers put back after it."""

from typing import Any

from django.core.management.commands.migrate import Command as DjangoMigrate

from reviewapp.gate import wall_down
from reviewapp.models.walls import append_only_tables, put_up_triggers, take_down_triggers


class Command(DjangoMigrate):
    def handle(self, *args: Any, **options: Any) -> None:
        from django.db import connection

        with wall_down("migrate"):
            existing = set(connection.introspection.table_names())
            if set(append_only_tables()) <= existing:
                take_down_triggers()
            super().handle(*args, **options)
            if set(append_only_tables()) <= set(connection.introspection.table_names()):
                put_up_triggers()
