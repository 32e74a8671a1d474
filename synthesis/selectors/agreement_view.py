"""Agreement as pages, exports and the API show it: the raw table first, then every number or the words for none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviewapp.gate import Viewer
from reviewapp.models.decisions import Verdict
from reviewapp.models.reviews import ExclusionReason, Stage
from reviewapp.models.rounds import Round
from reviewapp.models.seats import Seat
from synthesis.pure.agreement import collapse
from synthesis.pure.numerals import fixed, percent
from synthesis.selectors import agreement
from synthesis.selectors.freezing import fingerprint
from synthesis.selectors.snapshots import AGREEMENT, Stored, stored_many

JOINED = {"maybe": "include"}
"""Maybe sends a record on like include, so it counts as include where two answers are compared."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A table with its margins, as text for a page: a's answers in rows, b's in columns."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...], int], ...]
    foot: tuple[int, ...]
    n: int


@dataclass(frozen=True, slots=True)
class Number:
    """One coefficient: its value and interval as text, or the words why there is none."""

    name: str
    value: str
    interval: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class PairView:
    """One pair of seats. ``three`` is there only where somebody answered maybe; ``numbers`` is empty until computed."""

    a: str
    b: str
    raw: Raw
    three: Raw | None
    numbers: tuple[Number, ...]
    reasons: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A released round, or a stage with its rounds in ``rounds``."""

    key: str
    stage: str
    title: str
    size: int
    n: int
    pairs: tuple[PairView, ...]
    together: tuple[Number, ...]
    stored: Stored | None
    sentence: str = ""
    rounds: tuple[Part, ...] = ()

    @property
    def computed(self) -> bool:
        """Tell whether the numbers are those of the tables as they are now."""
        return self.stored is not None and self.stored.fresh

    @property
    def alone(self) -> int:
        """Return how many things have no two independent answers, and so are in no table."""
        return self.size - self.n


def content(tables: agreement.RoundTables) -> dict[str, Any]:
    """Return what a result depends on, as JSON: stage, rounds, size and every table."""
    return {
        "stage": tables.stage,
        "numbers": tables.numbers,
        "size": tables.size,
        "pairs": [
            {
                "a": str(pair.a),
                "b": str(pair.b),
                "table": pair.table,
                "reasons": sorted([*both, n] for both, n in pair.reasons.items()),
            }
            for pair in tables.pairs
        ],
    }


def stages(viewer: Viewer) -> list[Part]:
    """Return the agreement of every stage that has a released round, with its rounds; six queries."""
    rounds = agreement.tables(viewer)
    added = agreement.by_stage(rounds)
    stored = stored_many(viewer, AGREEMENT, {one.uid: fingerprint(content(one)) for one in [*added, *rounds]})
    names = seat_names(viewer)
    reasons = ExclusionReason.objects.filter(review_id=viewer.review_id).values_list("uid", "label")
    labels = {str(uid): label for uid, label in reasons}
    found = []
    for one in added:
        mine = [
            _part(each, stored.get(each.uid), names, labels) for each in rounds if each.stage == one.stage
        ]
        found.append(_part(one, stored.get(one.uid), names, labels, tuple(mine)))
    return found


def seat_names(viewer: Viewer) -> dict[str, str]:
    """Return the names of the review's seats by uid, departed people included."""
    seats = Seat.objects.filter(review_id=viewer.review_id).values_list("uid", "name")
    return {str(uid): name for uid, name in seats}


def open_rounds(viewer: Viewer) -> int:
    """Return how many rounds are not released: everyone may know that, and nothing more of them."""
    return Round.objects.filter(review_id=viewer.review_id, closed_at__isnull=True).count()


