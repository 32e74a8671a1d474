"""Reports, studies and full texts of the demo: links, where the documents stand, and two rounds of judgements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from reviewapp.models.studies import Retrieval, RetrievalState, StudyLink
from reviewapp.selectors import study_links
from reviewapp.services import fulltexts, reports, rounds, studies
from synthesis.management.demo import facts, records
from synthesis.management.demo.screening import answer, reason_uids, release, settle, standing
from synthesis.management.demo.team import Team

TEXTS = "full_text"
JUDGED = {"agreed", "settled", "conflict open"}
"""States of the studies that the first round of full texts takes: both answers are known."""
NOT_AVAILABLE = "document not available to us"
READ = "Demo: read as far as public pages show it, not as a full paper; no file is stored here."
NOT_SEEN = "Demo: only the citation was seen, so nothing can be said of what the paper reports."


def load(team: Team) -> None:
    """Group reports, say where their documents stand, judge one round and open another."""
    uids = records.by_key(team)
    records.name_links(team)
    _confirm(team, uids)
    _name(team, uids)
    _retrieve(team, uids)
    reasons = reason_uids(team)
    first = _round(team, uids, reasons, 1)
    settle(team, release(team, first), _settled(team, uids, reasons))
    _round(team, uids, reasons, 2)


def study_of(team: Team, record: UUID) -> StudyLink:
    """Return the standing link of a record's report, with study and report."""
    return StudyLink.objects.select_related("study", "report").get(
        review=team.review, is_current=True, report__record__uid=record
    )


def _confirm(team: Team, uids: dict[str, UUID]) -> None:
    """Confirm the links whose basis a source states; the inferred ones wait for a person."""
    stated = [link for link in facts.page("links")["same_study"] if _is_stated(link["basis"])]
    wanted = {
        pair.uid: f"{link['basis']}: {link['why']}"
        for link in stated
        for other in link["records"][1:]
        if (pair := records.pair_of(team, uids[link["records"][0]], uids[other])) is not None
    }
    for proposal in study_links.proposed(team.lead):
        if proposal.pair in wanted:
            studies.confirm_link(actor=team.lead, pair_uid=proposal.pair, why=wanted[proposal.pair])


def _is_stated(basis: str) -> bool:
    return "stated" in basis and not basis.startswith("partly")


def _name(team: Team, uids: dict[str, UUID]) -> None:
    for told in facts.full_texts():
        known = facts.studies().get(told["study"])
        if known is not None:
            link = study_of(team, uids[told["reports"][0]])
            studies.rename(actor=team.lead, study_uid=link.study.uid, label=known["label"])
            reports.mark_primary(actor=team.lead, report_uid=link.report.uid)


def _retrieve(team: Team, uids: dict[str, UUID]) -> None:
    for told in facts.full_texts():
        apart = told.get("translation", {})
        for key in told["reports"]:
            if told["state"] == NOT_AVAILABLE:
                state, why = RetrievalState.NOT_AVAILABLE, NOT_SEEN
            elif key == apart.get("report"):
                language = facts.records()[key]["language"]
                state, why = RetrievalState.AWAITING, f"Demo: {apart['state']} ({language})."
            else:
                state, why = RetrievalState.RETRIEVED, READ
            _stand(team, study_of(team, uids[key]), state.value, why)


def _stand(team: Team, link: StudyLink, state: str, why: str) -> None:
    now = Retrieval.objects.filter(report=link.report, is_current=True).first()
    if now is None or now.state == RetrievalState.SOUGHT:
        fulltexts.set_retrieval(actor=team.lead, report_uid=link.report.uid, state=state, why=why)


def _of_round(number: int) -> list[facts.Fact]:
    if number == 1:
        return [told for told in facts.full_texts() if told["state"] in JUDGED]
    return [told for told in facts.full_texts() if told["state"] not in {*JUDGED, NOT_AVAILABLE}]


def _round(team: Team, uids: dict[str, UUID], reasons: dict[str, UUID], number: int) -> Any:
    answers = {
        study_of(team, uids[told["reports"][0]]).study.uid: {
            key: _answer(told[key], reasons) for key in team.pair if key in told
        }
        for told in _of_round(number)
    }
    opened = standing(team, TEXTS, number) or rounds.open_round(
        actor=team.lead,
        stage=TEXTS,
        seats=[team.seats[key].uid for key in team.pair],
        seed=f"demo full text {number}",
        only=list(answers),
    )
    answer(team, opened, answers)
    return opened


def _answer(told: facts.Fact, reasons: dict[str, UUID]) -> dict[str, Any]:
    return {
        "verdict": told["verdict"],
        "purpose": told.get("purpose", ""),
        "reason_uid": reasons[told["reason"]] if "reason" in told else None,
        "note": told.get("note", ""),
    }


def _settled(
    team: Team, uids: dict[str, UUID], reasons: dict[str, UUID]
) -> Iterable[tuple[UUID, dict[str, Any]]]:
    for told in facts.full_texts():
        if told["state"] == "settled":
            settled = told["resolution"]
            yield (
                study_of(team, uids[told["reports"][0]]).study.uid,
                {
                    "verdict": settled["verdict"],
                    "purpose": settled.get("purpose", ""),
                    "reason_uid": reasons.get(settled.get("exclusion", "")),
                    "why": settled["reason"],
                },
            )
