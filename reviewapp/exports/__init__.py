"""The tables that room 1 offers for download. Each function takes a viewer and reads only what that viewer may see.

``TABLES`` maps a table's name to its function; the bundle of the whole review finds every room's tables by it. The
order of rows is that of public facts or drawn from a seed, never that of somebody's activity.
"""

from __future__ import annotations

from collections.abc import Callable

from reviewapp.gate import Viewer
from reviewapp.pure.tables import Table

from . import answers, records, review, studies

Maker = Callable[[Viewer], Table]
TABLES: dict[str, Maker] = {
    "protocol": review.protocol_table,
    "sources": records.sources,
    "citations": records.citations,
    "records": records.records_table,
    "duplicate_pairs": records.duplicate_pairs,
    "reports": studies.reports,
    "studies": studies.studies,
    "links": studies.links,
    "excluded_studies": studies.excluded_studies,
    "votes_long": answers.votes_long,
    "decisions_wide": answers.decisions_wide,
    "conflicts": answers.conflicts,
    "prisma": review.prisma,
    "flow_sums": review.flow_sums,
    "events": review.events,
}
