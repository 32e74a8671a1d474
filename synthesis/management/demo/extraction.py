"""Forms, blind entries and reconciled pairs of the demo."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from extraction.models.definitions import Form, StudyForm
from extraction.pure.cells import VALUE_STATUSES, Cell
from extraction.pure.compare import FieldComparison, RowComparison
from extraction.pure.validate import check_entry
from extraction.selectors import entries as work
from extraction.selectors.pairs import Pair, pair, place_of
from extraction.services import entries as entry_services
from extraction.services.definitions import add_form
from extraction.services.handing import assign_extraction
from extraction.services.reconcile import LEFT_OUT, Choice, choose, complete
from synthesis.management.demo import entries, facts, records, texts
from synthesis.management.demo.team import Team

MAIN, SHORT, QUALITY = "bone_density_children", "harms_series", "appraisal_2007"
UNTOUCHED = "golden2005"
"""A study handed to both, that neither has begun: a form for a newcomer."""


def load(team: Team) -> None:
    """Add the forms, hand out studies, enter what the two read, and settle the pairs that are settled."""
    uids = records.by_key(team)
    forms = {key: _form(team, key) for key in (MAIN, SHORT, QUALITY)}
    told = {one["study"]: one for one in facts.extraction()}
    judged = [key for key, one in told.items() if entries.appraisal(one, "a")]
    units = {
        MAIN: _hand_out(team, uids, forms[MAIN], [*told, UNTOUCHED]),
        QUALITY: _hand_out(team, uids, forms[QUALITY], judged),
    }
    for form, by_study in units.items():
        for key, one in told.items():
            if key in by_study:
                _enter(team, one, form, by_study[key], uids[key])
                if one["state"] == "reconciled":
                    _settle(team, one, form, by_study[key])


def _form(team: Team, key: str) -> Form:
    found = Form.objects.filter(review=team.review, key=key).first()
    return found or add_form(actor=team.lead, preset=key)


def _hand_out(team: Team, uids: dict[str, UUID], form: Form, keys: list[str]) -> dict[str, UUID]:
    """Hand studies to A and B under a form; return the unit of each by the key of the study."""
    studies = {texts.study_of(team, uids[key]).study.uid: key for key in keys}

    def made() -> dict[str, UUID]:
        rows = StudyForm.objects.filter(review=team.review, form=form, study__uid__in=studies)
        return {studies[study]: unit for study, unit in rows.values_list("study__uid", "uid")}

    missing = [uid for uid, key in studies.items() if key not in made()]
    if missing:
        seats = [team.seats[key].uid for key in team.pair]
        assign_extraction(
            actor=team.lead, form_uid=form.uid, seats=seats, study_uids=missing, seed=f"demo {form.key}"
        )
    return made()


def _typed(told: facts.Fact, form: str, side: str) -> entries.Typed | None:
    return entries.appraisal(told, side) if form == QUALITY else entries.extraction(told, side)


def _enter(team: Team, told: facts.Fact, form: str, unit: UUID, record: UUID) -> None:
    """Type and submit the entries that the facts hold; an entry that is in stays."""
    report = str(texts.study_of(team, record).report.uid)
    for key in told["entries"]:
        actor = team.viewers[key]
        state = next(one.state for one in work.mine(actor) if one.unit == unit)
        typed = _typed(told, form, key)
        if typed is None or state not in {"waiting", "draft"}:
            continue
        if state == "waiting":
            entry_services.save_draft(actor=actor, unit=unit, payload=typed.payload(report), version=0)
        entry_services.submit(actor=actor, unit=unit, payload=typed.payload(report))


def _settle(team: Team, told: facts.Fact, form: str, unit: UUID) -> None:
    """Settle every difference as the facts say, by one of the pair, and release the study's values."""
    actor = team.viewers["a"]
    found = pair(actor, unit)
    typed = _typed(told, form, "final")
    if found is None or typed is None or found.is_reconciled:
        return
    choose(actor=actor, unit=unit, choices=list(_choices(found, typed)))
    complete(actor=actor, unit=unit)


def _choices(found: Pair, typed: entries.Typed) -> Iterator[Choice]:
    checked = check_entry(found.spec, typed.payload(""), complete=True)
    wanted = {(cell.group, cell.row, cell.field): cell for cell in checked.cells}
    for row, field in found.differences:
        if place_of(row, field) not in found.chosen:
            key = row.row_a or row.row_b or ""
            why = typed.why(row.group, key, field.field)
            yield _choice(row, field, wanted.get((row.group, key, field.field)), why)


def _choice(row: RowComparison, field: FieldComparison, wanted: Cell | None, why: str) -> Choice:
    place = (row.group, row.row_key, field.field)
    for origin, cell in (("a", field.a), ("b", field.b)):
        if _same(cell, wanted):
            return Choice(*place, origin, why=why)
    if wanted is None:
        return Choice(*place, "other", status=LEFT_OUT, why=why)
    value = wanted.as_printed if wanted.status in VALUE_STATUSES else ""
    return Choice(*place, "other", value=value, status=wanted.status, why=why)


def _same(cell: Cell | None, wanted: Cell | None) -> bool:
    if cell is None or wanted is None:
        return cell is wanted
    return (cell.canonical, cell.status) == (wanted.canonical, wanted.status)
