"""Files and functions stay small enough to read in one go, and say by name what they hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import PurePosixPath

from .tree import CODE, REPOSITORY, files, sources

FILE_LINES = 500
FUNCTION_LINES = 60
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc"}


def long_functions(module: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield node.name, length


def test_no_file_is_longer_than_500_lines() -> None:
    long = {}
    for path in files(*CODE, "templates", "static", ends=(".py", ".html", ".css", ".js", ".toml")):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > FILE_LINES:
            long[path.relative_to(REPOSITORY).as_posix()] = lines
    assert long == {}


def test_no_function_is_longer_than_60_lines() -> None:
    assert {name: found for name, module in sources(*CODE) if (found := list(long_functions(module)))} == {}


def test_a_long_function_is_seen() -> None:
    body = "\n".join("    x = 1" for _ in range(FUNCTION_LINES))
    assert list(long_functions(ast.parse(f"def f():\n{body}\n"))) == [("f", FUNCTION_LINES + 1)]


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = [name for name, _ in sources(*CODE) if VAGUE & set(PurePosixPath(name).with_suffix("").parts)]
    assert vague == []
