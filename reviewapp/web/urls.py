"""Pages of room 1: every stage's module brings its own patterns."""

from django.urls import URLPattern

from . import health, reviews

urlpatterns: list[URLPattern] = [*health.urlpatterns, *reviews.urlpatterns]
