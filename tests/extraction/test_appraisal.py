import pytest

from extraction.pure.appraisal import Instrument, Score, appraisal_form, instrument, register
from extraction.pure.cells import RowValues, row_of
from extraction.pure.validate import check_entry
from tests.extraction.entries import payload, row

FORM = appraisal_form()


def get(key: str) -> Instrument:
    found = instrument(key)
    assert found is not None
    return found


def jadad(**values: str) -> Score:
    return get("jadad").score(RowValues("j", values))


@pytest.mark.parametrize(
    ("randomisation", "blinding", "withdrawals", "parts"),
    [
        (("yes", "not_described"), ("yes", "appropriate"), "yes", ("1", "2", "1", "4")),
        (("yes", "appropriate"), ("yes", "appropriate"), "yes", ("2", "2", "1", "5")),
        (("yes", "inappropriate"), ("yes", "not_described"), "no", ("0", "1", "0", "1")),
        (("no", None), ("no", None), "no", ("0", "0", "0", "0")),
        (("yes", "appropriate"), ("yes", "inappropriate"), "yes", ("2", "0", "1", "3")),
    ],
)
def test_the_jadad_score_follows_from_items_and_deductions(
    randomisation: tuple[str, str | None],
    blinding: tuple[str, str | None],
    withdrawals: str,
    parts: tuple[str, ...],
) -> None:
    values = {"randomised": randomisation[0], "blinded": blinding[0], "withdrawals": withdrawals}
    for field, method in (("randomisation_method", randomisation[1]), ("blinding_method", blinding[1])):
        if method is not None:
            values[field] = method
    score = jadad(**values)
    names = ("randomisation", "blinding", "withdrawals", "total")
    assert tuple(score.parts[name] for name in names) == parts
    assert score.words == f"Jadad {parts[3]} of 5 (R {parts[0]}, B {parts[1]}, W {parts[2]})"


def test_an_unfinished_jadad_has_no_score() -> None:
    score = jadad(randomised="yes", blinded="no")
    assert score.parts == {}
    assert score.words == "Not scored: randomisation, withdrawals not judged."


def test_the_grade_of_allocation_is_its_letter() -> None:
    allocation = get("allocation")
    assert allocation.score(RowValues("a", {"judgement": "B"})) == Score({"judgement": "B"}, "B – Unclear")
    assert allocation.score(RowValues("a", {})).parts == {}
    assert allocation.check(RowValues("a", {})) == ()


def test_an_appraisal_is_checked_like_an_entry() -> None:
    entry = payload(
        jadad=[
            row("j", randomised="no", randomisation_method="appropriate", blinded="yes", withdrawals="yes"),
        ],
        allocation=[row("a", judgement="A")],
    )
    result = check_entry(FORM, entry, complete=True)
    assert {(error.group, error.field) for error in result.errors} == {
        ("jadad", "randomisation_method"),
        ("jadad", "blinding_method"),
        ("allocation", "support"),
    }
    assert {doubt.field for doubt in result.doubts} == {"blinding_support", "withdrawals_support"}


def test_a_finished_appraisal_is_scored_from_its_cells() -> None:
    words = "drawn from a table"
    entry = payload(
        jadad=[
            row(
                "j",
                randomised="yes",
                randomisation_method="appropriate",
                randomisation_support=words,
                blinded="no",
                withdrawals="no",
            )
        ],
        allocation=[row("a", judgement="B")],
    )
    result = check_entry(FORM, entry, complete=True)
    assert result.ok
    assert result.doubts == ()
    cells = tuple(cell for cell in result.cells if cell.group == "jadad")
    assert get("jadad").score(row_of("j", cells)).parts["total"] == "2"


def test_the_key_of_an_instrument_is_taken_once() -> None:
    class Other(type(get("jadad"))):  # type: ignore[misc]
        key = "jadad"

    with pytest.raises(ValueError, match="two instruments"):
        register(Other)
