"""Store a computed result once for each input; nothing computed is ever changed."""

from __future__ import annotations

from typing import Any

from reviewapp.audit import audited, nothing_written, tell
from reviewapp.gate import Viewer
from synthesis.models.snapshots import Snapshot
from synthesis.selectors.freezing import freeze
from synthesis.selectors.snapshots import CODE_VERSION


@audited("synthesis.computed")
def store(*, actor: Viewer, kind: str, about: str, input_hash: str, result: Any) -> Snapshot:
    """Store a result under the hash of its input; the same result again is the row that stands already."""
    row, is_new = Snapshot.objects.get_or_create(
        review_id=actor.review_id,
        kind=kind,
        about=about,
        input_hash=input_hash,
        code_version=CODE_VERSION,
        defaults={"result": freeze(result)},
    )
    if not is_new:
        nothing_written()
        return row
    tell(
        actor=actor,
        subject="snapshot",
        subject_uid=row.uid,
        new={"kind": kind, "about": about, "input": input_hash},
        shared=True,
    )
    return row
