"""Agreement of the reviewers as a table, computed from the votes that the viewer may see."""

from __future__ import annotations

from collections.abc import Iterator

from reviewapp.gate import Viewer
from reviewapp.pure.tables import Column, Table
from synthesis.pure.agreement import Agreement, collapse, summarise
from synthesis.pure.intervals import Interval
from synthesis.pure.raters import table_alpha
from synthesis.selectors import agreement as selectors
from synthesis.selectors.agreement_view import JOINED, seat_names

AGREEMENT = (
    Column("stage", "Stage", "text", "title_abstract or full_text"),
    Column("rounds", "Rounds", "text", "Number of the round; a range is all released rounds of the stage"),
    Column("scheme", "Answers", "text", "advancing: maybe counted as include; answers: maybe kept apart"),
    Column("a", "First reviewer", "text", "Who is counted in rows; empty for all pairs together"),
    Column("a_uid", "First seat", "uid", "Id of that seat"),
    Column("b", "Second reviewer", "text", "Who is counted in columns"),
    Column("b_uid", "Second seat", "uid", "Id of that seat"),
    Column("n", "Judged by both", "integer", "Records or studies that both judged independently"),
    Column("categories", "Categories", "text", "The answers, in the order of rows and columns of the table"),
    Column("table", "Table", "text", "Counts row by row, rows parted by /"),
    Column("percent", "Raw agreement", "decimal", "Share of equal answers, 0 to 1"),
    Column("percent_low", "Raw agreement, lower", "decimal", "Wilson, 95 %"),
    Column("percent_high", "Raw agreement, upper", "decimal", "Wilson, 95 %"),
    Column("kappa", "Cohen’s kappa", "decimal", "Empty for pairs together, and where it is not defined"),
    Column("kappa_low", "Kappa, lower", "decimal", "95 %, Fleiss, Cohen and Everitt 1969"),
    Column("kappa_high", "Kappa, upper", "decimal", "95 %"),
    Column("pabak", "PABAK", "decimal", "Prevalence- and bias-adjusted kappa"),
    Column("ac1", "Gwet’s AC1", "decimal", "AC1"),
    Column("ac1_low", "AC1, lower", "decimal", "95 %, t on n - 1"),
    Column("ac1_high", "AC1, upper", "decimal", "95 %"),
    Column("alpha", "Krippendorff’s alpha", "decimal", "Nominal"),
    Column("positive", "Agreement on inclusion", "decimal", "2a/(2a+b+c)"),
    Column("negative", "Agreement on exclusion", "decimal", "2d/(2d+b+c)"),
    Column("notes", "Notes", "text", "Why a number is missing"),
)


def agreement(viewer: Viewer) -> Table:
    """Agreement of released rounds: every pair, each round, each stage, and what may be said over all pairs."""
    return Table("agreement", "Agreement of the reviewers", AGREEMENT, _agreement(viewer))


def _agreement(viewer: Viewer) -> Iterator[list[object]]:
    rounds = selectors.tables(viewer)
    names = seat_names(viewer)
    for tables in [*rounds, *selectors.by_stage(rounds)]:
        of_stage = tables.uid == tables.stage
        number = "-".join(map(str, sorted({min(tables.numbers), max(tables.numbers)})))
        about: list[object] = [tables.stage, f"all ({number})" if of_stage else number]
        for pair in tables.pairs:
            who: list[object] = [names.get(str(pair.a), ""), pair.a, names.get(str(pair.b), ""), pair.b]
            merged, categories = collapse(pair.table, tables.categories, JOINED)
            found = summarise(merged, categories)
            yield [*about, "advancing", *who, *_numbers(found, kappa=True)]
            if "maybe" in tables.categories:
                kept = summarise(pair.table, tables.categories, ordered=True)
                yield [*about, "answers", *who, *_numbers(kept, kappa=True)]
        if len(tables.pairs) > 1:
            found = _added(tables)
            yield [*about, "advancing", None, None, None, None, *_numbers(found, kappa=False)]


def _added(tables: selectors.RoundTables) -> Agreement:
    size = range(len(tables.categories))
    added = [[sum(pair.table[i][j] for pair in tables.pairs) for j in size] for i in size]
    merged, categories = collapse(added, tables.categories, JOINED)
    return summarise(merged, categories)


def _numbers(found: Agreement, *, kappa: bool) -> list[object]:
    """The columns from n on. Over pairs together only what does not depend on who is called first."""
    notes = {key: words for key, words in found.notes.items() if kappa or key in {"percent", "pabak", "ac1"}}
    return [
        found.n,
        ", ".join(found.categories),
        " / ".join(" ".join(map(str, row)) for row in found.table) if kappa else None,
        found.percent.value,
        *_limits(found.percent.ci),
        found.kappa.value if kappa else None,
        *(_limits(found.kappa.ci) if kappa else [None, None]),
        found.pabak.value,
        found.ac1.value,
        *_limits(found.ac1.ci),
        table_alpha(found.table).value,
        found.positive,
        found.negative,
        " ".join(dict.fromkeys(notes.values())),
    ]


def _limits(ci: Interval | None) -> list[object]:
    return list(ci) if ci is not None else [None, None]
