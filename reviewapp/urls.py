"""Mounts the three rooms by name."""

from django.contrib import admin
from django.urls import include, path

handler400 = "reviewapp.web.errors.bad_request"
handler403 = "reviewapp.web.errors.forbidden"
handler404 = "reviewapp.web.errors.not_found"
handler500 = "reviewapp.web.errors.server_error"

urlpatterns = [
    path("", include("reviewapp.web.urls")),
    path("", include("extraction.web.urls")),
    path("", include("synthesis.web.urls")),
    path("api/", include("reviewapp.api.urls")),
    path("api/", include("extraction.api.urls")),
    path("api/", include("synthesis.api.urls")),
    path("account/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
]
