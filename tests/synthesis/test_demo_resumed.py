"""A load of the demo that was cut off is taken up where it stopped, wherever that was."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db


class CutOff(Exception):
    """The power failed."""


def cut(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, *, after: int) -> None:
    """Let a function of a module work ``after`` times, then fail."""
    whole, calls = getattr(module, name), []

    def failing(*args: Any, **kwargs: Any) -> Any:
        calls.append(name)
        if len(calls) > after:
            raise CutOff
        return whole(*args, **kwargs)

    monkeypatch.setattr(module, name, failing)


def test_it_is_finished_after_being_cut_off_in_every_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    from extraction.selectors.dataset import dataset
    from reviewapp.models.records import Citation, Record
    from reviewapp.selectors.screening import own_rounds
    from reviewapp.services import importing
    from synthesis.management.demo import extraction, records, results, screening, team, texts

    places = (
        (importing, "start", 3),
        (screening, "decide", 70),
        (records, "_link", 4),
        (texts, "study_of", 60),
        (extraction, "_enter", 2),
        (results, "finish_all", 1),
    )
    for module, name, after in places:
        with monkeypatch.context() as patched:
            cut(patched, module, name, after=after)
            with pytest.raises(CutOff):
                call_command("demo")
        half = team.find()
        assert half is not None and not half.is_demo, name
    call_command("demo")
    whole = team.assemble()
    assert whole.review.is_demo
    mine = {"review": whole.review}
    assert Citation.objects.filter(**mine).count() == 289
    assert Record.objects.filter(**mine, retired_at__isnull=True).count() == 127
    answered = {str(view.round): (view.total, view.done) for view in own_rounds(whole.viewers["a"])}
    assert sorted(answered.values()) == [(5, 1), (16, 16), (60, 60), (67, 43)]
    assert {study.label for study in dataset(whole.lead).studies} == {"Henderson 2002", "Bianchi 2000"}
