"""Studies brought through full text as people bring them, for the tests of this folder and others."""

from __future__ import annotations

from typing import Any

from tests.conftest import Team


def include(team: Team, labels: dict[str, str]) -> dict[str, Any]:
    """Include studies (label -> purpose) in a closed round of full texts by alice and bob; return them by label."""
    from reviewapp.models.rounds import Assignment
    from reviewapp.models.studies import Report, Retrieval, RetrievalState, Study, StudyLink
    from reviewapp.services.rounds import close_round, open_round
    from reviewapp.services.screening import decide

    studies = {}
    for label in labels:
        study = Study.objects.create(review=team.review, label=label)
        report = Report.objects.create(review=team.review, title=f"{label}: a report")
        StudyLink.objects.create(review=team.review, report=report, study=study)
        Retrieval.objects.create(review=team.review, report=report, state=RetrievalState.RETRIEVED)
        studies[label] = study
    pair = [team.alice, team.bob]
    opened = open_round(
        actor=team.dora.viewer, stage="full_text", seats=[one.seat.uid for one in pair], seed="full"
    )
    for person in pair:
        for row in Assignment.objects.of_author(person.viewer).filter(round=opened).select_related("study"):
            purpose = labels[row.study.label]
            excluded = {"verdict": "exclude", "reason_uid": _first_reason(team)}
            answer = {"verdict": "include", "purpose": purpose} if purpose else excluded
            decide(actor=person.viewer, assignment_uid=row.uid, **answer)
    close_round(actor=team.dora.viewer, round_uid=opened.uid)
    return studies


def _first_reason(team: Team) -> Any:
    from reviewapp.models.reviews import ExclusionReason

    return ExclusionReason.objects.filter(review=team.review).first().uid


def hand_out(team: Team, studies: dict[str, Any], preset: str = "bone_density_children") -> dict[str, Any]:
    """Add a form and hand the studies to alice and bob; return the study forms by study label."""
    from extraction.services.definitions import add_form
    from extraction.services.handing import assign_extraction

    form = add_form(actor=team.dora.viewer, preset=preset)
    made = assign_extraction(
        actor=team.dora.viewer,
        form_uid=form.uid,
        seats=[team.alice.seat.uid, team.bob.seat.uid],
        study_uids=[study.uid for study in studies.values()],
        seed="hand",
    )
    return {one.study.label: one for one in made}
