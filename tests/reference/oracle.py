"""Reads the reference numbers made with R and says whether a number agrees with them."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

FOLDER = (
    Path(os.environ.get("DYAD_DATA", Path(__file__).resolve().parents[2] / ".." / "shared" / "data"))
    / "oracles"
)
CLOSED_FORM = 1e-9


def cases(name: str) -> list[dict[str, Any]]:
    """The cases of one file, or none if the folder is not there (the tests then skip and say so)."""
    file = FOLDER / f"{name}.json"
    return json.loads(file.read_text())["cases"] if file.exists() else []


def parametrized(name: str, *kinds: str) -> pytest.MarkDecorator:
    """One test for each case of the file, of the kinds named or of all."""
    found = [case for case in cases(name) if not kinds or case["kind"] in kinds]
    if not found:
        reason = f"no {name}.json under {FOLDER}"
        return pytest.mark.parametrize("case", [pytest.param({}, marks=pytest.mark.skip(reason=reason))])
    return pytest.mark.parametrize("case", found, ids=[case["id"] for case in found])


def differences(
    got: Mapping[str, Any], expected: Mapping[str, Any], tolerance: float = CLOSED_FORM
) -> list[str]:
    """The names in ``got`` whose number is not the expected one; every name must be in ``expected``."""
    return [
        f"{name}: got {value!r}, R has {expected[name]!r}"
        for name, value in got.items()
        if not same(value, expected[name], tolerance)
    ]


def same(got: Any, expected: Any, tolerance: float = CLOSED_FORM) -> bool:
    """Numbers within the relative tolerance; ``None`` and an empty interval only equal themselves.

    R prints the interval of an estimate whose standard error is 0 as a point [x, x]; here it is no interval.
    """
    if isinstance(expected, list):
        if got is None:
            return expected[0] is None or expected[0] == expected[1]
        return len(got) == len(expected) and all(
            same(one, other, tolerance) for one, other in zip(got, expected, strict=True)
        )
    if got is None or expected is None or isinstance(expected, bool):
        return got is expected
    return abs(got - expected) <= tolerance * max(1.0, abs(expected))
