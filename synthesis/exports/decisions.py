"""The decisions to pool or not as a table, with what each pool came to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reviewapp.gate import Viewer
from reviewapp.pure.tables import Column, Table
from synthesis.exports.outcomes import summary_now
from synthesis.selectors import analyses as selectors

ANALYSES = (
    Column("analysis_uid", "Analysis id", "uid", "This version of the decision"),
    Column("name", "Comparison", "text", "Name that the team gave it"),
    Column("version", "Version", "integer", "The latest; earlier ones stay in the review"),
    Column("choice", "Decision", "text", "pool or refuse"),
    Column("reasons", "Reasons", "text", "Codes of the reasons not to pool"),
    Column("why", "In words", "text", "The team’s words"),
    Column("by", "Decided by", "text", "Seat that decided"),
    Column("decided_at", "Decided", "date", "Moment of the decision, UTC"),
    Column(
        "effects_seen_first", "Effects opened before", "boolean", "Whether anybody had opened the effects"
    ),
    Column("measure", "Measure", "text", "Empty: all"),
    Column("form", "Result", "text", "Empty: all"),
    Column("site", "Site", "text", "Empty: all"),
    Column("months_from", "Months, from", "decimal", "Empty: no limit", "months"),
    Column("months_to", "Months, to", "decimal", "Empty: no limit", "months"),
    Column("classes", "Condition classes", "text", "Empty: all"),
    Column("drugs", "Drugs", "text", "Empty: all"),
    Column("design", "Design", "text", "Empty: all"),
    Column(
        "mix_designs", "Designs mixed", "boolean", "Randomised and non-randomised in one pool, as asked for"
    ),
    Column("method", "Method", "text", "How it was pooled"),
    Column("k", "Studies", "integer", "Differences in the pool"),
    Column("estimate", "Pooled", "decimal", "Pooled mean difference"),
    Column("ci_low", "Interval, lower", "decimal", "95 %, rule named under method"),
    Column("ci_high", "Interval, upper", "decimal", "95 %"),
    Column("prediction_low", "Prediction, lower", "decimal", "95 %"),
    Column("prediction_high", "Prediction, upper", "decimal", "95 %"),
    Column("prediction_rule", "Prediction rule", "text", "Quantile and standard error behind it"),
    Column("tau2", "tau²", "decimal", "Between-study variance"),
    Column("i2", "I²", "decimal", "From tau²", "%"),
    Column("fresh", "Up to date", "boolean", "false: the final values have changed since it was computed"),
)


def analyses(viewer: Viewer) -> Table:
    """Decisions to pool or not, with their reasons, and what a pool came to."""
    return Table("analyses", "Decisions to pool", ANALYSES, _analyses(viewer))


def _analyses(viewer: Viewer) -> Iterator[list[object]]:
    for one in selectors.analyses(viewer, summary_now(viewer)):
        row, wanted = one.row, one.comparison
        yield [
            row.uid,
            row.name,
            row.version,
            row.choice,
            ", ".join(row.reasons),
            row.why,
            row.by.name if row.by else None,
            row.made_at,
            row.effects_seen_first,
            wanted.measure,
            wanted.estimand,
            wanted.site,
            wanted.months_from,
            wanted.months_to,
            "; ".join(wanted.classes),
            "; ".join(wanted.drugs),
            wanted.design,
            wanted.mix_designs,
            row.method,
            *_pooled(one.pooled.result["pooled"] if one.pooled else None),
            one.pooled.fresh if one.pooled else None,
        ]


def _pooled(found: dict[str, Any] | None) -> list[object]:
    if found is None:
        return [None] * 9
    return [
        found["k"],
        found["estimate"],
        *(found["mean"]["ci"] if found["mean"] else [None, None]),
        *(found["prediction"] or [None, None]),
        found["prediction_rule"],
        found["tau2"],
        found["i2"],
    ]
