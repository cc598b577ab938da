"""The statistics as a page that opens offline: plots, and the numbers of each as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from src.dataset.pages import (
    Bin,
    Mark,
    Section,
    Strip,
    Tile,
    bars_svg,
    figure,
    grid,
    histogram_svg,
    note,
    page,
    strips_svg,
    table,
    tiles,
)
from src.dataset.pages.parts import Cell
from src.dataset.pages.texts import number, percent
from src.dataset.statistics.results import Part, Spread
from src.web_actions.images.handling import PictureTally
from src.web_actions.making.splitting import StepLeakage
from src.web_actions.statistics.tally import Lengths, WebStatistics

_MOST_ROWS, _STRIPS, _SIZES = 200, 12, 12


def web_page(
    statistics: WebStatistics, pictures: PictureTally, leakage: StepLeakage, dropped: Mapping[str, int], name: str
) -> str:
    """The HTML page about the dataset of this name."""
    return page(f"Web actions: {name}", list(_sections(statistics, pictures, leakage, dropped)))


def _sections(
    s: WebStatistics, pictures: PictureTally, leakage: StepLeakage, dropped: Mapping[str, int]
) -> Iterator[Section]:
    yield Section("At a glance", [_glance(s, pictures)])
    kinds = {"site": s.by_site, "workflow": s.by_workflow, "action": s.by_action, "success": s.by_success}
    yield Section("Composition", [grid(*[_parts(name, parts, s.samples) for name, parts in kinds.items()])])
    yield Section("Splits", [_parts("split", s.by_split, 0), _leakage(leakage)])
    lengths = {
        "tokens in a sample": s.tokens,
        "characters in a pruned DOM": s.dom_pruned,
        "characters in a DOM as recorded": s.dom_recorded,
        "steps in a session": s.steps,
    }
    plots = [_histogram(axis, of) for axis, of in lengths.items()]
    yield Section("Lengths", [grid(*plots), _percentiles(lengths)], f"Tokens: {s.token_exactness}.")
    yield Section("Lengths by site", [_strips(s.site_tokens)])
    outliers = [part for axis, of in lengths.items() for part in _outliers(axis, of)]
    yield Section("Outliers", outliers, f"{s.tokens.outliers.rule}.")
    yield Section("Pictures", _pictures(pictures))
    yield Section("Left out", [_dropped(dropped)])


def _glance(s: WebStatistics, pictures: PictureTally) -> Markup:
    return tiles(
        [
            Tile("Samples", number(s.samples), "one for each step"),
            Tile("Sessions", number(s.sessions)),
            Tile("Sites", number(len(s.by_site))),
            Tile("Tokens", number(s.total_tokens), s.token_exactness),
            Tile("Median length", f"{number(s.tokens.spread.median)} tokens"),
            Tile("Pictures", number(pictures.kept), f"{pictures.bytes_out / 1e6:,.1f} MB"),
        ]
    )


def _parts(name: str, parts: Mapping[str, Part], total: int) -> Markup:
    rows = [(part, one.samples, one.tokens) for part, one in list(parts.items())[:_MOST_ROWS]]
    caption = f"Samples by {name}"
    plot = bars_svg({part: one.samples for part, one in parts.items()}, caption, most=10, total=total or None)
    of_table = f"The {_MOST_ROWS} largest of {len(parts):,}" if len(parts) > _MOST_ROWS else ""
    return figure(plot, caption, table((name, "samples", "tokens"), rows, of_table))


def _leakage(leakage: StepLeakage) -> Markup:
    told = (
        f"In more than one split: {leakage.sessions:,} sessions, {leakage.prompts:,} prompts (goal and DOM), "
        f"{leakage.doms:,} DOMs, {leakage.sites:,} sites."
    )
    return note(told, "good" if leakage.is_free else "bad")


def _histogram(axis: str, lengths: Lengths) -> Markup:
    bins = [Bin(*part) for part in lengths.histogram]
    marks = [Mark("median", lengths.spread.median), Mark("95 %", lengths.spread.p95)] if bins else []
    rows = [(f"{number(b.start)} to {number(b.end - 1)}", b.amount) for b in bins]
    caption = f"By {axis}"
    return figure(histogram_svg(bins, caption, axis, marks), caption, table((axis, "count"), rows))


def _percentiles(lengths: Mapping[str, Lengths]) -> Markup:
    headers = ("", "least", "5 %", "25 %", "median", "mean", "75 %", "95 %", "99 %", "most")
    rows: list[Sequence[Cell]] = [(axis, *_row(of.spread)) for axis, of in lengths.items()]
    return table(headers, rows, "Percentiles")


def _row(one: Spread) -> tuple[float, ...]:
    return one.min, one.p5, one.p25, one.median, one.mean, one.p75, one.p95, one.p99, one.max


def _strips(spreads: Mapping[str, Spread]) -> Markup:
    first = list(spreads.items())[:_STRIPS]
    strips = [Strip(name, one.p5, one.p25, one.median, one.p75, one.p95) for name, one in first]
    rows = [(name, one.p5, one.p25, one.median, one.p75, one.p95, one.max) for name, one in spreads.items()]
    caption = "Tokens of a sample, by site"
    data = table(("site", "5 %", "25 %", "median", "75 %", "95 %", "most"), rows[:_MOST_ROWS])
    return figure(strips_svg(strips, caption, "tokens in a sample"), caption, data)


def _outliers(axis: str, lengths: Lengths) -> Iterator[Markup]:
    found = lengths.outliers
    if not found.below and not found.above:
        yield note(f"Nothing lies outside {found.low:,.1f} to {found.high:,.1f} {axis}.", "good")
        return
    yield note(f"{found.below:,} have fewer than {found.low:,.1f}, {found.above:,} more than {found.high:,.1f} {axis}.")
    rows = [(one.sample_id, one.value) for one in (*found.shortest, *found.longest)]
    yield table(("sample or session", axis), rows, f"Outliers by {axis}")


def _pictures(pictures: PictureTally) -> list[Markup]:
    if not pictures.kept and not pictures.refused:
        return [note("The dataset has no pictures.")]
    smaller = percent(pictures.bytes_out / pictures.bytes_in) if pictures.bytes_in else "0 %"
    told = f"{pictures.kept:,} pictures, {pictures.bytes_out:,} bytes as WEBP: {smaller} of what they had."
    sizes = bars_svg(pictures.sizes, "Pictures by size as recorded", most=_SIZES)
    parts = [
        note(told),
        figure(bars_svg(pictures.formats, "Pictures by format as recorded"), "Pictures by format as recorded"),
        figure(
            sizes, "Pictures by size as recorded", table(("size", "pictures"), pictures.sizes.most_common(_MOST_ROWS))
        ),
    ]
    if pictures.outside:
        parts.append(note(f"In {pictures.outside:,} pictures the target lies outside of what is shown.", "warning"))
    if pictures.refused:
        rows = pictures.refused.most_common(_MOST_ROWS)
        parts.append(table(("refused because", "pictures"), rows, "Pictures that were refused"))
    return parts


def _dropped(dropped: Mapping[str, int]) -> Markup:
    if not dropped:
        return note("Nothing was left out.", "good")
    return table(("reason", "count"), list(Counter(dropped).most_common()), "Left out")
