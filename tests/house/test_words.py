"""What the repository never says: where its packages came from, and where somebody's files lie."""

from __future__ import annotations

import re

import pytest

from .tree import REPOSITORY, tracked

HOSTS = [
    ".".join(parts)
    for parts in [("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com")]
]
HOSTS += [
    ".".join(parts)
    for parts in [("registry", "yarnpkg"), ("jfrog", "io"), ("unpkg", "com"), ("jsdelivr", "net")]
]
PATHS = [rf"(?<![\w.])/{folder}/\w" for folder in ("work", "root", "home", "Users", "opt/pypi", "mnt")]
FORBIDDEN = re.compile("|".join([*map(re.escape, HOSTS), *PATHS]))
BINARY = {".woff2", ".png", ".jpg", ".ico", ".gz", ".zip", ".pdf", ".xlsx", ".webp", ".gif", ".docx"}
VENDORED = "vendor"


def said(text: str) -> list[str]:
    return [match[0] for match in FORBIDDEN.finditer(text)]


def test_no_tracked_file_names_a_registry_or_a_folder_of_a_machine() -> None:
    found = {}
    for path in tracked():
        inside = path.relative_to(REPOSITORY)
        if path.suffix in BINARY or VENDORED in inside.parts:
            continue
        if words := said(path.read_text(encoding="utf-8", errors="replace")):
            found[inside.as_posix()] = words[:5]
    assert found == {}


@pytest.mark.parametrize(
    "text", [f"from https://{HOSTS[0]}/simple", "open('/" + "home/ann/x.csv')", "cd /" + "work/x"]
)
def test_such_words_are_seen(text: str) -> None:
    assert said(text)


@pytest.mark.parametrize("text", ["/review/work/1/", "docs/home/a", "the homework", "/workers", "~/.cache"])
def test_plain_words_are_left_alone(text: str) -> None:
    assert said(text) == []
