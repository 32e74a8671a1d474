"""The page that offers the source."""

from __future__ import annotations

import io
import zipfile

import pytest

pytestmark = pytest.mark.django_db


def test_it_names_the_licence_and_offers_the_source(client):
    assert b"Affero" in client.get("/about/").content
    answer = client.get("/about/source/")
    names = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).namelist()
    assert any(name.endswith("reviewapp/gate.py") for name in names)
    assert any(name.endswith("LICENSE") for name in names)


def test_it_gives_away_no_data_and_no_secret(client):
    answer = client.get("/about/source/")
    names = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).namelist()
    for name in names:
        top = name.split("/")[1]
        assert top not in {"var", ".venv", ".git", ".env"}
        assert not name.endswith((".sqlite3", "secret_key", ".pyc"))
