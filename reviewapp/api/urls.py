"""API of room 1: every stage's module brings its own patterns."""

from django.urls import URLPattern

from . import records, screening, studies

urlpatterns: list[URLPattern] = [*screening.urlpatterns, *records.urlpatterns, *studies.urlpatterns]