def _part(
    tables: agreement.RoundTables,
    stored: Stored | None,
    names: Mapping[str, str],
    labels: Mapping[str, str],
    rounds: tuple[Part, ...] = (),
) -> Part:
    result = stored.result if stored is not None and stored.fresh else None
    by_pair = {(pair["a"], pair["b"]): pair for pair in result["pairs"]} if result else {}
    pairs = tuple(
        _pair(pair, tables.categories, by_pair.get((str(pair.a), str(pair.b))), names, labels)
        for pair in tables.pairs
    )
    together = _together(result["together"]) if result else ()
    if len(pairs) == 1 and pairs[0].numbers:
        pairs = (replace(pairs[0], numbers=(*pairs[0].numbers, together[-1])),)
    title = str(Stage(tables.stage).label)
    if not rounds:
        title = _("Round %(n)d") % {"n": tables.numbers[0]}
    elif len(tables.numbers) > 1:
        title = _("%(stage)s, rounds %(list)s") % {"stage": title, "list": _listed(tables.numbers)}
    return Part(
        key=tables.uid,
        stage=tables.stage,
        title=title,
        size=tables.size,
        n=sum(pair.n for pair in tables.pairs),
        pairs=pairs,
        together=together,
        stored=stored,
        sentence=sentence(result) if result else "",
        rounds=rounds,
    )


def _listed(numbers: Sequence[int]) -> str:
    return f"{numbers[0]}–{numbers[-1]}" if len(numbers) > 2 else " and ".join(map(str, numbers))


def _pair(
    pair: agreement.PairTable,
    categories: tuple[str, ...],
    result: dict[str, Any] | None,
    names: Mapping[str, str],
    labels: Mapping[str, str],
) -> PairView:
    table, merged = collapse(pair.table, categories, JOINED)
    with_maybe = "maybe" in categories and any(
        pair.table[1][k] or pair.table[k][1] for k in range(len(categories))
    )
    heads = {name: str(Verdict(name).label) for name in categories}
    two = heads | ({"include": _("Include or maybe")} if with_maybe else {})
    return PairView(
        a=names.get(str(pair.a), "?"),
        b=names.get(str(pair.b), "?"),
        raw=_raw(table, [two[name] for name in merged]),
        three=_raw(pair.table, [heads[name] for name in categories]) if with_maybe else None,
        numbers=_numbers(result, with_maybe=with_maybe) if result else (),
        reasons=_reasons(result.get("reasons"), labels) if result else "",
    )


def _raw(table: Sequence[Sequence[int]], heads: Sequence[str]) -> Raw:
    rows = tuple((head, tuple(row), sum(row)) for head, row in zip(heads, table, strict=True))
    foot = tuple(sum(row[k] for row in table) for k in range(len(heads)))
    return Raw(tuple(heads), rows, foot, sum(foot))


def _numbers(result: dict[str, Any], *, with_maybe: bool) -> tuple[Number, ...]:
    found = result["advancing"]
    notes = found["notes"]
    agreed = sum(row[index] for index, row in enumerate(found["table"]))
    rows = [
        _share(_("Raw agreement"), found["percent"], notes.get("percent"), agreed, found["n"]),
        _coefficient(_("Cohen’s kappa"), found["kappa"], notes.get("kappa")),
        _coefficient(_("PABAK"), found["pabak"], notes.get("pabak")),
        _coefficient(_("Gwet’s AC1"), found["ac1"], notes.get("ac1")),
        _plain(_("Agreement on inclusion"), found["positive"], notes.get("positive")),
        _plain(_("Agreement on exclusion"), found["negative"], notes.get("negative")),
    ]
    three = result.get("answers")
    if with_maybe and three:
        shown = three["kappa_linear"], three["notes"].get("kappa_linear")
        rows.append(_coefficient(_("Kappa with maybe as a middle answer, linear weights"), *shown))
    return tuple(rows)


def _together(found: dict[str, Any]) -> tuple[Number, ...]:
    notes = found["notes"]
    alpha = _coefficient(
        _("Krippendorff’s alpha"), {"value": found["alpha"]["value"], "ci": None}, notes.get("alpha")
    )
    return (
        _share(_("Raw agreement"), found["percent"], notes.get("percent"), found["agreed"], found["n"]),
        _coefficient(_("PABAK"), found["pabak"], notes.get("pabak")),
        _coefficient(_("Gwet’s AC1"), found["ac1"], notes.get("ac1")),
        alpha,
    )


