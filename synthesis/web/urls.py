"""Pages of this room: every stage's module brings its own patterns."""

from django.urls import URLPattern

from . import agreement, analyses, pages, plots, published, report, summaries

urlpatterns: list[URLPattern] = [
    *summaries.urlpatterns,
    *pages.urlpatterns,
    *analyses.urlpatterns,
    *plots.urlpatterns,
    *agreement.urlpatterns,
    *published.urlpatterns,
    *report.urlpatterns,
]
