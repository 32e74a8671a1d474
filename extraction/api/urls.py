"""API of this room."""

from django.urls import URLPattern

from . import extraction

urlpatterns: list[URLPattern] = [*extraction.urlpatterns]
