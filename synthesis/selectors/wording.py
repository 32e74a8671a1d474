"""The dataset in the words of its forms: stored choices ("lumbar_spine_l1_l4") become what a reader sees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from extraction.pure.dataset import Arm, Contrast, Dataset, Harm, Result, StudyData
from extraction.pure.fields import Field, FormSpec

T = TypeVar("T", StudyData, Arm, Result, Contrast, Harm)
STUDY_FIELDS = ("design_as_classified", "condition_class")
ARM_FIELDS = ("drug", "route")
RESULT_FIELDS = ("site", "technique", "device", "reference_data")
CONTRAST_FIELDS = ("site",)
HARM_FIELDS = ("category", "ascertainment")


def worded(dataset: Dataset, forms: Iterable[FormSpec]) -> Dataset:
    """Return the dataset with every choice as its label; what is no choice of a form stays as it is."""
    fields = {field.key: field for form in forms for group in form.groups for field in reversed(group.fields)}
    return replace(dataset, studies=tuple(_study(study, fields) for study in dataset.studies))


def _study(study: StudyData, fields: Mapping[str, Field]) -> StudyData:
    return replace(
        _labelled(study, STUDY_FIELDS, fields),
        arms=tuple(_labelled(arm, ARM_FIELDS, fields) for arm in study.arms),
        results=tuple(_labelled(row, RESULT_FIELDS, fields) for row in study.results),
        contrasts=tuple(_labelled(row, CONTRAST_FIELDS, fields) for row in study.contrasts),
        harms=tuple(_labelled(row, HARM_FIELDS, fields) for row in study.harms),
        characteristics={
            _name(key, fields): _label(key, value, fields) for key, value in study.characteristics.items()
        },
    )


def _labelled(row: T, names: Iterable[str], fields: Mapping[str, Field]) -> T:
    found = {name: getattr(row, name) for name in names}
    labels: dict[str, Any] = {
        name: _label(name, value, fields) for name, value in found.items() if value is not None
    }
    return replace(row, **labels)


def _label(key: str, value: str, fields: Mapping[str, Field]) -> str:
    return fields[key].label_of(value) if key in fields else value


def _name(key: str, fields: Mapping[str, Field]) -> str:
    return fields[key].label if key in fields else key.replace("_", " ").capitalize()
