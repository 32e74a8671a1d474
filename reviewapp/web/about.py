"""About this site: version, licence, and the source it runs, which AGPL-3.0 section 13 promises to its users."""

from __future__ import annotations

import tempfile
import zipfile
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

VERSION = "0.1.0"
OFFERED = (
    "manage.py pyproject.toml docker-compose.yml Dockerfile dev LICENSE README.md ARCHITECTURE.md CONTRIBUTING.md "
    "CHANGELOG.md requirements.lock requirements-dev.lock reviewapp extraction synthesis templates static tests docs bench"
)
LEFT_OUT = {"__pycache__", ".pytest_cache", ".hypothesis"}


def about(request: HttpRequest) -> HttpResponse:
    """Show the version and the licence."""
    return render(request, "reviewapp/about.html", {"version": VERSION})


@cache
def _archive() -> Path:
    """Pack the source once a process; only the named files and folders, never data, settings or secrets."""
    target = Path(tempfile.mkdtemp(prefix="dyad-source-")) / f"dyad-{VERSION}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in OFFERED.split():
            top = settings.BASE_DIR / name
            files = sorted(top.rglob("*")) if top.is_dir() else [top]
            for file in files:
                inside = file.relative_to(settings.BASE_DIR)
                if file.is_file() and not file.is_symlink() and not LEFT_OUT & set(inside.parts):
                    archive.write(file, Path(f"dyad-{VERSION}") / inside)
    return target


def source(request: HttpRequest) -> FileResponse:
    """Send the source that this site runs."""
    return FileResponse(_archive().open("rb"), as_attachment=True, filename=f"dyad-{VERSION}.zip")


urlpatterns = [
    path("about/", about, name="about"),
    path("about/source/", source, name="source_code"),
]
