"""Decide to pool a comparison, or not to: always a person's act, with the reasons; versions are only added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from reviewapp.audit import audited, tell
from reviewapp.gate import Viewer
from reviewapp.models.seats import Role
from reviewapp.services.refusals import Clash, Gone, Refused
from reviewapp.services.reviews import needs
from synthesis.models.analyses import Analysis
from synthesis.pure.change import ChangeSummary, summarise
from synthesis.pure.poolability import Candidate, checks, pool_differences
from synthesis.pure.pooling import StudyEffect
from synthesis.pure.rows import ArmChange
from synthesis.pure.sensitivity import leave_one_out
from synthesis.selectors import effects, inputs
from synthesis.selectors.analyses import pool_hash
from synthesis.selectors.comparisons import REASONS, Comparison, chosen, comparison_of
from synthesis.selectors.freezing import freeze
from synthesis.selectors.snapshots import POOL
from synthesis.services.snapshots import store

METHOD = "REML, HKSJ modified"
MAY_DECIDE = (Role.LEAD, Role.STATISTICIAN)
CORRELATIONS_NAME = "Correlation of two visits"


@audited("analysis.decided")
def decide(
    *,
    actor: Viewer,
    name: str,
    comparison: Comparison,
    choice: str,
    reasons: Sequence[str] = (),
    why: str = "",
) -> Analysis:
    """Add a version of an analysis: pool or refuse. A pool is computed at once and stored.

    Raises NotAllowed for another role; Refused without a name or reason, and, in words, for a set that may not be
    pooled (different measures, sites or kinds of result, a missing standard error, randomised with non-randomised
    studies unless that is asked for by name).
    """
    needs(actor, *MAY_DECIDE)
    name = name.strip()[:300]
    _check(name, choice, reasons, why)
    made, summary = None, None
    if choice == Analysis.Choice.POOL:
        summary = _current(actor)
        made = pool(summary, comparison)
    last = Analysis.objects.filter(review_id=actor.review_id, name=name).order_by("-version").first()
    try:
        with transaction.atomic():
            row = Analysis.objects.create(
                review_id=actor.review_id,
                name=name,
                version=last.version + 1 if last else 1,
                comparison=comparison.json,
                choice=choice,
                method=METHOD if made else "",
                reasons=list(reasons),
                why=why.strip(),
                effects_seen_first=effects.opened_by_anyone(actor),
                by_id=actor.seat_id,
            )
    except IntegrityError as taken:
        raise Clash(_("Somebody decided this at the same moment. Reload to see it.")) from taken
    tell(actor=actor, subject="analysis", subject_uid=row.uid, old=_said(last), new=_said(row), shared=True)
    if made is not None and summary is not None:
        _store(actor, row, summary, comparison, made)
    return row


def _check(name: str, choice: str, reasons: Sequence[str], why: str) -> None:
    if not name or name == CORRELATIONS_NAME:
        raise Refused(_("Give the analysis a name."), "name")
    if choice not in {Analysis.Choice.POOL.value, Analysis.Choice.REFUSE.value}:
        raise Refused(_("Choose: pool, or do not pool."), "choice")
    if set(reasons) - set(REASONS):
        raise Refused(_("There is no such reason."), "reasons")
    if choice == Analysis.Choice.POOL and not why.strip():
        raise Refused(_("Say why these studies may be pooled."), "why")
    if choice == Analysis.Choice.REFUSE and not (reasons or why.strip()):
        raise Refused(_("Say why these studies are not pooled."), "reasons")


def _said(row: Analysis | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "name": row.name,
        "version": row.version,
        "choice": row.choice,
        "comparison": row.comparison,
        "reasons": row.reasons,
        "why": row.why,
        "effects_seen_first": row.effects_seen_first,
    }


@audited("analysis.computed_again")
def compute_again(*, actor: Viewer, uid: UUID) -> Analysis:
    """Compute a pooled analysis from the data as they are now; the decision stays as it is."""
    needs(actor, *MAY_DECIDE)
    row = _of(actor, uid)
    if row.choice != Analysis.Choice.POOL:
        raise Refused(_("This comparison is not pooled, so there is nothing to compute."))
    comparison = comparison_of(row.comparison)
    summary = _current(actor)
    _store(actor, row, summary, comparison, pool(summary, comparison))
    tell(actor=actor, subject="analysis", subject_uid=row.uid, shared=True)
    return row


@audited("analysis.withdrawn")
def withdraw(*, actor: Viewer, uid: UUID, why: str) -> Analysis:
    """Withdraw every version of an analysis, with a reason; nothing is erased."""
    needs(actor, *MAY_DECIDE)
    row = _of(actor, uid)
    if not why.strip():
        raise Refused(_("Say why it is withdrawn."), "why")
    Analysis.objects.filter(review_id=actor.review_id, name=row.name, withdrawn_at__isnull=True).update(
        withdrawn_at=timezone.now(), withdrawn_why=why.strip()
    )
    tell(actor=actor, subject="analysis", subject_uid=row.uid, new={"withdrawn": True}, why=why, shared=True)
    return row


def _of(actor: Viewer, uid: UUID) -> Analysis:
    row = Analysis.objects.filter(
        review_id=actor.review_id, uid=uid, comparison__kind="comparison", withdrawn_at__isnull=True
    ).first()
    if row is None:
        raise Gone(_("There is no such analysis."))
    return row


def _current(actor: Viewer) -> ChangeSummary:
    return summarise(inputs.final_data(actor), site=None, correlations=inputs.correlations(actor))


def pool(summary: ChangeSummary, comparison: Comparison) -> dict[str, Any]:
    """Pool what the comparison takes: REML, modified HKSJ, prediction interval. Raises Refused in words if forbidden."""
    taken = chosen(summary, comparison)
    try:
        pooled = pool_differences(taken, mix_designs=comparison.mix_designs)
    except ValueError as forbidden:
        raise Refused(str(forbidden), "choice") from forbidden
    found = checks(taken, mix_designs=comparison.mix_designs)
    return {
        "pooled": freeze(pooled),
        "studies": [freeze(one) for one in taken],
        "arms": [freeze(arm) for arm in _arms(summary, taken)],
        "differ": list(found.differ),
        "leave_one_out": [
            {"without": label, "pooled": freeze(rest)} for label, rest in leave_one_out(_effects(taken))
        ]
        if len(taken) > 2
        else [],
    }


def _arms(summary: ChangeSummary, taken: Sequence[Candidate]) -> list[ArmChange]:
    """The arms behind the differences, for the figure."""
    lines = {
        (row.study_uid, key, row.line)
        for row in (one.difference for one in taken)
        for key in (row.arm_key, row.versus_key)
    }
    found = {(arm.study_uid, arm.arm_key, arm.line): arm for group in summary.groups for arm in group.arms}
    return [arm for key, arm in found.items() if key in lines]


def _effects(taken: Sequence[Candidate]) -> list[StudyEffect]:
    rows = [one.difference for one in taken]
    return [StudyEffect(row.study, row.value, row.se**2) for row in rows if row.se is not None]


def _store(
    actor: Viewer, row: Analysis, summary: ChangeSummary, comparison: Comparison, made: dict[str, Any]
) -> None:
    store(actor=actor, kind=POOL, about=str(row.uid), input_hash=pool_hash(summary, comparison), result=made)
