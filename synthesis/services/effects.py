"""Open the effects: once for each seat, and written down, because a decision to pool is judged by it."""

from __future__ import annotations

from reviewapp.audit import audited, nothing_written, tell
from reviewapp.gate import Viewer
from synthesis.selectors import effects


@audited(effects.VERB)
def open_effects(*, actor: Viewer) -> None:
    """Write down that the actor's seat has opened the effects; a second time writes nothing."""
    if effects.opened(actor):
        nothing_written()
        return
    tell(actor=actor, subject="effects", shared=True)
