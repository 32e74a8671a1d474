"""Compute the agreement of released rounds: pair by pair, and over all pairs only what does not depend on order."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from reviewapp import jobs
from reviewapp.audit import audited, tell
from reviewapp.gate import Viewer
from reviewapp.models.jobs import Job
from reviewapp.models.rounds import Round
from reviewapp.services.refusals import Gone, Refused
from synthesis.pure import agreement as pure
from synthesis.pure.raters import table_alpha
from synthesis.selectors import agreement as selectors
from synthesis.selectors.acting import starter
from synthesis.selectors.agreement_view import JOINED, content
from synthesis.selectors.freezing import fingerprint, freeze
from synthesis.selectors.snapshots import AGREEMENT
from synthesis.services.snapshots import store

TASK = "synthesis.compute_agreement"
STILL_OPEN = "Agreement is computed after a round is released. This round is still open."


@audited("agreement.asked")
def ask(*, actor: Viewer, round_uid: UUID | None = None) -> Job:
    """Start computing the agreement of one released round, or of all (``None``).

    Raises Gone for a round of another review or none, Refused for an open round.
    """
    about: dict[str, Any] = {}
    if round_uid is not None:
        about["round"] = str(_released(actor.review_id, round_uid).uid)
    elif not Round.objects.filter(review_id=actor.review_id, closed_at__isnull=False).exists():
        raise Refused(_("No round is released yet. Agreement is computed after release."))
    job = jobs.start(TASK, actor=actor, about=about)
    tell(actor=actor, subject="job", subject_uid=job.uid, new={"kind": TASK, **about})
    return job


def _released(review_id: int, uid: UUID) -> Round:
    round_ = Round.objects.filter(review_id=review_id, uid=uid).first()
    if round_ is None:
        raise Gone(_("There is no such round."))
    if round_.closed_at is None:
        raise Refused(_(STILL_OPEN))
    return round_


def compute(running: jobs.Running) -> str:
    """Compute what the job asks for; safe to run twice. A job about an open round ends without a result."""
    asked = running.about.get("round")
    if asked:
        try:
            _released(running.review_id, UUID(str(asked)))
        except Refused as refused:
            raise jobs.Hopeless(refused.message) from refused
    actor = starter(running.uid)
    rounds = selectors.tables(actor)
    wanted = [one for one in rounds if not asked or one.uid == str(asked)]
    todo = [*wanted, *selectors.by_stage(rounds)]
    for done, one in enumerate(todo):
        running.progress(done, len(todo), _("Computing agreement."))
        store(
            actor=actor,
            kind=AGREEMENT,
            about=one.uid,
            input_hash=fingerprint(content(one)),
            result=result(one),
        )
    running.progress(len(todo), len(todo))
    return _("Agreement is computed.")


def result(tables: selectors.RoundTables) -> dict[str, Any]:
    """Return the agreement of a round or stage as JSON: every pair, and all pairs together.

    Together there is no kappa when pairs rotate: a summed kappa depends on who of a pair is called first
    (METHOD.md). Percent, PABAK, AC1 and Krippendorff's alpha do not.
    """
    pairs = [_pair(pair, tables.categories) for pair in tables.pairs]
    return {
        **content(tables),
        "categories": tables.categories,
        "n": sum(pair.n for pair in tables.pairs),
        "pairs": pairs,
        "together": _together(tables),
    }


def _pair(pair: selectors.PairTable, categories: tuple[str, ...]) -> dict[str, Any]:
    ordered = "maybe" in categories
    table, names = pure.collapse(pair.table, categories, JOINED)
    return {
        "a": str(pair.a),
        "b": str(pair.b),
        "n": pair.n,
        "answers": freeze(pure.summarise(pair.table, categories, ordered=True)) if ordered else None,
        "advancing": freeze(pure.summarise(table, names)),
        "reasons": _reasons(pair),
    }


def _reasons(pair: selectors.PairTable) -> dict[str, Any] | None:
    """Agreement on the reason, over what both excluded; ``None`` where fewer than two reasons were used."""
    used = sorted({reason for both in pair.reasons for reason in both})
    if not pair.reasons:
        return None
    if len(used) < 2:
        n = sum(pair.reasons.values())
        return {"n": n, "agreed": n, "categories": used, "numbers": None}
    place = {name: index for index, name in enumerate(used)}
    table = [[0] * len(used) for _ in used]
    for (first, second), n in pair.reasons.items():
        table[place[first]][place[second]] += n
    found = pure.summarise(table, used)
    agreed = sum(table[index][index] for index in range(len(used)))
    numbers = {"percent": found.percent, "kappa": found.kappa, "notes": found.notes, "table": table}
    return {"n": found.n, "agreed": agreed, "categories": used, "numbers": freeze(numbers)}


def _together(tables: selectors.RoundTables) -> Any:
    """What may be said over all pairs: the coefficients that do not change when a pair is turned round."""
    size = len(tables.categories)
    added = tuple(
        tuple(sum(pair.table[i][j] for pair in tables.pairs) for j in range(size)) for i in range(size)
    )
    table, names = pure.collapse(added, tables.categories, JOINED)
    found = pure.summarise(table, names)
    alpha = table_alpha(table)
    notes = {name: words for name, words in found.notes.items() if name in {"percent", "pabak", "ac1"}}
    return freeze(
        {
            "pairs": len(tables.pairs),
            "n": found.n,
            "agreed": sum(table[index][index] for index in range(len(table))),
            "percent": found.percent,
            "pabak": found.pabak,
            "ac1": found.ac1,
            "alpha": alpha,
            "notes": notes | ({"alpha": alpha.note} if alpha.note else {}),
        }
    )
