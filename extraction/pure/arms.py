"""Checks of an arm: what was given, and to how many."""

from __future__ import annotations

from extraction.pure.cells import Finding, RowValues

_ORAL_ONLY = frozenset({"alendronate", "risedronate", "etidronate"})
_IV_ONLY = frozenset({"pamidronate", "zoledronate", "neridronate"})


def check_arm(row: RowValues) -> tuple[Finding, ...]:
    """Doubts about route and numbers of one arm; fields the form does not have are passed over."""
    found = []
    drug, route = row.text("drug"), row.text("route")
    if drug in _ORAL_ONLY and route == "iv":
        words = f"{drug.capitalize()} is an oral drug: was it given intravenously?"
        found.append(Finding("route", "doubt", "drug_and_route", words))
    if drug in _IV_ONLY and route == "oral":
        words = f"{drug.capitalize()} is given intravenously: was it given by mouth?"
        found.append(Finding("route", "doubt", "drug_and_route", words))
    randomised, analysed = row.whole("n_randomised"), row.whole("n_analysed")
    if randomised is not None and analysed is not None and analysed > randomised:
        words = f"{analysed} children are analysed but {randomised} were randomised."
        shown = f"{analysed} > {randomised}"
        found.append(Finding("n_analysed", "doubt", "analysed_over_randomised", words, formula=shown))
    if drug in {"placebo", "none"} and row.text("role") == "intervention":
        words = "An arm without an active drug is entered as the intervention."
        found.append(Finding("role", "doubt", "role_and_drug", words))
    return tuple(found)
