"""A comparison: which differences it takes from the summary, and what speaks against pooling them, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from synthesis.pure.change import ChangeSummary
from synthesis.pure.poolability import Candidate, candidates
from synthesis.pure.rows import MEASURES

ESTIMANDS: Mapping[str, Any] = {
    "mean percent change": _("mean of the percent changes"),
    "percent change of means": _("percent change of the means"),
    "mean change": _("mean change"),
    "final value": _("final value"),
}
REASONS: Mapping[str, Any] = {
    "drug": _("Different drugs"),
    "route": _("Different routes"),
    "condition_class": _("Different condition classes"),
    "site": _("Different skeletal sites"),
    "measure": _("Different measures"),
    "time": _("Different times"),
    "within_group_only": _("Only within-group results"),
    "dispersion_missing": _("No spread for both arms"),
    "matched_pairs": _("Matched pairs"),
    "design": _("Randomised with non-randomised"),
    "heterogeneity": _("Too heterogeneous in other ways"),
}
"""Why a comparison is not pooled: code -> words."""
DESIGNS: Mapping[str, Any] = {
    "": _("all designs"),
    "randomised": _("randomised only"),
    "non_randomised": _("not randomised only"),
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared; a blank field takes everything. ``months`` are inclusive ends of the time window."""

    measure: str = ""
    estimand: str = ""
    site: str = ""
    months_from: float | None = None
    months_to: float | None = None
    classes: tuple[str, ...] = ()
    drugs: tuple[str, ...] = ()
    design: str = ""
    mix_designs: bool = False

    @property
    def json(self) -> dict[str, Any]:
        """Return it as an Analysis stores it."""
        return {
            "kind": "comparison",
            "measure": self.measure,
            "estimand": self.estimand,
            "site": self.site,
            "months_from": self.months_from,
            "months_to": self.months_to,
            "classes": list(self.classes),
            "drugs": list(self.drugs),
            "design": self.design,
            "mix_designs": self.mix_designs,
        }


def comparison_of(stored: Mapping[str, Any]) -> Comparison:
    """Return a stored comparison."""
    known = {name: value for name, value in stored.items() if name in Comparison.__dataclass_fields__}
    return Comparison(
        **(known | {"classes": tuple(known.get("classes", ())), "drugs": tuple(known.get("drugs", ()))})
    )


def chosen(summary: ChangeSummary, comparison: Comparison) -> tuple[Candidate, ...]:
    """Return the differences of a summary that the comparison takes: one a study, arm and line."""
    return tuple(one for one in candidates(summary) if _fits(one, comparison))


def _fits(one: Candidate, wanted: Comparison) -> bool:
    line, months = one.difference.line, one.difference.line.months
    bounds = (wanted.months_from, wanted.months_to)
    in_window = bounds == (None, None) or (
        months is not None
        and (bounds[0] is None or months >= bounds[0])
        and (bounds[1] is None or months <= bounds[1])
    )
    return (
        in_window
        and wanted.measure in ("", line.measure)
        and wanted.estimand in ("", line.estimand)
        and wanted.site.casefold() in ("", line.site.casefold())
        and (not wanted.classes or one.key.condition_class in wanted.classes)
        and (not wanted.drugs or one.key.drug in wanted.drugs)
        and _of_design(one, wanted.design)
    )


def _of_design(one: Candidate, design: str) -> bool:
    return design == "" or (one.difference.randomised is True) == (design == "randomised")


@dataclass(frozen=True, slots=True)
class Choices:
    """What the fields of a comparison may be set to, from the summary at hand."""

    measures: tuple[tuple[str, str], ...]
    estimands: tuple[tuple[str, str], ...]
    sites: tuple[str, ...]
    classes: tuple[str, ...]
    drugs: tuple[str, ...]


def choices(summary: ChangeSummary) -> Choices:
    """Return what there is to compare."""
    found = candidates(summary)
    lines = [one.difference.line for one in found]
    return Choices(
        measures=tuple((key, MEASURES[key][0]) for key in _once(line.measure for line in lines)),
        estimands=tuple((key, str(ESTIMANDS[key])) for key in _once(line.estimand for line in lines)),
        sites=tuple(sorted(_once(line.site for line in lines))),
        classes=tuple(sorted(_once(one.key.condition_class for one in found))),
        drugs=tuple(sorted(_once(one.key.drug for one in found))),
    )


def _once(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))
