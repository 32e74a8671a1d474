"""The words that walk round the blinding gate appear only where ARCHITECTURE.md allows them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from .tree import ROOMS, sources

ROOM = "(reviewapp|extraction|synthesis)"
MODELS, SELECTORS, SERVICES = (rf"{ROOM}/{floor}/" for floor in ("models", "selectors", "services"))
MANAGEMENT, MIGRATIONS = rf"{ROOM}/management/", rf"{ROOM}/migrations/"
GATE, AUDIT, JOBS = r"reviewapp/gate\.py$", r"reviewapp/audit\.py$", r"reviewapp/jobs\.py$"

ALLOWED = {
    "for_system": [GATE, MODELS, AUDIT, JOBS, SELECTORS, SERVICES, MANAGEMENT],
    "of_author": [GATE, MODELS, JOBS, SELECTORS, SERVICES],
    "wall_down": [GATE, MODELS, MANAGEMENT, SELECTORS, SERVICES],
    "get_model": [GATE, MODELS, MIGRATIONS],
    "cursor": [MODELS, AUDIT, SELECTORS, SERVICES, MANAGEMENT],
    "raw": [],
    "extra": [],
    "RawSQL": [],
}
"""Word -> the files that may use it. A door, a task, an export or a pure module is on no list."""
CALLED = {"get_model", "cursor", "raw", "extra", "RawSQL"}
"""Words that are also plain names (a citation's ``raw`` text); only a call of them counts."""


def uses(module: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield (word, line) for every use of a guarded word."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in CALLED:
                yield name, node.lineno
            texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
            if name in {"getattr", "attrgetter", "methodcaller"}:
                yield from ((str(text), node.lineno) for text in texts if text in ALLOWED)
        elif isinstance(node, ast.Attribute | ast.Name):
            name = node.attr if isinstance(node, ast.Attribute) else node.id
            if name in ALLOWED and name not in CALLED:
                yield name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            yield from ((one.name, node.lineno) for one in node.names if one.name in ALLOWED)


def allowed(word: str, place: str) -> bool:
    return any(re.match(pattern, place) for pattern in ALLOWED[word])


def trespasses(place: str, module: ast.Module) -> list[str]:
    return [f"{place}:{line} {word}" for word, line in uses(module) if not allowed(word, place)]


def test_only_the_named_floors_walk_round_the_gate() -> None:
    found = [wrong for place, module in sources(*ROOMS) for wrong in trespasses(place, module)]
    assert found == []


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("reviewapp/web/screening.py", "Decision.objects.for_system('to show it')"),
        ("reviewapp/api/viewsets.py", "getattr(manager, 'for_system')('sly')"),
        ("reviewapp/tasks.py", "from reviewapp.gate import wall_down"),
        ("reviewapp/web/screening.py", "opened = rows.of_author"),
        ("synthesis/exports.py", "connection.cursor()"),
        ("extraction/web/entry.py", "apps.get_model('extraction', 'Entry')"),
        ("extraction/services/entries.py", "Entry.objects.raw('SELECT 1')"),
        ("reviewapp/selectors/records.py", "Record.objects.extra(tables=['reviewapp_decision'])"),
        ("reviewapp/selectors/records.py", "RawSQL('SELECT 1', [])"),
    ],
)
def test_a_step_round_the_gate_is_seen(place: str, line: str) -> None:
    assert trespasses(place, ast.parse(line))


def test_a_citations_raw_text_is_no_trespass() -> None:
    assert trespasses("reviewapp/web/importing.py", ast.parse("text = citation.raw")) == []
