"""Record that somebody took a bundle out of the review."""

from __future__ import annotations

from uuid import UUID

from reviewapp.audit import audited, tell
from reviewapp.gate import Viewer


@audited("export.made")
def record_export(*, actor: Viewer, uid: UUID, sha256: str, rows: dict[str, int], public: bool) -> None:
    """Append the export to the exporter's own chain: which bundle, its hash, the rows of each table."""
    tell(
        actor=actor,
        subject="export",
        subject_uid=uid,
        new={"sha256": sha256, "rows": rows, "for_publication": public},
    )
