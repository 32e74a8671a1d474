"""Small invented studies for the tests of the synthesis room."""

from dataclasses import replace
from typing import Any

from extraction.pure.dataset import Arm, Contrast, Dataset, Harm, Result, StudyData

DRUG = Arm("t", "Pamidronate", "intervention", drug="pamidronate", route="IV", n_randomised=12)
CONTROL = Arm("c", "Placebo", "comparator", n_randomised=12)


def result(arm: str, **fields: Any) -> Result:
    """A bone result with a key of its own: percent change of aBMD at the lumbar spine, 12 months."""
    given: dict[str, Any] = {
        "row_key": f"r-{arm}-{fields.get('months', 12)}-{fields.get('form', 'percent_change')}",
        "measure": "abmd",
        "form": "percent_change",
        "site": "lumbar spine",
        "months": 12,
        "n": None,
        "mean": None,
    }
    given |= fields
    given.setdefault("finals", {"mean": f"{given['row_key']}-mean"})
    return Result(arm_key=arm, **given)


def contrast(**fields: Any) -> Contrast:
    """A printed difference between the two arms."""
    given: dict[str, Any] = {
        "row_key": "k1",
        "arm_key": "t",
        "versus_key": "c",
        "measure": "abmd",
        "form": "percent_change",
        "site": "lumbar spine",
        "months": 12,
        "n": None,
        "estimate": None,
        "finals": {"estimate": "final-k1"},
    }
    return Contrast(**(given | fields))


def harm(arm: str, event: str = "fever", **fields: Any) -> Harm:
    """An adverse event in one arm."""
    given: dict[str, Any] = {
        "row_key": f"h-{arm}-{event}",
        "category": "acute-phase reaction",
        "status": "counted",
        "events": None,
        "n": None,
        "unit": "children",
    }
    return Harm(arm_key=arm, event=event, **(given | fields))


def study(label: str = "Rossi 2001", **fields: Any) -> StudyData:
    """A randomised study with two arms."""
    made = StudyData(
        uid=f"uid-{label}",
        label=label,
        purpose="efficacy",
        design_as_reported="randomised trial",
        design_as_classified="randomised controlled trial",
        condition_class="neuromuscular",
        condition="cerebral palsy",
        arms=(DRUG, CONTROL),
    )
    return replace(made, **fields)


def dataset(*studies: StudyData, without: tuple[str, ...] = ()) -> Dataset:
    """A data set of these studies."""
    return Dataset(studies, without)
