"""Add a form to a review: from a preset that ships with the product, or from quality instruments."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from extraction.models.definitions import Form, FormGroup, Question
from extraction.pure.appraisal import appraisal_form
from extraction.pure.fields import FormSpec
from extraction.pure.presets import parse_preset
from extraction.pure.specs import field_to_spec
from reviewapp.audit import audited, tell
from reviewapp.gate import Viewer
from reviewapp.models.seats import Role
from reviewapp.services.refusals import Refused
from reviewapp.services.reviews import needs

PRESETS = Path(__file__).resolve().parent.parent / "presets"
HARMS_SERIES = "harms_series"
"""Key of the short form for studies that are included for their harms alone."""


@cache
def presets() -> tuple[FormSpec, ...]:
    """Return the forms that ship with the product, by name."""
    found = [parse_preset(path.read_text(encoding="utf-8")) for path in PRESETS.glob("*.toml")]
    return tuple(sorted(found, key=lambda spec: (spec.kind != "extraction", spec.name)))


@audited("form.added")
def add_form(*, actor: Viewer, preset: str = "", instruments: Sequence[str] = ()) -> Form:
    """Add a form to the review: the preset with this key, or an appraisal by the named instruments.

    Raises Refused for a preset or instrument that does not exist, and for a form that the review has already.
    """
    needs(actor, Role.LEAD)
    spec = _asked(preset, instruments)
    try:
        with transaction.atomic():
            form = Form.objects.create(
                review_id=actor.review_id, key=spec.key, name=spec.name, kind=spec.kind, version=spec.version
            )
    except IntegrityError as taken:
        raise Refused(
            _("The review has the form “%(name)s” already.") % {"name": spec.name}, "preset"
        ) from taken
    _store(form, spec)
    told = {"key": spec.key, "name": spec.name, "kind": spec.kind, "version": spec.version}
    tell(actor=actor, subject="form", subject_uid=form.uid, new=told, shared=True)
    return form


def _asked(preset: str, instruments: Sequence[str]) -> FormSpec:
    if instruments:
        try:
            return appraisal_form(tuple(instruments))
        except ValueError as unknown:
            raise Refused(_("There is no such instrument."), "instruments") from unknown
    spec = next((one for one in presets() if one.key == preset), None)
    if spec is None:
        raise Refused(_("There is no such form. Choose one of the list."), "preset")
    return spec


def _store(form: Form, spec: FormSpec) -> None:
    for position, group in enumerate(spec.groups, start=1):
        row = FormGroup.objects.create(
            review_id=form.review_id,
            form=form,
            key=group.key,
            label=group.label,
            repeats=group.repeats,
            row_noun=group.row_noun,
            measure=group.measure,
            help=group.help,
            position=position,
        )
        Question.objects.bulk_create(
            [
                Question(
                    review_id=form.review_id,
                    group=row,
                    key=field.key,
                    label=field.label,
                    position=place,
                    spec=field_to_spec(field),
                )
                for place, field in enumerate(group.fields, start=1)
            ]
        )
