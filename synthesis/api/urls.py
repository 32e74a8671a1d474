"""API of this room: every stage's module brings its own patterns."""

from django.urls import URLPattern

from . import report, synthesis

urlpatterns: list[URLPattern] = [
    *report.urlpatterns,
    *synthesis.urlpatterns,
]
