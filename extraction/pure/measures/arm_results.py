"""Checks and dataset rows that every result of one arm shares, whatever its form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, cast

from scipy import stats

from extraction.pure.cells import Finding, RowValues
from extraction.pure.dataset import Direction, MeasureKey, Result, ResultForm, SpreadKind
from extraction.pure.measures import bone
from extraction.pure.numbers import PValue, half_unit, plain

SMALL = 50
"""Below this many children a small spread is asked about."""


def finding(severity: Literal["error", "doubt"], field: str, code: str, message: str, **more: str) -> Finding:
    """Shorthand; ``more`` may hold ``formula`` and ``proposal``."""
    return Finding(field, severity, code, message, more.get("formula", ""), more.get("proposal", ""))


def check_range(field: str, value: Decimal | None, bounds: bone.Limits | None, unit: str) -> list[Finding]:
    """Hard and soft range of one number, with the unit slips that are known to happen."""
    if value is None or bounds is None:
        return []
    if not bounds.hard_min <= value <= bounds.hard_max:
        proposal = _unit_slip(value, bounds, unit)
        words = (
            f"{plain(value)} {unit} is impossible here (possible: {bounds.hard_min} to {bounds.hard_max})."
        )
        return [finding("error", field, "hard_range", words, proposal=proposal)]
    if not bounds.soft_min <= value <= bounds.soft_max:
        words = (
            f"{plain(value)} {unit} is outside what is usually seen ({bounds.soft_min} to {bounds.soft_max})."
        )
        return [finding("doubt", field, "soft_range", words)]
    return []


def _unit_slip(value: Decimal, bounds: bone.Limits, unit: str) -> str:
    """The question for a number that would fit after a factor of 1000, or an empty text."""
    pairs = {"g/cm²": ("mg/cm²", 1000), "g/cm³": ("mg/cm³", 1000)}
    if unit in pairs and bounds.hard_min <= value / pairs[unit][1] <= bounds.hard_max:
        wrong, factor = pairs[unit]
        return f"Is it in {wrong}? Then it is {plain(value / factor)} {unit}."
    if unit == "mg/cm³" and bounds.hard_min <= value * 1000 <= bounds.hard_max:
        return f"Is it in g/cm³? Then it is {plain(value * 1000)} mg/cm³."
    return ""


def check_spread(row: RowValues, bounds: bone.Limits | None) -> list[Finding]:
    """The spread: its kind is stated, its bounds are in order, and an SD is not small enough to be an SE."""
    found: list[Finding] = []
    kind, spread = row.text("spread_kind"), row.number("spread")
    low, high, mean = row.number("low"), row.number("high"), row.number("mean")
    if kind is None and any(value is not None for value in (spread, low, high)):
        words = "A spread is given: say what kind it is (“±, type not stated” is an answer)."
        found.append(finding("error", "spread_kind", "spread_kind", words))
    if low is not None and high is not None and low > high:
        found.append(finding("error", "low", "bounds_order", "The lower bound is above the upper bound."))
    elif low is not None and high is not None and mean is not None and not low <= mean <= high:
        words = "The mean lies outside its own bounds."
        shown = f"{plain(low)} ≤ {plain(mean)} ≤ {plain(high)} does not hold"
        found.append(finding("doubt", "mean", "outside_bounds", words, formula=shown))
    if spread is not None and spread == 0:
        words = "A spread of zero means that all children had the same value."
        found.append(finding("doubt", "spread", "spread_zero", words))
    elif kind == "sd" and spread is not None and bounds is not None:
        found += _maybe_standard_error(row, spread, mean, bounds)
    return found


def _maybe_standard_error(
    row: RowValues, spread: Decimal, mean: Decimal | None, bounds: bone.Limits
) -> list[Finding]:
    """Ask about an SD that is small for its mean, or for its scale, in a small group."""
    n = row.whole("n")
    if n is not None and n >= SMALL:
        return []
    by_ratio = (
        bounds.ask_ratio is not None and bool(mean) and spread < bounds.ask_ratio * abs(mean or Decimal(0))
    )
    by_floor = bounds.ask_floor is not None and spread < bounds.ask_floor
    if not (by_ratio or by_floor):
        return []
    formula = ""
    if n is not None:
        formula = f"SD = SE × √n = {plain(spread)} × √{n} = {float(spread) * math.sqrt(n):.4g}"
    words = "This SD is small for a group of this size: is it a standard error?"
    if by_ratio and mean:
        words = f"This SD is {abs(spread / mean) * 100:.0f} % of the mean: is it a standard error?"
    return [finding("doubt", "spread", "se_as_sd", words, formula=formula)]


def check_n(row: RowValues, arms: Mapping[str, RowValues]) -> list[Finding]:
    """Analysed children against the randomised children of the arm: asked, not refused (extended cohorts)."""
    arm = arms.get(row.text("arm") or "")
    n, randomised = row.whole("n"), None if arm is None else arm.whole("n_randomised")
    if n is None or randomised is None or n <= randomised:
        return []
    words = f"{n} children are analysed but {randomised} were randomised in this arm."
    return [finding("doubt", "n", "analysed_over_randomised", words, formula=f"{n} > {randomised}")]


def within_p_interval(row: RowValues) -> tuple[float, float] | None:
    """Smallest and largest p of a one-sample t test of the change, over the rounding of the printed numbers.

    t = mean / (SD / √n), df = n − 1, two-sided. None where mean, n (≥ 2) or an SD or SE are missing.
    """
    mean, spread, n = row.text("mean"), row.text("spread"), row.whole("n")
    kind = row.text("spread_kind")
    if mean is None or spread is None or n is None or n < 2 or kind not in {"sd", "se"}:
        return None
    centre, step = abs(Decimal(mean)), half_unit(mean)
    width, width_step = Decimal(spread), half_unit(spread)
    if width - width_step <= 0:
        return None
    root = math.sqrt(n) if kind == "sd" else 1.0
    largest_t = float((centre + step) / (width - width_step)) * root
    smallest_t = float(max(Decimal(0), centre - step) / (width + width_step)) * root
    return 2 * float(stats.t.sf(largest_t, n - 1)), 2 * float(stats.t.sf(smallest_t, n - 1))


def check_within_p(row: RowValues) -> list[Finding]:
    """Printed p of the change against the p that mean, spread and n give, on either side of .05."""
    printed, interval = row.p_value("p_within"), within_p_interval(row)
    if printed is None or interval is None:
        return []
    low, high = interval
    says = says_significant(printed)
    if (says is False and high < 0.05) or (says is True and low >= 0.05):
        words = f"The paper prints p {printed.canonical}, but mean, spread and n give another answer."
        formula = f"t = mean / (SD / √n), df = n − 1: p between {low:.3g} and {high:.3g}"
        return [finding("doubt", "p_within", "p_recomputed", words, formula=formula)]
    return []


def says_significant(p: PValue) -> bool | None:
    """Whether a printed p claims p < .05; None where it leaves it open."""
    if p.operator == "ns" or p.value is None:
        return False
    value = Decimal(p.value)
    if p.operator in {"<", "<="}:
        return True if value <= Decimal("0.05") else None
    if p.operator in {">", ">="}:
        return False if value >= Decimal("0.05") else None
    return value < Decimal("0.05")


def check_direction(row: RowValues) -> list[Finding]:
    """The sign of a change against the direction that was chosen."""
    mean, direction = row.number("mean"), row.text("direction")
    if mean is None or (direction, mean > 0) not in {("increase", False), ("decrease", True)} or mean == 0:
        return []
    words = f"The number is {plain(mean)} but the direction is “{direction}”: is the sign right?"
    return [finding("doubt", "mean", "sign_direction", words)]


def says_nothing(row: RowValues) -> str:
    """Words for a result without a number, a test or a direction."""
    if any(row.text(name) is not None for name in ("mean", "p_within", "direction")):
        return ""
    if row.statuses.get("mean") not in {None, "reported"}:
        return ""
    return "Give a number, a p-value or a direction, or mark the mean as not reported."


def result(row: RowValues, form: str) -> tuple[Result, ...]:
    """The dataset row of one arm's result; empty while arm, measure or site are missing.

    A median is not a mean: ``mean`` stays None for it, its bounds are kept. A spread whose kind is not settled is
    left out.
    """
    arm, measure, site = row.text("arm"), row.text("measure"), row.text("site")
    if arm is None or measure is None or site is None:
        return ()
    p = row.p_value("p_within")
    kind = cast("SpreadKind | None", row.text("spread_kind"))
    bounded = kind in {"ci95", "iqr", "range"}
    return (
        Result(
            row_key=row.key,
            arm_key=arm,
            measure=cast("MeasureKey", measure),
            form=cast("ResultForm", form),
            site=site,
            months=row.real("months"),
            n=row.whole("n"),
            mean=None if row.text("statistic") in {"median", "none"} else row.real("mean"),
            spread_kind=kind,
            spread=None if bounded or kind is None else row.real("spread"),
            low=row.real("low") if bounded else None,
            high=row.real("high") if bounded else None,
            phase=row.text("phase"),
            technique=row.text("technique"),
            device=row.text("device"),
            reference_data=row.text("reference_data"),
            p_operator=None if p is None else p.operator,
            p_value=None if p is None or p.value is None else float(p.value),
            direction=cast("Direction", row.text("direction") or "not_reported"),
            finals=dict(row.uids),
        ),
    )
