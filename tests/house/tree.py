"""The files of the repository, for the tests that read them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
ROOMS = ("reviewapp", "extraction", "synthesis")
CODE = (*ROOMS, "tests", "bench")
SKIPPED = {"vendor", "migrations", "__pycache__"}


def files(*folders: str, ends: tuple[str, ...]) -> Iterator[Path]:
    """Yield files below the folders whose names end so; vendored files and migrations are left out."""
    for folder in folders:
        for path in sorted((REPOSITORY / folder).rglob("*")):
            if path.suffix in ends and path.is_file() and not SKIPPED & set(path.parts):
                yield path


def sources(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Yield (path inside the repository, syntax tree) of every Python file."""
    for path in files(*folders, ends=(".py",)):
        yield path.relative_to(REPOSITORY).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def tracked() -> list[Path]:
    """Return the files that git tracks; in an unpacked archive, all of the folders that hold the product."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    if listed.returncode == 0 and listed.stdout:
        return [
            REPOSITORY / name for name in listed.stdout.split("\0") if name and (REPOSITORY / name).is_file()
        ]
    kept = (*CODE, "templates", "static", "docs")
    below = [path for folder in kept for path in (REPOSITORY / folder).rglob("*") if path.is_file()]
    return [path for path in REPOSITORY.iterdir() if path.is_file()] + below
