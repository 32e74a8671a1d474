"""Room 1: site, people, records, screening."""

from .celery import app as celery_app

__all__ = ["celery_app"]
