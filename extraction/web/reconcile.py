"""Reconcile a pair: only the differences by default; A, B or another value for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from extraction.models.definitions import Form
from extraction.pure.cells import STATUS_LABELS
from extraction.pure.compare import FieldComparison, RowComparison
from extraction.pure.fields import ARMS_GROUP, Field, FieldType
from extraction.selectors import entries, pairs
from extraction.services import reconcile as services
from extraction.services.reconcile import LEFT_OUT, Choice
from extraction.web import forms
from reviewapp.selectors import studies
from reviewapp.services.refusals import Gone, NotAllowed, Refused
from reviewapp.web.base import ReviewView

EQUAL = {"equivalent", "within_rounding"}


@dataclass(frozen=True, slots=True)
class Side:
    """What one entry holds in a field, and where it was read."""

    text: str
    has: bool
    page: str
    quote: str


@dataclass(frozen=True, slots=True)
class Line:
    """One field of the comparison as the page shows it; ``name`` is the middle of its input names."""

    name: str
    id: str
    asked: Field
    row: str
    group: str
    a: Side
    b: Side
    words: str
    relation: str
    agreed: bool
    origin: str
    final: str
    why: str
    typed: str
    typed_why: str
    options: str


@dataclass(frozen=True, slots=True)
class Block:
    """A row of the comparison with its lines; ``lone`` names the only side that has the row."""

    label: str
    group: str
    name: str
    lines: tuple[Line, ...]
    lone: str

    @property
    def stands(self) -> str:
        """Say what was settled for a row that only one entry has; empty while a field is open."""
        if any(not line.final for line in self.lines):
            return ""
        left_out = sum(line.final == _("left out") for line in self.lines)
        if left_out == len(self.lines):
            return _("It is left out.")
        return _("It is taken.") if not left_out else _("It is taken in part.")


class Pairs:
    """Turns a pair into lines."""

    def __init__(self, pair: pairs.Pair, posted: Any = None) -> None:
        self.pair = pair
        self.posted = posted or {}
        self.arms = {
            row.row_key: row.label.partition(" · ")[0]
            for row in pair.comparison.rows
            if row.group == ARMS_GROUP
        }

    def blocks(self) -> list[Block]:
        """Return every row with its fields."""
        made = []
        for row in self.pair.comparison.rows:
            group = self.pair.spec.group(row.group)
            if group is None:
                continue
            lone = "A" if row.row_b is None else "B" if row.row_a is None else ""
            lines = tuple(self._line(row, one) for one in row.fields)
            label = row.label if group.repeats else ""
            made.append(Block(label, group.label, f"{row.group}:{row.row_key}", lines, lone))
        return made

    def _line(self, row: RowComparison, one: FieldComparison) -> Line:
        group = self.pair.spec.group(row.group)
        asked = group.field(one.field) if group else None
        assert asked is not None
        place = pairs.place_of(row, one)
        final, name = self.pair.chosen.get(place), ":".join(place)
        posted = self.posted.get(f"f:{name}", "")
        origin = posted or (final.origin if final else "")
        is_other = final is not None and final.origin == "other"
        typed = self.posted.get(f"v:{name}", "") or (_typed(final) if is_other else "")
        return Line(
            name=name,
            id="-".join(place),
            asked=asked,
            row=row.label,
            group=group.label if group else "",
            a=self._side(asked, one.canonical_a, one.a, self.pair.values_a.get(place)),
            b=self._side(asked, one.canonical_b, one.b, self.pair.values_b.get(place)),
            words=one.words,
            relation=one.relation,
            agreed=one.agreed,
            origin=origin if origin in {"a", "b", "other"} else "",
            final=self._final(asked, final),
            why=final.why if final else "",
            typed=typed,
            typed_why=self.posted.get(f"w:{name}", "") or (final.why if final else ""),
            options=self._options(asked, typed),
        )

    def _options(self, asked: Field, typed: str) -> str:
        if asked.type is FieldType.ARM:
            return forms.options(tuple(self.arms.items()), typed)
        if asked.options:
            return forms.options(tuple((one.value, one.label) for one in asked.options), typed)
        return ""

    def _words(self, asked: Field, canonical: str) -> str:
        return (
            self.arms.get(canonical, canonical) if asked.type is FieldType.ARM else asked.label_of(canonical)
        )

    def _side(self, asked: Field, canonical: str | None, cell: Any, value: Any) -> Side:
        if cell is None:
            return Side(_("no answer"), False, "", "")
        text = STATUS_LABELS[cell.status] if canonical is None else self._words(asked, canonical)
        if canonical is not None and asked.type in forms.NUMERIC | {FieldType.P_VALUE, FieldType.TEXT}:
            text = cell.as_printed
        return Side(text, True, value.page if value else "", value.quote if value else "")

    def _final(self, asked: Field, final: Any) -> str:
        if final is None:
            return ""
        if final.status == LEFT_OUT:
            return _("left out")
        if not final.canonical:
            return STATUS_LABELS.get(final.status, final.status)
        return self._words(asked, final.canonical)


def _typed(final: Any) -> str:
    if final.canonical:
        return str(final.as_printed)
    return forms.code_of(final.status)


class Reconcile(ReviewView):
    """Two entries of one study form, open to the viewer."""

    step = "extraction"

    def get(self, request: HttpRequest, unit: UUID) -> HttpResponse:
        """Show the differences, or every field."""
        return self._show(self._pair(unit), everything=bool(request.GET.get("all")))

    def post(self, request: HttpRequest, unit: UUID) -> HttpResponse:
        """Store what was chosen; complete when asked to."""
        pair = self._pair(unit)
        try:
            made = services.choose(actor=self.viewer, unit=unit, choices=_choices(pair, request))
            if request.POST.get("complete"):
                services.complete(actor=self.viewer, unit=unit)
                self.note(_("%(study)s is reconciled.") % {"study": pair.study.label})
                return self.go("extraction")
        except (Gone, NotAllowed):
            raise
        except Refused as refused:
            return self._show(self._pair(unit), posted=request.POST, error=refused.message, status=400)
        if made:
            self.note(_("Saved: %(n)d of your choices.") % {"n": len(made)})
        return self.go("reconcile", unit)

    def _pair(self, unit: UUID) -> pairs.Pair:
        found = pairs.pair(self.viewer, unit)
        if found is None:
            raise Http404
        return found

    def _show(
        self,
        pair: pairs.Pair,
        *,
        everything: bool = False,
        posted: Any = None,
        error: str = "",
        status: int = 200,
    ) -> HttpResponse:
        blocks = Pairs(pair, posted).blocks()
        lines = [line for block in blocks for line in block.lines]
        may_settle = pair.may_settle and not pair.is_reconciled
        context = {
            "pair": pair,
            "blocks": [
                Block(block.label, block.group, block.name, kept, block.lone)
                for block in blocks
                if (kept := tuple(line for line in block.lines if not line.agreed))
            ],
            "equal": [line for line in lines if line.agreed and line.relation in EQUAL],
            "all_blocks": blocks if everything or pair.is_reconciled else [],
            "everything": everything,
            "counts": {
                "differences": len(pair.differences),
                "identical": pair.comparison.count("identical"),
                "equal": sum(line.agreed and line.relation in EQUAL for line in lines),
                "total": pair.total,
            },
            "may_settle": may_settle,
            "error": error,
            "is_appraisal": pair.form.kind == Form.Kind.APPRAISAL,
            "reports": entries.reports(self.viewer, pair.study_form.study_id),
            "documents": studies.documents(self.viewer, pair.study),
        }
        return self.page("extraction/reconcile.html", context, status)


def _choices(pair: pairs.Pair, request: HttpRequest) -> list[Choice]:
    """What was chosen field by field, and whole rows taken from one side."""
    side, _colon, whole = request.POST.get("whole", "").partition(":")
    made = []
    for row, one in pair.differences:
        place = pairs.place_of(row, one)
        name = ":".join(place)
        why = request.POST.get(f"w:{name}", "")
        if whole == f"{row.group}:{row.row_key}" and side in {"a", "b"}:
            made.append(Choice(*place, origin=side, why=why))
            continue
        origin = request.POST.get(f"f:{name}", "")
        if not origin:
            continue
        text, status = (
            forms.read(request.POST.get(f"v:{name}", "")) if origin == "other" else ("", "reported")
        )
        made.append(Choice(*place, origin=origin, value=text, status=status, why=why))
    return made


urlpatterns = [
    path("r/<uuid:review>/extraction/<uuid:unit>/reconcile/", Reconcile.as_view(), name="reconcile"),
]
