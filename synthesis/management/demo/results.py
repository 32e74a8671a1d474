"""Agreement and summary of the demo, computed once, so that both can be read at once."""

from __future__ import annotations

from synthesis.management.demo.running import finish, finish_all
from synthesis.management.demo.team import Team
from synthesis.models.snapshots import Snapshot
from synthesis.selectors.snapshots import AGREEMENT, SUMMARY
from synthesis.services import agreement, summaries


def load(team: Team) -> None:
    """Compute what is not computed yet, as the lead asks for it."""
    for kind, service in ((AGREEMENT, agreement), (SUMMARY, summaries)):
        finish_all(team.lead, service.TASK, service.compute)
        if not Snapshot.objects.filter(review=team.review, kind=kind).exists():
            finish(team.lead, service.ask(actor=team.lead).uid, service.compute)
