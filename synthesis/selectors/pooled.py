"""A pooled result as a page shows it, and the studies of a comparison before anybody sees what they found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from extraction.pure.dataset import StudyData
from synthesis.pure.change import ChangeGroup, ChangeSummary
from synthesis.pure.forest_rows import PLACES, Forest, ForestGroup, ForestPanel, forest_of
from synthesis.pure.intervals import Interval
from synthesis.pure.numerals import fixed, number, p_value
from synthesis.pure.poolability import Candidate
from synthesis.pure.pooling import Pooled
from synthesis.pure.rows import ArmChange
from synthesis.selectors.freezing import thaw


@dataclass(frozen=True, slots=True)
class Taken:
    """A study that a comparison takes: its characteristics, and nothing that it found."""

    study: str
    design: str
    condition: str
    arm: str
    versus: str
    drug: str
    route: str
    n: str
    site: str
    months: str
    against: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PoolView:
    """A pool in numbers as text, and its forest without the diamond (the door adds it)."""

    estimate: float
    ci: Interval
    prediction: Interval | None
    rule: str
    k: int
    unit: str
    headline: str
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    differ: tuple[str, ...]
    without: tuple[tuple[str, str], ...]
    forest: Forest


def characteristics(taken: Sequence[Candidate], studies: Sequence[StudyData]) -> tuple[Taken, ...]:
    """Return the studies of a comparison without their effects."""
    known = {study.uid: study for study in studies}
    found = []
    for one in taken:
        row = one.difference
        study = known.get(row.study_uid)
        n = f"{row.n1 if row.n1 is not None else '–'} / {row.n2 if row.n2 is not None else '–'}"
        found.append(
            Taken(
                study=row.study,
                design=(study.design_as_classified if study else None) or _("not stated"),
                condition=(study.condition if study else None) or one.key.condition_class,
                arm=row.arm,
                versus=row.versus,
                drug=one.key.drug,
                route=one.key.route,
                n=n,
                site=row.line.site,
                months=_("NR") if row.line.months is None else number(row.line.months),
                against=row.not_poolable,
            )
        )
    return tuple(found)


def view(result: dict[str, Any], title: str) -> PoolView:
    """Return a stored pool for a page. Every interval names its rule."""
    pooled = thaw(Pooled, result["pooled"])
    taken = [thaw(Candidate, one) for one in result["studies"]]
    arms = [thaw(ArmChange, one) for one in result["arms"]]
    unit = taken[0].difference.line.unit
    places = PLACES[unit]
    mean = pooled.mean
    estimate = pooled.estimate if pooled.estimate is not None else 0.0
    ci = mean.ci if mean is not None else (estimate, estimate)
    rule = f"{pooled.method}, {mean.rule if mean else ''}"
    shown = "" if unit == "Z" else f" {unit}"
    return PoolView(
        estimate=estimate,
        ci=ci,
        prediction=pooled.prediction,
        rule=rule,
        k=pooled.k,
        unit=unit,
        headline=f"{fixed(estimate, places)}{shown} [{fixed(ci[0], places)}, {fixed(ci[1], places)}]",
        facts=_facts(pooled, places),
        notes=pooled.notes,
        differ=tuple(result["differ"]),
        without=tuple(_without(one, places) for one in result["leave_one_out"]),
        forest=_forest(taken, arms, pooled, title),
    )


def _facts(pooled: Pooled, places: int) -> tuple[tuple[str, str], ...]:
    rows = [(_("Studies"), str(pooled.k)), (_("Between-study variance"), f"{pooled.method}")]
    if pooled.mean is not None:
        df = f", df {pooled.mean.df}" if pooled.mean.df is not None else ""
        tail = f"; {p_value(pooled.mean.p)}" if pooled.mean.p is not None else ""
        rows.append((_("Interval"), f"{pooled.mean.rule}{df}{tail}"))
    if pooled.prediction is not None and pooled.prediction_rule is not None:
        low, high = pooled.prediction
        rows.append(
            (
                _("Prediction interval"),
                f"{fixed(low, places)} to {fixed(high, places)} ({pooled.prediction_rule})",
            )
        )
    if pooled.tau2 is not None:
        limits = (
            f" ({' to '.join(number(one, 3) for one in pooled.tau2_ci)}, Q-profile)" if pooled.tau2_ci else ""
        )
        rows.append((_("tau²"), number(pooled.tau2, 3) + limits))
    if pooled.i2 is not None:
        rows.append((_("I²"), f"{fixed(pooled.i2, 0)} %"))
    if pooled.cochran_q is not None and pooled.cochran_p is not None:
        rows.append(
            (
                _("Cochran’s Q"),
                f"{fixed(pooled.cochran_q, 2)}, df {pooled.cochran_df}, {p_value(pooled.cochran_p)}",
            )
        )
    return tuple(rows)


def _without(one: dict[str, Any], places: int) -> tuple[str, str]:
    rest = thaw(Pooled, one["pooled"])
    if rest.estimate is None or rest.mean is None:
        return one["without"], _("not defined")
    low, high = rest.mean.ci
    return one["without"], f"{fixed(rest.estimate, places)} [{fixed(low, places)}, {fixed(high, places)}]"


def _forest(taken: Sequence[Candidate], arms: Sequence[ArmChange], pooled: Pooled, title: str) -> Forest:
    """The studies of the pool by condition class, with the weights they have in it."""
    keys = dict.fromkeys(one.key for one in taken)
    groups = tuple(
        ChangeGroup(
            key=key,
            studies=tuple(one.difference.study for one in taken if one.key == key),
            children=0,
            arms_without_n=0,
            arms=tuple(arms),
            differences=tuple(one.difference for one in taken if one.key == key),
            words=(),
        )
        for key in keys
    )
    forest = forest_of(
        ChangeSummary(None, groups, (), ()),
        title=title,
        ident="pool",
        favours=(_("control"), _("intervention")),
    )
    weights = dict(zip((one.difference.study for one in taken), pooled.weights_percent, strict=False))
    panels = tuple(_weighted(panel, weights) for panel in forest.panels)
    return replace(forest, panels=panels)


def _weighted(panel: ForestPanel, weights: dict[str, float]) -> ForestPanel:
    groups = tuple(
        ForestGroup(
            group.heading,
            tuple(replace(row, weight=weights.get(row.label)) for row in group.rows),
        )
        for group in panel.groups
    )
    return replace(panel, groups=groups)
