import pytest

from extraction.pure import measures
from extraction.pure.appraisal import all_instruments, appraisal_form
from extraction.pure.fields import Choice, Field, FieldType, Group
from extraction.pure.measures.base import Measure, register
from extraction.pure.presets import PresetError, parse_preset
from tests.extraction.entries import PRESETS, preset

HEAD = 'key = "f"\nname = "F"\nversion = 1\n'
GROUP = '[[groups]]\nkey = "g"\nlabel = "G"\n'
FIELD = '[[groups.fields]]\nkey = "a"\nlabel = "A"\n'


def test_every_shipped_preset_is_a_form() -> None:
    names = sorted(path.stem for path in PRESETS.glob("*.toml"))
    assert names == ["appraisal_2007", "bone_density_children", "harms_series"]
    for name in names:
        form = preset(name)
        assert form.key == name
        assert form.groups


def test_the_bone_form_asks_what_the_worked_review_asks() -> None:
    form = preset("bone_density_children")
    assert [group.key for group in form.groups] == [
        "study",
        "arms",
        "change",
        "endpoint",
        "contrasts",
        "harms",
    ]
    change = form.group("change")
    assert change is not None
    assert [field.key for field in change.identity] == ["arm", "measure", "form", "site", "months"]
    spread = change.field("spread_kind")
    assert spread is not None
    assert spread.label_of("unstated") == "“±”, type not stated"
    assert spread.label_of("elsewhere") == "elsewhere"


def test_all_kinds_of_measure_are_found_without_a_list() -> None:
    assert [item.kind for item in measures.all_measures()] == ["change", "contrasts", "endpoint", "harms"]
    assert measures.get("nothing") is None
    for item in measures.all_measures():
        group = item.group()
        assert group.key == group.measure == item.kind
        assert group.repeats
        assert any(field.type is FieldType.ARM and field.identity for field in group.fields)


def test_a_kind_of_measure_is_taken_once() -> None:
    change = measures.get("change")
    assert change is not None

    class Change2(type(change)):  # type: ignore[misc]
        kind = "change"

    with pytest.raises(ValueError, match="two measures"):
        register(Change2)
    assert isinstance(change, Measure)


def test_the_appraisal_form_is_made_of_instruments() -> None:
    assert [item.key for item in all_instruments()] == ["allocation", "jadad"]
    form = appraisal_form(version=3)
    assert (form.kind, form.version) == ("appraisal", 3)
    assert form.groups == preset("appraisal_2007").groups
    with pytest.raises(ValueError, match="no instrument"):
        appraisal_form(["rob9"])


def test_the_options_of_a_field_depend_on_its_type() -> None:
    yes_no = Field("a", "A", FieldType.YES_NO_UNCLEAR)
    assert [choice.value for choice in yes_no.options] == ["yes", "no", "unclear"]
    assert Field("a", "A", FieldType.TEXT).options == ()
    choice = Field("a", "A", FieldType.CHOICE, choices=(Choice("x", "X"),))
    assert choice.options == (Choice("x", "X"),)
    assert Group("g", "G", False, (choice,)).field("b") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("key = ", "not TOML"),
        ("x" * 200_001, "longer than"),
        (HEAD, "no groups"),
        ('key = "F!"\nname = "F"\nversion = 1', "small letters"),
        ('key = "f"\nname = "F"\nversion = true', "whole number"),
        (HEAD + 'kind = "other"', "kind is"),
        (HEAD + "extra = 1", "means nothing"),
        (HEAD + 'measures = ["magic"]', "no kind of measure"),
        (HEAD + 'instruments = ["magic"]', "no instrument"),
        (HEAD + 'measures = "change"', "list of texts"),
        (HEAD + 'measures = ["change"]', "refers to an arm"),
        (HEAD + "groups = 3", "tables"),
        (HEAD + GROUP, "no fields"),
        (HEAD + GROUP + FIELD + 'type = "magic"', "no type"),
        (HEAD + GROUP + FIELD + 'type = "choice"', "needs choices"),
        (HEAD + GROUP + FIELD + 'type = "choice"\nchoices = ["a"]', "choices must be"),
        (HEAD + GROUP + FIELD + 'type = "text"\nrequired = "yes"', "true or false"),
        (HEAD + GROUP + FIELD + 'type = "decimal"\nhard_min = "1"', "must be a number"),
        (HEAD + GROUP + FIELD + 'type = "decimal"\nhard_min = nan', "must be a number"),
        (HEAD + GROUP + FIELD + 'type = "decimal"\nhard_min = 2\nhard_max = 1', "above its upper"),
        (HEAD + GROUP + FIELD + 'type = "text"\nrequired_if = { field = "b", in = ["x"] }', "not there"),
        (HEAD + GROUP + FIELD + 'type = "text"\nrequired_if = ["b"]', "required_if must"),
        (
            HEAD + GROUP + FIELD + 'type = "yes_no_unclear"\nrequired_if = { field = "a", in = ["perhaps"] }',
            "does not have",
        ),
        (HEAD + GROUP + FIELD + 'type = "text"\n' + FIELD + 'type = "text"', "two fields"),
        (HEAD + (GROUP + FIELD + 'type = "text"\n') * 2, "Two groups"),
        (HEAD + GROUP + FIELD + 'type = ""', "must be a text"),
    ],
)
def test_an_unsound_preset_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(PresetError, match=words):
        parse_preset(text)


def test_limits_are_exact_decimals() -> None:
    form = parse_preset(HEAD + GROUP + FIELD + 'type = "decimal"\nhard_min = 0.10\nsoft_max = 3')
    field = form.groups[0].fields[0]
    assert str(field.hard_min) == "0.10"
    assert str(field.soft_max) == "3"
