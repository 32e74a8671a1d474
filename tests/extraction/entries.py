"""Payloads of entries, as the pages send them, for the tests of this folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from extraction.pure.fields import FormSpec
from extraction.pure.presets import parse_preset

PRESETS = Path(__file__).resolve().parents[2] / "extraction" / "presets"


def preset(name: str) -> FormSpec:
    return parse_preset((PRESETS / f"{name}.toml").read_text(encoding="utf-8"))


def row(key: str, *, without: dict[str, str] | None = None, **texts: str) -> dict[str, Any]:
    cells: dict[str, Any] = {field: {"text": text, "status": "reported"} for field, text in texts.items()}
    cells.update({field: {"text": "", "status": value} for field, value in (without or {}).items()})
    return {"row": key, "report": "", "page": "p. 3", "quote": "", "cells": cells}


def payload(**groups: list[dict[str, Any]]) -> dict[str, Any]:
    return {"groups": groups}


def study(**texts: str) -> list[dict[str, Any]]:
    return [
        row(
            "s",
            **{
                "design_as_reported": "randomised, placebo-controlled",
                "design_as_classified": "rct",
                "condition_class": "neuromuscular",
                "condition": "cerebral palsy",
                **texts,
            },
        )
    ]


def two_arms(first: str = "a1", second: str = "a2") -> list[dict[str, Any]]:
    return [
        row(
            first,
            label="pamidronate",
            role="intervention",
            drug="pamidronate",
            route="iv",
            n_randomised="6",
        ),
        row(second, label="saline placebo", role="comparator", drug="placebo", n_randomised="6"),
    ]


def change(key: str, arm: str, **texts: str) -> dict[str, Any]:
    return row(
        key,
        **{
            "arm": arm,
            "measure": "abmd",
            "form": "percent_change",
            "site": "lateral_distal_femur_1",
            "months": "18",
            **texts,
        },
    )