def _share(name: str, found: dict[str, Any], note: str | None, agreed: int, n: int) -> Number:
    if found["value"] is None:
        return Number(name, "", words=note or _("Nothing was judged by both."))
    low, high = found["ci"]
    value = _("%(agreed)d of %(n)d, %(percent)s") % {
        "agreed": agreed,
        "n": n,
        "percent": percent(found["value"]),
    }
    return Number(name, value, f"{fixed(100 * low, 1)} to {percent(high)}")


def _coefficient(name: str, found: dict[str, Any] | None, note: str | None) -> Number:
    if found is None or found["value"] is None:
        return Number(name, "", words=note or _("Not defined."))
    interval = " to ".join(fixed(limit, 2) for limit in found["ci"]) if found["ci"] else ""
    return Number(name, fixed(found["value"], 2), interval, note or "")


def _plain(name: str, value: float | None, note: str | None) -> Number:
    if value is None:
        return Number(name, "", words=note or _("Not defined."))
    return Number(name, percent(value))


def _reasons(found: dict[str, Any] | None, labels: Mapping[str, str]) -> str:
    """Say how far two reviewers gave the same reason for what both excluded."""
    if not found:
        return ""
    said = _("Of %(n)d that both excluded, they gave the same reason for %(agreed)d") % found
    numbers = found["numbers"]
    if numbers is None:
        only = labels.get(found["categories"][0], "?")
        return said + _(": “%(reason)s” throughout, so kappa is not defined.") % {"reason": only}
    kappa = numbers["kappa"]
    if kappa["value"] is None:
        return f"{said}. {numbers['notes'].get('kappa', '')}"
    limits = f" ({' to '.join(fixed(limit, 2) for limit in kappa['ci'])})" if kappa["ci"] else ""
    return said + _("; kappa %(kappa)s%(limits)s.") % {"kappa": fixed(kappa["value"], 2), "limits": limits}


def sentence(result: dict[str, Any]) -> str:
    """Return the sentence on agreement for the methods section, from one stored result."""
    together, pairs = result["together"], result["pairs"]
    if not together["n"]:
        return _("No record was judged by two reviewers independently.")
    things = (
        ngettext("%d record", "%d records", together["n"])
        if result["stage"] == Stage.TITLE_ABSTRACT
        else ngettext("%d study", "%d studies", together["n"])
    ) % together["n"]
    where = _("titles and abstracts") if result["stage"] == Stage.TITLE_ABSTRACT else _("full texts")
    share = _share("", together["percent"], None, together["agreed"], together["n"])
    said = _(
        "At %(where)s two reviewers independently judged %(things)s and agreed on %(share)s (95 %% interval %(ci)s)"
    )
    text = said % {"where": where, "things": things, "share": share.value, "ci": share.interval}
    parts, tail = [], []
    if len(pairs) == 1:
        found = pairs[0]["advancing"]
        kappa = _coefficient("", found["kappa"], found["notes"].get("kappa"))
        limits = f" ({kappa.interval})" if kappa.interval else ""
        parts.append(_("Cohen’s kappa %(value)s") % {"value": kappa.value + limits} if kappa.value else "")
        tail += [kappa.words] if kappa.words and not kappa.interval else []
    elif together["alpha"]["value"] is not None:
        alpha = fixed(together["alpha"]["value"], 2)
        parts.append(_("Krippendorff’s alpha over %(k)d pairs %(alpha)s") % {"k": len(pairs), "alpha": alpha})
    for name, key in ((_("PABAK"), "pabak"), (_("AC1"), "ac1")):
        if together[key]["value"] is not None:
            parts.append(f"{name} {fixed(together[key]['value'], 2)}")
    text += f": {', '.join(part for part in parts if part)}." if any(parts) else "."
    tail.append(_("Counted is the last vote that each cast before any answer was released."))
    if result["stage"] == Stage.TITLE_ABSTRACT:
        tail.append(_("Maybe counts as include."))
    return " ".join([text, *tail])
