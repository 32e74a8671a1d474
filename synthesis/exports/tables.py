"""What this room offers for download: table name -> its function of a viewer."""

from __future__ import annotations

from collections.abc import Callable

from reviewapp.gate import Viewer
from reviewapp.pure.tables import Table

from . import agreement, decisions, outcomes

TABLES: dict[str, Callable[[Viewer], Table]] = {
    "agreement": agreement.agreement,
    "bmd_summary": outcomes.bmd_summary,
    "between_groups": outcomes.between_groups,
    "harms": outcomes.harms,
    "analyses": decisions.analyses,
}
