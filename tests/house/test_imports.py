"""The import contracts hold, and would notice an import that goes the wrong way."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .tree import REPOSITORY, ROOMS

CHECK = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"


def contracts(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", CHECK], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for room in ROOMS:
        shutil.copytree(
            REPOSITORY / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__", "presets")
        )
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold() -> None:
    result = contracts(REPOSITORY)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("reviewapp/selectors/seats.py", "import extraction.selectors"),
        ("reviewapp/selectors/seats.py", "import reviewapp.services.reviews"),
        ("synthesis/pure/agreement.py", "import django.db"),
        ("reviewapp/web/base.py", "import reviewapp.models.decisions"),
    ],
    ids=["a room above", "a floor above", "Django in pure", "a blinded table in a door"],
)
def test_an_import_that_goes_the_wrong_way_is_caught(copy: Path, place: str, line: str) -> None:
    path = copy / place
    path.write_text(path.read_text() + f"\n{line}  # noqa\n")
    result = contracts(copy)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "BROKEN" in result.stdout
