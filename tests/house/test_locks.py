"""The lock files pin everything, with hashes and without addresses, and agree with pyproject.toml."""

from __future__ import annotations

import re
import tomllib

import pytest

from .tree import REPOSITORY

RUN, DEV = "requirements.lock", "requirements-dev.lock"


def pins(name: str) -> dict[str, set[str]]:
    """Return package -> pinned versions (several where markers tell platforms or Pythons apart)."""
    found: dict[str, set[str]] = {}
    for line in (REPOSITORY / name).read_text().splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", line):
            found.setdefault(normal(match[1]), set()).add(match[2])
    return found


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def named(requirements: list[str]) -> set[str]:
    return {normal(re.split(r"[\[<>=!~; ]", one, maxsplit=1)[0]) for one in requirements}


def project() -> dict[str, list[str]]:
    about = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    return {"run": about["dependencies"], "dev": about["optional-dependencies"]["dev"]}


@pytest.mark.parametrize("name", [RUN, DEV])
def test_a_lock_holds_pins_and_hashes_and_nothing_else(name: str) -> None:
    """A pin, its marker and its hashes: so no address of any kind has a place in it."""
    pin = re.compile(r"[\w.-]+(\[[\w,.-]+\])?==[\w.!+-]+( ; [^:/]+)? \\")
    its_hash = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
    lines = (REPOSITORY / name).read_text().splitlines()
    assert [one for one in lines if not (pin.fullmatch(one) or its_hash.fullmatch(one))] == []


@pytest.mark.parametrize("name", [RUN, DEV])
def test_every_pin_has_a_hash(name: str) -> None:
    blocks = re.split(r"\n(?=[A-Za-z0-9])", (REPOSITORY / name).read_text().strip())
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_every_runtime_package_is_in_both_locks_at_the_same_version() -> None:
    run, dev = pins(RUN), pins(DEV)
    assert len(run) > 30
    assert {
        name: (versions, dev.get(name)) for name, versions in run.items() if versions != dev.get(name)
    } == {}


def test_what_the_project_names_is_locked() -> None:
    assert named(project()["run"]) - set(pins(RUN)) == set()
    assert named(project()["dev"]) - set(pins(DEV)) == set()
