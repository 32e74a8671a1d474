"""Forms, one's own entries, pairs once released, finals and the dataset."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from extraction.pure.cells import STATUS_LABELS
from extraction.pure.validate import EntryCheck
from extraction.selectors import dataset, entries, forms, listing, pairs
from extraction.services import definitions, handing, reconcile
from extraction.services import entries as services
from extraction.services.entries import EntryRefused
from reviewapp.api.base import ReviewAPI
from reviewapp.services.refusals import Gone

ANY = {200: dict}


class FormIn(serializers.Serializer[Any]):
    """A form to add: the key of a preset, or quality instruments."""

    preset = serializers.CharField(required=False, allow_blank=True, default="")
    instruments = serializers.ListField(child=serializers.CharField(), required=False, default=list)


class AssignIn(serializers.Serializer[Any]):
    """Which studies (none: all that wait) go to pairs of which seats."""

    seats = serializers.ListField(child=serializers.UUIDField())
    studies = serializers.ListField(
        child=serializers.UUIDField(), required=False, allow_null=True, default=None
    )
    seed = serializers.CharField(required=False, allow_blank=True, default="", max_length=64)


class DraftIn(serializers.Serializer[Any]):
    """What is typed so far, and the version it was typed on."""

    payload = serializers.JSONField()
    version = serializers.IntegerField(min_value=0, max_value=10**8)


class SubmitIn(serializers.Serializer[Any]):
    """The entry; left out, the draft is submitted."""

    payload = serializers.JSONField(required=False, allow_null=True, default=None)


class ChoiceIn(serializers.Serializer[Any]):
    """What is to stand for one field."""

    group = serializers.CharField()
    row_key = serializers.CharField()
    field = serializers.CharField()
    origin = serializers.ChoiceField(choices=["a", "b", "other"])
    value = serializers.CharField(required=False, allow_blank=True, default="")
    status = serializers.ChoiceField(
        choices=[*STATUS_LABELS, reconcile.LEFT_OUT], required=False, default="reported"
    )
    why = serializers.CharField(required=False, allow_blank=True, default="")


class ChoicesIn(serializers.Serializer[Any]):
    """Choices that stand all or none."""

    choices = ChoiceIn(many=True)


def _checked(check: EntryCheck) -> dict[str, Any]:
    return {
        "errors": [asdict(error) for error in check.errors],
        "doubts": [asdict(doubt) for doubt in check.doubts],
    }


class Forms(ReviewAPI):
    """The forms of the review."""

    @extend_schema(responses=ANY)
    def get(self, request: Request) -> Response:
        """List them with their questions."""
        return Response(
            [{"uid": form.uid, **asdict(forms.form_spec(form))} for form in forms.forms(self.viewer)]
        )

    @extend_schema(request=FormIn, responses={201: dict})
    def post(self, request: Request) -> Response:
        """Add a form (lead)."""
        asked = FormIn(data=request.data)
        asked.is_valid(raise_exception=True)

        def act() -> tuple[int, dict[str, Any]]:
            form = definitions.add_form(actor=self.viewer, **asked.validated_data)
            return status.HTTP_201_CREATED, {"uid": str(form.uid), "key": form.key, "name": form.name}

        return self.once(request, act)


class Assign(ReviewAPI):
    """Hand studies to pairs of extractors."""

    @extend_schema(request=AssignIn, responses={201: dict})
    def post(self, request: Request, uid: UUID) -> Response:
        """Hand them out under a form (lead)."""
        asked = AssignIn(data=request.data)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data

        def act() -> tuple[int, dict[str, Any]]:
            made = handing.assign_extraction(
                actor=self.viewer,
                form_uid=uid,
                seats=data["seats"],
                study_uids=data["studies"],
                seed=data["seed"],
            )
            told = [{"unit": str(one.uid), "study": one.study.label, "form": one.form.key} for one in made]
            return status.HTTP_201_CREATED, {"handed": told}

        return self.once(request, act)


class Entries(ReviewAPI):
    """The caller's own study forms."""

    @extend_schema(responses=ANY)
    def get(self, request: Request) -> Response:
        """List them."""
        return Response(
            [
                {"unit": one.unit, "study": one.study.label, "form": one.form.key, "state": one.state}
                for one in entries.mine(self.viewer)
            ]
        )


class OwnEntry(ReviewAPI):
    """One of the caller's own study forms."""

    @extend_schema(responses=ANY)
    def get(self, request: Request, unit: UUID) -> Response:
        """Show the draft, or the entry once it is in, with what is to be said about it."""
        work = entries.work(self.viewer, unit)
        if work is None:
            raise Gone("")
        check = services.check(actor=self.viewer, unit=unit, payload=work.payload, complete=False)
        return Response(
            {
                "unit": unit,
                "study": work.study.label,
                "form": work.form.uid,
                "state": work.state,
                "version": work.version,
                "payload": work.payload,
                "reports": [{"uid": report.uid, "title": report.title} for report in work.reports],
                **_checked(check),
            }
        )

    @extend_schema(request=DraftIn, responses=ANY)
    def put(self, request: Request, unit: UUID) -> Response:
        """Keep a draft; 409 when another window of the caller saved in between."""
        asked = DraftIn(data=request.data)
        asked.is_valid(raise_exception=True)
        draft = services.save_draft(actor=self.viewer, unit=unit, **asked.validated_data)
        check = services.check(actor=self.viewer, unit=unit, payload=draft.payload, complete=False)
        return Response({"unit": unit, "version": draft.version, **_checked(check)})

    @extend_schema(request=SubmitIn, responses=ANY)
    def post(self, request: Request, unit: UUID) -> Response:
        """Submit the entry; 400 with every error where it cannot be taken."""
        asked = SubmitIn(data=request.data)
        asked.is_valid(raise_exception=True)

        def act() -> tuple[int, dict[str, Any]]:
            entry = services.submit(actor=self.viewer, unit=unit, payload=asked.validated_data["payload"])
            return status.HTTP_200_OK, {"unit": str(unit), "entry": str(entry.uid), "version": entry.version}

        try:
            return self.once(request, act)
        except EntryRefused as refused:
            body = {"detail": refused.message, "field": refused.field, **_checked(refused.check)}
            return Response(body, status=status.HTTP_400_BAD_REQUEST)


