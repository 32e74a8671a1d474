"""Pages of room 1: every stage's module brings its own patterns."""

from django.urls import URLPattern

from . import dedup, health, importing, jobs, records, reviews

urlpatterns: list[URLPattern] = [
    *health.urlpatterns,
    *reviews.urlpatterns,
    *importing.urlpatterns,
    *dedup.urlpatterns,
    *records.urlpatterns,
    *jobs.urlpatterns,
]
