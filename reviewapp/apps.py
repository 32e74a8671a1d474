"""Wiring of room 1."""

from django.apps import AppConfig
from django.core import checks


class ReviewAppConfig(AppConfig):
    """Registers the system checks of the gate and builds the wall round every database connection."""

    name = "reviewapp"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Build the walls before the first query."""
        from django.db.backends.signals import connection_created

        from reviewapp import gate
        from reviewapp.models import walls

        checks.register(gate_checks)
        connection_created.connect(gate.build_wall, dispatch_uid="blinding-wall")
        walls.build_open_connections()


def gate_checks(**_kwargs: object) -> list[checks.CheckMessage]:
    """Run E001 to E005."""
    from reviewapp.models.walls import check_walls

    return check_walls()
