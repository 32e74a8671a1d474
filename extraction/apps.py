"""Wiring of room 2."""

from django.apps import AppConfig


class ExtractionConfig(AppConfig):
    """Room 2."""

    name = "extraction"
    default_auto_field = "django.db.models.BigAutoField"
