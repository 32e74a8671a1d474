"""The team's decisions to pool or not: the latest version of each, and what a pool came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from reviewapp.gate import Viewer
from synthesis.models.analyses import Analysis
from synthesis.pure.change import ChangeSummary
from synthesis.pure.numerals import number
from synthesis.pure.rows import MEASURES
from synthesis.selectors.comparisons import DESIGNS, ESTIMANDS, REASONS, Comparison, chosen, comparison_of
from synthesis.selectors.freezing import fingerprint
from synthesis.selectors.snapshots import POOL, Stored, stored_many


@dataclass(frozen=True, slots=True)
class AnalysisView:
    """One decision with its comparison in words; ``pooled`` is there when it was pooled."""

    row: Analysis
    comparison: Comparison
    facts: tuple[tuple[str, str], ...]
    reasons: tuple[str, ...]
    pooled: Stored | None

    @property
    def is_refused(self) -> bool:
        """Tell whether the team decided not to pool."""
        return self.row.choice == Analysis.Choice.REFUSE

    @property
    def is_stale(self) -> bool:
        """Tell whether the data of the pool have changed since."""
        return self.pooled is not None and not self.pooled.fresh


def analyses(viewer: Viewer, summary: ChangeSummary | None = None) -> list[AnalysisView]:
    """Return the latest version of each analysis that is not withdrawn; two queries.

    ``summary`` is today's; without it a pool's freshness is not judged.
    """
    latest: dict[str, Analysis] = {}
    for row in _rows(viewer).filter(withdrawn_at__isnull=True).order_by("version"):
        latest[row.name] = row
    ordered = sorted(latest.values(), key=lambda row: row.made_at)
    pools = _pools(viewer, ordered, summary)
    return [_view(row, pools.get(str(row.uid))) for row in ordered]


def analysis(viewer: Viewer, uid: UUID, summary: ChangeSummary | None = None) -> AnalysisView | None:
    """Return one version of an analysis; None alike for a foreign and a missing one."""
    row = _rows(viewer).filter(uid=uid).first()
    return _view(row, _pools(viewer, [row], summary).get(str(row.uid))) if row else None


def versions(viewer: Viewer, name: str) -> list[Analysis]:
    """Return every version of an analysis, latest first."""
    return list(_rows(viewer).filter(name=name).order_by("-version"))


def _rows(viewer: Viewer) -> Any:
    return Analysis.objects.filter(review_id=viewer.review_id, comparison__kind="comparison").select_related(
        "by"
    )


def pool_hash(summary: ChangeSummary, comparison: Comparison) -> str:
    """Return the hash of what a pool depends on: the comparison and the differences that it takes."""
    return fingerprint(
        {"comparison": comparison.json, "chosen": [one.difference for one in chosen(summary, comparison)]}
    )


def _pools(viewer: Viewer, rows: list[Analysis], summary: ChangeSummary | None) -> dict[str, Stored]:
    pooled = [row for row in rows if row.choice == Analysis.Choice.POOL]
    hashes = {
        str(row.uid): pool_hash(summary, comparison_of(row.comparison)) if summary else "" for row in pooled
    }
    return stored_many(viewer, POOL, hashes) if hashes else {}


def _view(row: Analysis, pooled: Stored | None) -> AnalysisView:
    comparison = comparison_of(row.comparison)
    return AnalysisView(
        row=row,
        comparison=comparison,
        facts=facts(comparison),
        reasons=tuple(str(REASONS.get(code, code)) for code in row.reasons),
        pooled=pooled,
    )


def facts(comparison: Comparison) -> tuple[tuple[str, str], ...]:
    """Return what a comparison is restricted to as (name, value) in words; what it does not restrict is left out."""
    measure = MEASURES[comparison.measure][0] if comparison.measure in MEASURES else ""  # type: ignore[index]
    rows = (
        (_("Measure"), measure),
        (_("Result"), str(ESTIMANDS.get(comparison.estimand, ""))),
        (_("Site"), comparison.site),
        (_("Months"), _window(comparison.months_from, comparison.months_to)),
        (_("Condition"), ", ".join(comparison.classes)),
        (_("Drug"), ", ".join(comparison.drugs)),
        (_("Design"), str(DESIGNS[comparison.design]) if comparison.design in DESIGNS else ""),
    )
    mixed = (
        ((_("Pool"), _("randomised and non-randomised studies together")),) if comparison.mix_designs else ()
    )
    return (*((name, value) for name, value in rows if value), *mixed)


def _window(first: float | None, last: float | None) -> str:
    if first is None and last is None:
        return ""
    if first == last:
        return number(first)
    return f"{number(first) if first is not None else '0'}–{number(last) if last is not None else '…'}"
