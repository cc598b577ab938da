"""Statistics as a page that opens offline: plots, and the numbers of each as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from src.dataset.pages import (
    Bin,
    Mark,
    Section,
    Tile,
    bars_svg,
    figure,
    grid,
    histogram_svg,
    note,
    page,
    table,
    tiles,
)
from src.dataset.pages.parts import Cell
from src.dataset.pages.texts import number, percent
from src.dataset.statistics.results import NotComputed, Outliers, Part, Spread, Statistics
from src.dataset.statistics.showing.web_parts import (
    cost_section,
    coverage_section,
    group_figures,
    group_tables,
    roles_section,
    vocabulary_section,
)

_MOST_PARTS = 200
_STRIP_WORDS = (
    "The line reaches from the 5th to the 95th percentile, the box holds the middle half, the tick the median."
)


def statistics_page(statistics: Statistics, name: str, subtitle: str = "") -> str:
    """The HTML page about the dataset of this name; `subtitle` says what it is for, or when it was made."""
    return page(f"Statistics of {name}", list(_sections(statistics)), subtitle)


def _sections(s: Statistics) -> Iterator[Section]:
    yield Section("At a glance", [_glance(s)])
    yield Section("Lengths", [grid(_lengths(s), _turns(s)), _percentiles(s)], f"Tokens: {s.token_exactness}.")
    yield Section("Outliers", _outliers(s), f"{s.token_outliers.rule}.")
    yield Section("Composition", [_composition(s)])
    yield Section("Lengths by group", [grid(*group_figures(s.groups)), *group_tables(s.groups)], _STRIP_WORDS)
    yield Section("Roles and languages", [roles_section(s.roles), _languages(s)])
    yield Section(
        "Vocabulary", [vocabulary_section(s.vocabulary)], "Words of user and assistant; pairs and triples too."
    )
    yield Section("Source coverage", coverage_section(s.coverage), "Which documents and places gave no sample.")
    yield Section("Training cost", [cost_section(s.cost)])


def _glance(s: Statistics) -> Markup:
    outliers = s.token_outliers.below + s.token_outliers.above
    items = [
        Tile("Samples", number(s.samples)),
        Tile("Tokens", number(s.total_tokens), s.token_exactness),
        Tile("Median length", f"{number(s.tokens.median)} tokens", f"95 % have at most {number(s.tokens.p95)}"),
        Tile("Turns", number(s.turn_spread.mean), f"{number(s.turn_spread.min)} to {number(s.turn_spread.max)}"),
        Tile("Sources", number(len(s.by_source))),
        Tile("Length outliers", number(outliers), tone="warning" if outliers else "good"),
        _repeats_tile(s),
    ]
    if not isinstance(s.near_duplicates, NotComputed):
        items.append(Tile("Near-duplicates", number(s.near_duplicates)))
    if not isinstance(s.coverage, NotComputed):
        unused, places = s.coverage.unused_places, s.coverage.places
        items.append(Tile("Places without samples", number(unused), f"of {number(places)}"))
    if not isinstance(s.cost, NotComputed) and s.cost.usd is not None:
        items.append(Tile("Training cost", f"${s.cost.usd:,.2f}", f"{s.cost.model}, {s.cost.epochs} epochs"))
    return tiles(items)


def _repeats_tile(s: Statistics) -> Tile:
    if isinstance(s.duplicates, NotComputed):
        return Tile("Exact duplicates", "–", f"not computed: {s.duplicates.reason}")
    repeats = s.duplicates.repeats
    return Tile("Exact duplicates", number(repeats), percent(s.duplicates.share), "warning" if repeats else "good")


def _lengths(s: Statistics) -> Markup:
    bins = [Bin(*part) for part in s.token_histogram]
    marks = [Mark("median", s.tokens.median), Mark("95 %", s.tokens.p95)] if bins else []
    if s.token_outliers.above:
        marks.append(Mark("fence", s.token_outliers.high))
    rows = [(f"{number(b.start)} to {number(b.end - 1)}", b.amount) for b in bins]
    plot = histogram_svg(bins, "Samples by token length", "tokens in a sample", marks)
    return figure(plot, "Samples by token length", table(("tokens", "samples"), rows))


def _turns(s: Statistics) -> Markup:
    turns = {f"{turns} turn{'s' if turns != 1 else ''}": samples for turns, samples in s.turns.items()}
    data = table(("turns", "samples"), list(turns.items())[:_MOST_PARTS])
    plot = bars_svg(turns, "Samples by turns", most=8, total=s.samples, by_size=False)
    return figure(plot, "Samples by number of user and assistant messages", data)


def _percentiles(s: Statistics) -> Markup:
    headers = ("", "least", "1 %", "5 %", "25 %", "median", "mean", "75 %", "90 %", "95 %", "99 %", "most")
    rows: list[Sequence[Cell]] = [("tokens", *_row(s.tokens)), ("turns", *_row(s.turn_spread))]
    return table(headers, rows, "Percentiles")


def _row(one: Spread) -> tuple[float, ...]:
    return one.min, one.p1, one.p5, one.p25, one.median, one.mean, one.p75, one.p90, one.p95, one.p99, one.max


def _outliers(s: Statistics) -> list[Markup]:
    return [_outliers_by("tokens", s.token_outliers), _outliers_by("turns", s.turn_outliers)]


def _outliers_by(unit: str, found: Outliers) -> Markup:
    if not found.below and not found.above:
        return note(f"No sample lies outside {found.low:,.1f} to {found.high:,.1f} {unit}.", "good")
    rows: list[Sequence[Cell]] = [(one.sample_id, one.value, "below") for one in found.shortest]
    rows += [(one.sample_id, one.value, "above") for one in found.longest]
    told = note(
        f"{found.below:,} samples have fewer than {found.low:,.1f} {unit}, {found.above:,} more than {found.high:,.1f}."
        + ("" if len(rows) == found.below + found.above else f" The {len(rows)} most extreme ones are named."),
        "warning",
    )
    return told + (table(("sample", unit, "fence"), rows, f"Outliers by {unit}") if rows else Markup(""))


def _composition(s: Statistics) -> Markup:
    by = {"split": s.by_split, "method": s.by_method, "source file": s.by_source, "topic": s.by_keyword}
    # A sample has several topics: their shares would be of no whole.
    figures = grid(*[_parts_figure(name, parts, 0 if name == "topic" else s.samples) for name, parts in by.items()])
    if not s.rarer_keywords.samples:
        return figures
    rarer = s.groups["keyword"].parts - len(s.by_keyword)
    return figures + note(f"{rarer:,} rarer topics, {s.rarer_keywords.samples:,} samples together, are not listed.")


def _languages(s: Statistics) -> Markup:
    if isinstance(s.languages, NotComputed):
        return note(f"Languages: not computed: {s.languages.reason}")
    return grid(_parts_figure("language", s.languages, s.samples))


def _parts_figure(name: str, parts: Mapping[str, Part], total: int) -> Markup:
    caption = f"Samples by {name}"
    rows = [(part, one.samples, one.tokens) for part, one in list(parts.items())[:_MOST_PARTS]]
    of_table = f"The {_MOST_PARTS} largest of {len(parts):,}" if len(parts) > _MOST_PARTS else ""
    plot = bars_svg({part: one.samples for part, one in parts.items()}, caption, most=10, total=total)
    return figure(plot, caption, table((name, "samples", "tokens"), rows, of_table))
