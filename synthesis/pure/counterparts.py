"""What the final values say to the statements of a published review: plain counts of the dataset, nothing pooled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from extraction.pure.dataset import Dataset, Harm, StudyData

Said = tuple[tuple[str, str], ...]
"""Pairs of what is counted and the count, or the studies by label."""
_WITHIN = ("subset", "before_treatment")
"""Relations of arms whose children are counted in another arm."""


def counterparts(dataset: Dataset) -> dict[str, Said]:
    """Return by the key of a published statement what the final values give.

    A statement that the dataset cannot speak to has no key. An empty dataset gives no pairs.
    """
    return {key: found(dataset) for key, found in _BY_KEY.items()}


def children(study: StudyData) -> int | None:
    """Children randomised or enrolled as the study's final value says, else those analysed in arms that do not overlap.

    None where neither is known.
    """
    told = study.characteristics.get("n_randomised")
    if told is not None:
        return int(told)
    counted = [arm.n_analysed for arm in study.arms if not (arm.relation or "").startswith(_WITHIN)]
    known = [n for n in counted if n is not None]
    return sum(known) if known else None


def _by(studies: Iterable[tuple[str, str]]) -> Said:
    """Studies (labels) by what they share, in the order of the words."""
    found: dict[str, list[str]] = defaultdict(list)
    for words, label in studies:
        if label not in found[words]:
            found[words].append(label)
    return tuple((words, "; ".join(found[words])) for words in sorted(found))


def _plain(words: str | None) -> str:
    return (words or "not classified").replace("_", " ")


def _designs(dataset: Dataset) -> Said:
    return _by((_plain(study.design_as_classified), study.label) for study in dataset.studies)


def _groups(dataset: Dataset) -> Said:
    return _by((_plain(study.condition_class), study.label) for study in dataset.studies)


def _children(dataset: Dataset) -> Said:
    counted = [(study.label, children(study)) for study in dataset.studies]
    rows = [(label, "not known" if n is None else str(n)) for label, n in counted]
    if not rows:
        return ()
    return (*rows, ("together", str(sum(n for _label, n in counted if n is not None))))


def _drugs(dataset: Dataset) -> Said:
    return _by(
        (_plain(arm.drug), study.label)
        for study in dataset.studies
        for arm in study.arms
        if arm.role == "intervention" and arm.drug
    )


def _forms(dataset: Dataset) -> Said:
    return _by(
        (f"{_plain(row.form)}, {_plain(row.site)}", study.label)
        for study in dataset.studies
        for row in study.results
        if row.form != "value" or row.months
    )


def _between(dataset: Dataset) -> Said:
    return _by(
        (f"p {row.p_operator} {row.p_value or ''}".strip() if row.p_operator else "no test", study.label)
        for study in dataset.studies
        for row in study.contrasts
    )


def _harms(dataset: Dataset) -> Said:
    return tuple(
        (f"{_plain(harm.category)}, {study.label}", _counted(harm))
        for study in dataset.studies
        for harm in study.harms
    )


def _counted(harm: Harm) -> str:
    if harm.events is None:
        return "mentioned without a number"
    return f"{harm.events} of {harm.n}" if harm.n is not None else str(harm.events)


def _jadad(dataset: Dataset) -> Said:
    judged = [(study.label, study.appraisal.get("jadad.words")) for study in dataset.studies]
    return tuple((label, words) for label, words in judged if words is not None)


_BY_KEY: Mapping[str, Callable[[Dataset], Said]] = {
    "included_designs": _designs,
    "included_children": _children,
    "groups": _groups,
    "drugs": _drugs,
    "between_group_analyses": _between,
    "bmd_reporting": _forms,
    "harms_order": _harms,
    "quality_henderson": _jadad,
}
