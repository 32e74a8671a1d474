"""Wiring of room 3."""

from django.apps import AppConfig


class SynthesisConfig(AppConfig):
    """Room 3."""

    name = "synthesis"
    default_auto_field = "django.db.models.BigAutoField"
