"""Votes on one record or study -> waiting, agreed or conflict. Pure; the rule is the protocol's (SCREENING.md, 2-3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

State = Literal["waiting", "agreed", "conflict"]
ConflictKind = Literal["eligibility", "reason", "purpose"]


@dataclass(frozen=True, slots=True)
class Vote:
    """One seat's standing answer. ``reason`` is the position of the exclusion reason in the review's order."""

    verdict: str
    reason: int | None = None
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the votes come to: ``verdict`` include or exclude once agreed; ``kind`` for a conflict.

    ``reason`` and ``purpose`` are the agreed ones; ``by_rule`` is True when the protocol's order of reasons chose.
    """

    state: State
    verdict: str = ""
    kind: ConflictKind | None = None
    reason: int | None = None
    purpose: str = ""
    by_rule: bool = False


def outcome(
    votes: Sequence[Vote], *, needed: int, maybe_is_conflict: bool = False, either_advances: bool = False
) -> Outcome:
    """Return what the standing votes on one thing come to.

    ``needed`` votes must be cast (blank ones do not count). Titles and abstracts: maybe counts as include unless
    ``maybe_is_conflict``; with ``either_advances`` one include is enough. Full text: two excludes with different
    reasons take the reason that comes first in the review's order; two includes must agree on the purpose.
    """
    cast = [vote for vote in votes if vote.verdict]
    if len(cast) < needed:
        return Outcome("waiting")
    verdicts = {vote.verdict for vote in cast}
    if verdicts == {"exclude"}:
        return _excluded(cast)
    if "exclude" not in verdicts:
        if maybe_is_conflict and "maybe" in verdicts:
            return Outcome("conflict", kind="eligibility")
        return _included(cast)
    if either_advances:
        return Outcome("agreed", verdict="include", by_rule=True)
    return Outcome("conflict", kind="eligibility")


def _included(votes: Sequence[Vote]) -> Outcome:
    purposes = {vote.purpose for vote in votes}
    if len(purposes) > 1:
        return Outcome("conflict", verdict="include", kind="purpose")
    return Outcome("agreed", verdict="include", purpose=purposes.pop())


def _excluded(votes: Sequence[Vote]) -> Outcome:
    reasons = {vote.reason for vote in votes}
    known = sorted(reason for reason in reasons if reason is not None)
    first = known[0] if known else None
    return Outcome("agreed", verdict="exclude", reason=first, by_rule=len(reasons) > 1)
