"""Pages of this room: every stage's module brings its own patterns."""

from django.urls import URLPattern

from . import definitions, entry, reconcile

urlpatterns: list[URLPattern] = [
    *definitions.urlpatterns,
    *entry.urlpatterns,
    *reconcile.urlpatterns,
]