class Pairs(ReviewAPI):
    """Pairs of entries that are open to the caller."""

    @extend_schema(responses=ANY)
    def get(self, request: Request) -> Response:
        """List them."""
        return Response(
            [
                {
                    "unit": one.unit,
                    "study": one.study.label,
                    "form": one.form.key,
                    "reconciled": one.is_reconciled,
                }
                for one in pairs.pairs(self.viewer)
            ]
        )


class Pair(ReviewAPI):
    """Two entries side by side."""

    @extend_schema(responses=ANY)
    def get(self, request: Request, unit: UUID) -> Response:
        """Show the comparison field by field; A and B are drawn for each study form."""
        found = pairs.pair(self.viewer, unit)
        if found is None:
            raise Gone("")
        return Response(
            {
                "unit": unit,
                "study": found.study.label,
                "reconciled": found.is_reconciled,
                "differences": len(found.differences),
                "settled": found.settled,
                "rows": [
                    {
                        "group": row.group,
                        "row_key": row.row_key,
                        "label": row.label,
                        "fields": [_compared(found, row, field) for field in row.fields],
                    }
                    for row in found.comparison.rows
                ],
            }
        )

    @extend_schema(request=ChoicesIn, responses=ANY)
    def post(self, request: Request, unit: UUID) -> Response:
        """Choose what stands; all choices or none."""
        asked = ChoicesIn(data=request.data)
        asked.is_valid(raise_exception=True)
        choices = [reconcile.Choice(**one) for one in asked.validated_data["choices"]]

        def act() -> tuple[int, dict[str, Any]]:
            made = reconcile.choose(actor=self.viewer, unit=unit, choices=choices)
            return status.HTTP_200_OK, {"unit": str(unit), "finals": len(made)}

        return self.once(request, act)


def _compared(found: pairs.Pair, row: Any, field: Any) -> dict[str, Any]:
    final = found.chosen.get(pairs.place_of(row, field))
    return {
        "field": field.field,
        "relation": field.relation,
        "agreed": field.agreed,
        "words": field.words,
        "a": asdict(field.a) if field.a else None,
        "b": asdict(field.b) if field.b else None,
        "final": {"value": final.canonical, "status": final.status, "origin": final.origin}
        if final
        else None,
    }


class Complete(ReviewAPI):
    """Complete a pair."""

    @extend_schema(request=None, responses=ANY)
    def post(self, request: Request, unit: UUID) -> Response:
        """Make finals of what both agree on and release the study form to the review."""

        def act() -> tuple[int, dict[str, Any]]:
            reconcile.complete(actor=self.viewer, unit=unit)
            return status.HTTP_200_OK, {"unit": str(unit), "reconciled": True}

        return self.once(request, act)


class Finals(ReviewAPI):
    """Final values of reconciled studies."""

    @extend_schema(responses=ANY)
    def get(self, request: Request) -> Response:
        """List them."""
        return Response(
            [
                {
                    "uid": one.final.uid,
                    "study": one.study_form.study.uid,
                    "form": one.study_form.form.key,
                    "group": one.final.group,
                    "row": one.final.row,
                    "field": one.final.field,
                    "as_printed": one.final.as_printed,
                    "value": one.final.canonical,
                    "unit": one.final.unit_text,
                    "status": one.final.status,
                    "origin": one.final.origin,
                    "why": one.final.why,
                }
                for one in listing.finals(self.viewer)
            ]
        )


class Data(ReviewAPI):
    """The dataset that synthesis reads."""

    @extend_schema(responses=ANY)
    def get(self, request: Request) -> Response:
        """Return every reconciled study as typed rows, and the included studies without values."""
        return Response(asdict(dataset.dataset(self.viewer)))


urlpatterns = [
    path("r/<uuid:review>/forms/", Forms.as_view(), name="api_forms"),
    path("r/<uuid:review>/forms/<uuid:uid>/assign/", Assign.as_view(), name="api_assign_extraction"),
    path("r/<uuid:review>/entries/", Entries.as_view(), name="api_entries"),
    path("r/<uuid:review>/entries/<uuid:unit>/", OwnEntry.as_view(), name="api_entry"),
    path("r/<uuid:review>/entry-pairs/", Pairs.as_view(), name="api_entry_pairs"),
    path("r/<uuid:review>/entry-pairs/<uuid:unit>/", Pair.as_view(), name="api_entry_pair"),
    path("r/<uuid:review>/entry-pairs/<uuid:unit>/complete/", Complete.as_view(), name="api_complete"),
    path("r/<uuid:review>/finals/", Finals.as_view(), name="api_finals"),
    path("r/<uuid:review>/dataset/", Data.as_view(), name="api_dataset"),
]
