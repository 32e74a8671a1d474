"""Doors call services; a service that writes wears @audited or is one of the few named here with the reason."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator

import pytest

from .tree import ROOMS, sources

WRITES = {
    *("save", "create", "bulk_create", "get_or_create", "update_or_create", "bulk_update"),
    *("update", "change", "delete", "create_user", "create_superuser", "tell", "start"),
}
UNAUDITED = {
    "reviewapp.services.once.claim": "a note that a form was sent, inside the transaction of an audited service",
    "reviewapp.services.once.remember": "the stored reply of the same note",
    "reviewapp.services.people.first_lead": "an account, before there is any review to have a trail",
    "reviewapp.services.people.join": "an account; taking the seat is the audited act",
}
"""Writing services without @audited. Nothing is added here without a reason that holds for every caller."""
BELOW = {
    "reviewapp.services.grouping": "the moves of merging; they run inside the audited service that calls them"
}
"""Modules that only services may import, whose functions tell no event of their own."""
NOT_ROWS = {"dict", "set", "hashlib", "digest", "Counter"}
"""Owners whose ``update`` changes no row."""


def writes_in(node: ast.AST) -> bool:
    """Tell whether a function's own body calls a method that stores something."""
    for call in ast.walk(node):
        if not isinstance(call, ast.Call):
            continue
        if isinstance(call.func, ast.Attribute) and call.func.attr in WRITES:
            owner = call.func.value
            base = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
            rows = call.func.attr != "update" or isinstance(owner, ast.Call) or base == "objects"
            if rows and base not in NOT_ROWS:
                return True
        elif isinstance(call.func, ast.Name) and call.func.id == "tell":
            return True
    return False


def wears_audited(node: ast.FunctionDef) -> bool:
    return any(
        isinstance(worn, ast.Call) and getattr(worn.func, "id", "") == "audited"
        for worn in node.decorator_list
    )


def works_for_a_job(node: ast.FunctionDef) -> bool:
    """Tell whether this is a worker's part: it stages in short transactions, and audited functions finish it."""
    return any(argument.arg == "running" for argument in [*node.args.args, *node.args.kwonlyargs])


def writing_functions(module: ast.Module) -> Iterator[str]:
    """Yield the public functions that write, themselves or through private functions of their module."""
    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    audited = {name for name, node in functions.items() if wears_audited(node)}
    writing = {name for name, node in functions.items() if writes_in(node) and not works_for_a_job(node)}
    calls = {
        name: {
            call.func.id
            for call in ast.walk(node)
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        }
        for name, node in functions.items()
    }
    while more := {
        name
        for name in set(functions) - writing
        if any(called in writing - audited and called.startswith("_") for called in calls[name])
        and not works_for_a_job(functions[name])
    }:
        writing |= more
    yield from sorted(name for name in writing if not name.startswith("_"))


def services() -> list[str]:
    found = []
    for place, module in sources(*ROOMS):
        if "/services/" in place:
            dotted = place.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
            found += [f"{dotted}.{name}" for name in writing_functions(module)]
    return found


@pytest.mark.parametrize("dotted", services())
def test_a_service_that_writes_is_audited(dotted: str) -> None:
    home, name = dotted.rsplit(".", 1)
    if dotted in UNAUDITED or home in BELOW:
        return
    function = getattr(importlib.import_module(home), name)
    assert getattr(function, "audited_as", ""), f"{dotted} writes without @audited"


def test_the_named_exceptions_are_still_there() -> None:
    assert set(UNAUDITED) - set(services()) == set()


def test_a_module_below_the_services_is_imported_by_services_only() -> None:
    found = []
    for place, module in sources(*ROOMS):
        if "/services/" in place:
            continue
        for node in ast.walk(module):
            if isinstance(node, ast.ImportFrom) and node.module:
                names = {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
            else:
                names = {one.name for one in node.names} if isinstance(node, ast.Import) else set()
            found += [f"{place}: {name}" for name in names & set(BELOW)]
    assert found == []


def test_the_worker_s_part_ends_in_an_audited_function() -> None:
    silent = []
    for place, module in sources(*ROOMS):
        functions = [node for node in module.body if isinstance(node, ast.FunctionDef)]
        if "/services/" in place and not any(map(wears_audited, functions)):
            public = [
                node.name for node in functions if not node.name.startswith("_") and works_for_a_job(node)
            ]
            silent += [f"{place}: {name}" for name in public]
    assert silent == []


def test_audited_verbs_are_room_dot_past_tense() -> None:
    verbs = {}
    for dotted in services():
        home, name = dotted.rsplit(".", 1)
        verb = getattr(getattr(importlib.import_module(home), name), "audited_as", None)
        if verb is not None and not (
            verb.count(".") == 1 and verb.replace(".", "").replace("_", "").isalpha()
        ):
            verbs[dotted] = verb
    assert verbs == {}


@pytest.mark.parametrize(
    "text",
    [
        "def decide(*, actor):\n    Decision.objects.create(x=1)\n",
        "def decide(*, actor):\n    _store(actor)\n\ndef _store(actor):\n    row.save()\n",
        "def settle(*, actor):\n    rows.filter(x=1).update(y=2)\n",
    ],
)
def test_a_writing_function_is_seen(text: str) -> None:
    assert len(list(writing_functions(ast.parse(text)))) == 1


def test_a_function_that_only_counts_is_left_alone() -> None:
    assert list(writing_functions(ast.parse("def tally(rows):\n    seen = {}\n    seen.update(a=1)\n"))) == []
