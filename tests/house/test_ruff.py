"""The style checks run with the house's settings and notice a fault."""

from __future__ import annotations

import subprocess
import sys

import pytest

from .tree import REPOSITORY

FAULTS = {
    "F401": "import os\n",
    "T201": 'print("left behind")\n',
    "BLE001": "try:\n    x = 1\nexcept Exception:\n    x = 2\n",
    "DTZ005": "import datetime\n\nnow = datetime.datetime.now()\n",
    "S608": "def find(c, name):\n    c.execute(f\"SELECT * FROM t WHERE name = '{name}'\")\n",
}


def ruff(*words: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ruff", *words],
        cwd=REPOSITORY,
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_repository_is_clean() -> None:
    result = ruff("check", "--quiet", "--output-format", "concise", ".")
    assert result.returncode == 0, result.stdout[-3000:]


def test_the_repository_is_formatted() -> None:
    result = ruff("format", "--check", "--output-format", "concise", ".")
    assert result.returncode == 0, result.stdout[-3000:]


@pytest.mark.parametrize("code", FAULTS)
def test_a_seeded_fault_is_caught(code: str) -> None:
    result = ruff("check", "--stdin-filename", "reviewapp/services/seeded.py", "-", text=FAULTS[code])
    assert result.returncode == 1
    assert code in result.stdout
