"""Django's flush, for test databases only: append-only tables cannot be emptied while their triggers stand."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands.flush import Command as DjangoFlush

from reviewapp.gate import wall_down
from reviewapp.models.walls import put_up_triggers, take_down_triggers


class Command(DjangoFlush):
    def handle(self, **options: Any) -> None:
        from django.db import connection

        name = str(connection.settings_dict["NAME"])
        if "test" not in name and "memory" not in name and not getattr(settings, "TESTING", False):
            raise CommandError("flush would erase reviews; nothing is deleted in Dyad")
        with wall_down("flush of a test database"):
            take_down_triggers()
            super().handle(**options)
            put_up_triggers()
