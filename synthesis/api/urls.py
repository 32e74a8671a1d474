"""API of this room: every stage's module brings its own patterns."""

from django.urls import URLPattern

from . import report

urlpatterns: list[URLPattern] = [
    *report.urlpatterns,
]
