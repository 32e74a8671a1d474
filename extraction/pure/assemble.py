"""Turn the finals of one study into the typed rows that synthesis reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, cast

from extraction.pure import measures
from extraction.pure.appraisal import instrument
from extraction.pure.cells import STATUS_LABELS, FinalCell, RowValues, row_of
from extraction.pure.dataset import Arm, Contrast, Harm, Result, StudyData
from extraction.pure.fields import ARMS_GROUP

Purpose = Literal["efficacy", "harms_only", "background"]
STUDY_GROUP = "study"


def study_data(
    uid: str,
    label: str,
    purpose: Purpose,
    finals: Sequence[FinalCell],
    appraisal_finals: Sequence[FinalCell] = (),
) -> StudyData:
    """Everything final about one study.

    Rows that cannot be placed yet (no arm, measure or site settled, or an arm that is not settled itself) are left
    out; :func:`unplaced` names them. A study that is included for its harms alone brings no bone outcomes, whatever
    was entered. ``characteristics`` holds every field of the study group, with the status in words where there is no
    value. ``appraisal`` holds ``instrument.part`` of each score and ``instrument.field`` of each judgement.
    """
    rows = _rows(finals)
    study = next((row for group, row in rows if group == STUDY_GROUP), RowValues("", {}))
    arms = tuple(arm for group, row in rows if group == ARMS_GROUP and (arm := _arm(row)) is not None)
    known = {arm.key for arm in arms}
    typed = [item for group, row in rows for item in _typed(group, row) if _arms_of(item) <= known]
    bone = purpose != "harms_only"
    return StudyData(
        uid=uid,
        label=label,
        purpose=purpose,
        design_as_reported=study.text("design_as_reported"),
        design_as_classified=study.text("design_as_classified"),
        condition_class=study.text("condition_class"),
        condition=study.text("condition"),
        arms=arms,
        results=tuple(item for item in typed if isinstance(item, Result) and bone),
        contrasts=tuple(item for item in typed if isinstance(item, Contrast) and bone),
        harms=tuple(item for item in typed if isinstance(item, Harm)),
        characteristics=_characteristics(study),
        appraisal=_appraisal(appraisal_finals),
    )


def unplaced(finals: Sequence[FinalCell]) -> tuple[str, ...]:
    """Row keys of arms and outcome rows that :func:`study_data` has to leave out for now."""
    rows = _rows(finals)
    known = {row.key for group, row in rows if group == ARMS_GROUP and _arm(row) is not None}
    out = []
    for group, row in rows:
        if group == ARMS_GROUP:
            placed = row.key in known
        elif measures.get(group) is not None:
            typed = _typed(group, row)
            placed = bool(typed) and all(_arms_of(item) <= known for item in typed)
        else:
            continue
        if not placed:
            out.append(row.key)
    return tuple(out)


def _rows(finals: Sequence[FinalCell]) -> list[tuple[str, RowValues]]:
    """Finals by group and row, in the order they come."""
    gathered: dict[tuple[str, str], list[FinalCell]] = {}
    for cell in finals:
        gathered.setdefault((cell.group, cell.row_key), []).append(cell)
    return [(group, row_of(key, tuple(cells))) for (group, key), cells in gathered.items()]


def _typed(group: str, row: RowValues) -> Iterable[measures.MeasureRow]:
    measure = measures.get(group)
    return () if measure is None else measure.to_rows(row)


def _arms_of(item: measures.MeasureRow) -> set[str]:
    """Keys of the arms a row speaks of."""
    return {item.arm_key, item.versus_key} if isinstance(item, Contrast) else {item.arm_key}


def _arm(row: RowValues) -> Arm | None:
    """One arm; None while its role is not settled. An arm whose label is not settled goes by its key."""
    role = row.text("role")
    if role not in {"intervention", "comparator"}:
        return None
    relation = row.text("relation")
    if relation is not None and row.text("subset_of") is not None:
        relation = f"{relation} of {row.text('subset_of')}"
    return Arm(
        key=row.key,
        label=row.text("label") or row.key,
        role=cast("Literal['intervention', 'comparator']", role),
        drug=row.text("drug"),
        route=row.text("route"),
        dose=row.text("dose"),
        schedule=row.text("schedule"),
        n_randomised=row.whole("n_randomised"),
        n_analysed=row.whole("n_analysed"),
        relation=relation,
        finals=dict(row.uids),
    )


def _characteristics(study: RowValues) -> Mapping[str, str]:
    """Every answer about the study; "document not available to us" stays different from "not reported"."""
    return {
        field: study.values[field] if field in study.values else STATUS_LABELS.get(status, status)
        for field, status in study.statuses.items()
    }


def _appraisal(finals: Sequence[FinalCell]) -> Mapping[str, str]:
    """Judgements and what follows from them, under ``instrument.name``."""
    out: dict[str, str] = {}
    for group, row in _rows(finals):
        found = instrument(group)
        out.update({f"{group}.{field}": text for field, text in row.values.items()})
        if found is not None:
            score = found.score(row)
            out.update({f"{group}.{name}": text for name, text in score.parts.items()})
            out[f"{group}.words"] = score.words
    return out
