"""Pages of room 1: every stage's module brings its own patterns."""

from django.urls import URLPattern

from . import about, conflicts, dedup, health, history, importing, jobs, records, reviews, screening, studies

urlpatterns: list[URLPattern] = [
    *health.urlpatterns,
    *about.urlpatterns,
    *reviews.urlpatterns,
    *importing.urlpatterns,
    *dedup.urlpatterns,
    *records.urlpatterns,
    *jobs.urlpatterns,
    *screening.urlpatterns,
    *conflicts.urlpatterns,
    *history.urlpatterns,
    *studies.urlpatterns,
]
