"""Compute the change table and the harms table from the final values, as one stored result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from extraction.pure.dataset import Dataset, StudyData
from reviewapp import jobs
from reviewapp.audit import audited, nothing_written, tell
from reviewapp.gate import Viewer
from reviewapp.models.jobs import Job
from reviewapp.models.seats import Role
from reviewapp.services.refusals import Clash, Refused
from reviewapp.services.reviews import needs
from synthesis.models.analyses import Analysis
from synthesis.pure import harms
from synthesis.pure.change import correlations_found, summarise
from synthesis.pure.rows import MEASURES, Correlation
from synthesis.selectors import inputs
from synthesis.selectors.acting import starter
from synthesis.selectors.freezing import freeze
from synthesis.selectors.snapshots import SUMMARY
from synthesis.services.snapshots import store

TASK = "synthesis.compute_summary"
NAME = "Correlation of two visits"
NOT_CHARACTERISTICS = {"results", "contrasts", "harms"}


@audited("summary.asked")
def ask(*, actor: Viewer) -> Job:
    """Start computing the summary from the final values as they are now."""
    job = jobs.start(TASK, actor=actor, about={})
    tell(actor=actor, subject="job", subject_uid=job.uid, new={"kind": TASK})
    return job


def compute(running: jobs.Running) -> str:
    """Compute what ``ask`` started; safe to run twice."""
    actor = starter(running.uid)
    running.progress(0, 2, _("Reading the final values."))
    dataset, assumed = inputs.final_data(actor), inputs.correlations(actor)
    running.progress(1, 2, _("Computing changes and harms."))
    made = summary(dataset, assumed)
    store(
        actor=actor,
        kind=SUMMARY,
        about="",
        input_hash=inputs.summary_hash(dataset, assumed),
        result=made,
    )
    running.progress(2, 2)
    return _("The summary is computed.")


def summary(dataset: Dataset, assumed: Sequence[Correlation]) -> dict[str, Any]:
    """Return the whole summary as JSON: studies, changes of all sites, harms, and the correlations that could be used."""
    change = summarise(dataset, site=None, correlations=assumed)
    return {
        "counts": {
            "studies": len(dataset.studies),
            "without": len(dataset.without_values),
            "differences": len(change.differences),
        },
        "studies": [_characteristics(study) for study in dataset.studies],
        "without_values": freeze(dataset.without_values),
        "change": freeze(change),
        "harms": freeze(harms.tabulate(dataset)),
        "correlations_found": freeze(correlations_found(dataset)),
    }


def _characteristics(study: StudyData) -> dict[str, Any]:
    """One study without its results, and for which outcomes it has any."""
    kept = {name: value for name, value in freeze(study).items() if name not in NOT_CHARACTERISTICS}
    outcomes = {(row.measure, row.site) for row in study.results}
    outcomes |= {(row.measure, row.site) for row in study.contrasts}
    return kept | {"outcomes": sorted(map(list, outcomes)), "harms_reported": len(study.harms)}


@audited("synthesis.assumed")
def set_correlations(*, actor: Viewer, items: Sequence[tuple[str, float, str]]) -> Analysis:
    """Set the correlations of two visits that SDs of change are computed with: (measure, r, source), one a measure.

    Nothing is ever assumed by default. Raises Refused for an unknown measure, an r outside -1 to 1, or no source.
    """
    needs(actor, Role.LEAD, Role.STATISTICIAN)
    wanted = [_checked(*item) for item in items]
    if len({item["measure"] for item in wanted}) < len(wanted):
        raise Refused(_("Give one correlation for each measure."), "measure")
    last = Analysis.objects.filter(review_id=actor.review_id, name=NAME).order_by("-version").first()
    if last is not None and last.comparison.get("items") == wanted:
        nothing_written()
        return last
    try:
        with transaction.atomic():
            row = Analysis.objects.create(
                review_id=actor.review_id,
                name=NAME,
                version=last.version + 1 if last else 1,
                comparison={"kind": inputs.CORRELATIONS, "items": wanted},
                by_id=actor.seat_id,
            )
    except IntegrityError as taken:
        raise Clash(_("Somebody set them at the same moment. Reload to see it.")) from taken
    old = last.comparison["items"] if last else None
    tell(actor=actor, subject="analysis", subject_uid=row.uid, old=old, new=wanted, shared=True)
    return row


def _checked(measure: str, r: float, source: str) -> dict[str, Any]:
    if measure not in MEASURES:
        raise Refused(_("There is no such measure."), "measure")
    if not -1 <= r <= 1:
        raise Refused(_("A correlation lies between −1 and 1."), "r")
    if not source.strip():
        raise Refused(_("Say where the correlation comes from: it is never assumed."), "source")
    return {"measure": measure, "r": r, "source": source.strip()[:500]}
