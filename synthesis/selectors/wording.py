"""The dataset in the words of its forms: stored choices ("lumbar_spine_l1_l4") become what a reader sees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from extraction.pure.dataset import Arm, Contrast, Dataset, Harm, Result, StudyData
from extraction.pure.fields import FormSpec

T = TypeVar("T", StudyData, Arm, Result, Contrast, Harm)
STUDY_FIELDS = ("design_as_classified", "condition_class")
ARM_FIELDS = ("drug", "route")
RESULT_FIELDS = ("site", "technique", "device", "reference_data")
CONTRAST_FIELDS = ("site",)
HARM_FIELDS = ("category", "ascertainment")


@dataclass(frozen=True, slots=True)
class Words:
    """What a reader sees: the name of a question, and the label of a stored choice. The first form that has it counts."""

    names: Mapping[str, str]
    labels: Mapping[tuple[str, str], str]

    def label(self, key: str, value: str) -> str:
        """Return the label of an answer; the answer itself where it is no choice."""
        return self.labels.get((key, value), value)

    def name(self, key: str) -> str:
        """Return the name of a question."""
        return self.names.get(key) or key.replace("_", " ").capitalize()


def words_of(forms: Iterable[FormSpec]) -> Words:
    """Gather the words of several forms; a choice that one form leaves out is taken from another."""
    names: dict[str, str] = {}
    labels: dict[tuple[str, str], str] = {}
    for field in (field for form in forms for group in form.groups for field in group.fields):
        names.setdefault(field.key, field.label)
        for choice in field.options:
            labels.setdefault((field.key, choice.value), choice.label)
    return Words(names, labels)


def worded(dataset: Dataset, forms: Iterable[FormSpec]) -> Dataset:
    """Return the dataset with every choice as its label; what is no choice of a form stays as it is."""
    words = words_of(forms)
    return replace(dataset, studies=tuple(_study(study, words) for study in dataset.studies))


def _study(study: StudyData, words: Words) -> StudyData:
    return replace(
        _labelled(study, STUDY_FIELDS, words),
        arms=tuple(_labelled(arm, ARM_FIELDS, words) for arm in study.arms),
        results=tuple(_labelled(row, RESULT_FIELDS, words) for row in study.results),
        contrasts=tuple(_labelled(row, CONTRAST_FIELDS, words) for row in study.contrasts),
        harms=tuple(_labelled(row, HARM_FIELDS, words) for row in study.harms),
        characteristics={
            words.name(key): words.label(key, value) for key, value in study.characteristics.items()
        },
    )


def _labelled(row: T, names: Iterable[str], words: Words) -> T:
    found = {name: getattr(row, name) for name in names}
    labels: dict[str, Any] = {
        name: words.label(name, value) for name, value in found.items() if value is not None
    }
    return replace(row, **labels)
