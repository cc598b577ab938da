"""Statistics as lines for a terminal: tables and small bar charts in plain characters."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from src.dataset.statistics.results import (
    Coverage,
    Groups,
    Interval,
    NotComputed,
    Outliers,
    Part,
    Roles,
    Statistics,
    Vocabulary,
)

_BAR, _MOST_BARS, _MOST_NAMED, _INTERVALS, _NAME = 24, 10, 5, 20, 30


class _Words(str):
    """A line that may be broken between words; any other is cut."""

    __slots__ = ()


def statistics_lines(statistics: Statistics, width: int = 80) -> list[str]:
    """The lines, none longer than `width` (at least 40), of characters that can be seen: terminals obey others."""
    return [line for section in _sections(statistics) for text in section for line in _fitted(text, max(40, width))]


def _fitted(line: str, width: int) -> list[str]:
    plain = _visible(line.rstrip())
    if isinstance(line, _Words) and len(plain) > width:
        return textwrap.wrap(plain, width, subsequent_indent="    ")
    return [_cut(plain, width)]


def _sections(s: Statistics) -> Iterator[Iterator[str]]:
    yield _tokens(s)
    yield _part("Sample distribution", _by_part("split", s.by_split), [""], _by_part("method", s.by_method))
    yield _part("Source breakdown", _bars({name: part.samples for name, part in s.by_source.items()}))
    yield _part("Topics", _bars({name: part.samples for name, part in s.by_keyword.items()}), _rarer(s))
    yield _part("Turns", _bars({str(turns): samples for turns, samples in s.turns.items()}, by_size=False))
    yield _part("Token lengths by source", _spreads(s.groups["source"]))
    yield _part("Outliers", _outliers("tokens", s.token_outliers), _outliers("turns", s.turn_outliers))
    yield _part("Roles", _roles(s.roles))
    yield _part("Languages", _languages(s.languages))
    yield _part("Vocabulary", _vocabulary(s.vocabulary))
    yield _part("Duplicates", _duplicates(s))
    yield _part("Coverage of the source documents", _coverage(s.coverage))
    yield _part("Training cost", _cost(s))


def _part(title: str, *bodies: Iterable[str]) -> Iterator[str]:
    yield ""
    yield f"{title}:"
    for body in bodies:
        yield from body


def _tokens(s: Statistics) -> Iterator[str]:
    t = s.tokens
    yield f"Tokens ({s.token_exactness}):"
    yield from _table(
        ("total", "least", "mean", "median", "90 %", "99 %", "most"),
        [(s.total_tokens, t.min, t.mean, t.median, t.p90, t.p99, t.max)],
    )
    yield ""
    yield from _bars({_range(part): part.samples for part in _fewer(s.token_histogram)}, by_size=False, most=_INTERVALS)


def _by_part(kind: str, parts: Mapping[str, Part]) -> Iterator[str]:
    yield from _table((kind, "samples", "tokens"), [(n, p.samples, p.tokens) for n, p in parts.items()])


def _spreads(groups: Groups) -> Iterator[str]:
    rows = [
        (
            _cut(name, _NAME),
            g.samples,
            g.token_spread.p5,
            g.token_spread.median,
            g.token_spread.p95,
            g.token_spread.max,
            g.outliers,
        )
        for name, g in list(groups.largest.items())[:_MOST_BARS]
    ]
    yield from _table(("source", "samples", "5 %", "median", "95 %", "most", "outliers"), rows)
    if groups.parts > len(rows):
        yield _Words(f"  ({groups.parts - len(rows):,} more)")


def _outliers(unit: str, found: Outliers) -> Iterator[str]:
    if not found.below and not found.above:
        yield _Words(f"  {unit}: none outside {found.low:,.0f} to {found.high:,.0f}")
        return
    yield _Words(f"  {unit}: {found.below:,} below {found.low:,.1f}, {found.above:,} above {found.high:,.1f}")
    for sample_id, value in [*found.shortest[:_MOST_NAMED], *found.longest[:_MOST_NAMED]]:
        yield _Words(f"    {sample_id}  {value:,}")


def _roles(roles: Roles | NotComputed) -> Iterator[str]:
    if isinstance(roles, NotComputed):
        yield from _not_computed(roles)
        return
    yield from _table(
        ("role", "messages", "characters", "tokens", "median", "95 %"),
        [
            (name, r.messages, r.characters, r.tokens, r.token_spread.median, r.token_spread.p95)
            for name, r in roles.by_role.items()
        ],
    )
    yield _Words(f"  (tokens: {roles.counted})")


def _languages(languages: Mapping[str, Part] | NotComputed) -> Iterator[str]:
    if isinstance(languages, NotComputed):
        yield from _not_computed(languages)
    else:
        yield from _bars({name: part.samples for name, part in languages.items()})


def _vocabulary(words: Vocabulary | NotComputed) -> Iterator[str]:
    if isinstance(words, NotComputed):
        yield from _not_computed(words)
        return
    about = f" (+- {100 * words.error:.1f} %)" if words.error else ""
    yield _Words(f"  {words.words:,} words, {words.distinct_words:,} different ones{about}")
    yield _Words(
        f"  different among all: words {words.distinct_1:.4f}, pairs {words.distinct_2:.4f}, "
        f"triples {words.distinct_3:.4f}"
    )
    if words.type_token_ratio is not None:
        yield _Words(f"  different in {words.window:,} words in a row: {words.type_token_ratio:.3f}")
    yield from _bars(dict(words.top_words))


def _duplicates(s: Statistics) -> Iterator[str]:
    if isinstance(s.duplicates, NotComputed):
        yield from _not_computed(s.duplicates)
    else:
        yield _Words(f"  {s.duplicates.repeats:,} samples repeat an earlier one ({100 * s.duplicates.share:.2f} %)")
    if isinstance(s.near_duplicates, NotComputed):
        yield _Words(f"  near-duplicates: not computed: {s.near_duplicates.reason}")
    else:
        yield _Words(f"  {s.near_duplicates:,} samples are nearly an earlier one")


def _coverage(found: Coverage | NotComputed) -> Iterator[str]:
    if isinstance(found, NotComputed):
        yield from _not_computed(found)
        return
    yield _Words(
        f"  {found.documents_read:,} documents, {found.documents_without_samples:,} without samples; "
        f"{found.unused_places:,} of {found.places:,} places gave none"
    )
    yield _Words(
        f"  {100 * found.spans:.1f} % of the text stands in samples, {100 * found.passages:.1f} % in their passages"
    )
    rows = [
        (_cut(one.source_file, _NAME), one.samples, f"{100 * one.spans:.1f} %", _cut(", ".join(one.unused), 60))
        for one in found.documents[:_MOST_BARS]
    ]
    yield from _table(("least covered", "samples", "in samples", "places without samples"), rows)
    for source, reason in list(found.not_computed.items())[:_MOST_BARS]:
        yield _Words(f"  {source}: not computed: {reason}")


def _cost(s: Statistics) -> Iterator[str]:
    if isinstance(s.cost, NotComputed):
        yield from _not_computed(s.cost)
        return
    usd = "unknown" if s.cost.usd is None else f"{s.cost.usd:,.2f} USD"
    yield _Words(f"  {s.cost.provider} / {s.cost.model}: {usd} for {s.cost.epochs} epochs of {s.cost.tokens:,} tokens")
    if s.cost.note:
        yield _Words(f"  ({s.cost.note})")


def _not_computed(reason: NotComputed) -> Iterator[str]:
    yield _Words(f"  not computed: {reason.reason}")


def _bars(counts: Mapping[str, int], by_size: bool = True, most: int = _MOST_BARS) -> Iterator[str]:
    """A bar for each count, the largest first or in the order given; what is beyond `most` in one line."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0])) if by_size else list(counts.items())
    width = min(36, max((len(name) for name, _ in ordered[:most]), default=0))
    largest = max(counts.values(), default=1) or 1
    for name, count in ordered[:most]:
        bar = "#" * max(min(count, 1), round(_BAR * count / largest))
        yield f"  {_cut(name, width).ljust(width)}  {bar.ljust(_BAR)} {count:>6,}"
    if len(ordered) > most:
        yield _Words(f"  ({len(ordered) - most:,} more, {sum(count for _, count in ordered[most:]):,} together)")


def _rarer(s: Statistics) -> Iterator[str]:
    if s.rarer_keywords.samples:
        rarer = s.groups["keyword"].parts - len(s.by_keyword)
        yield _Words(f"  ({rarer:,} rarer ones, {s.rarer_keywords.samples:,} together)")


def _table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Columns as wide as their content, numbers to the right."""
    given = list(rows)
    texts = [[_cell(value) for value in row] for row in given]
    widths = [max(len(line[i]) for line in [list(headers), *texts]) for i in range(len(headers))]
    right = [bool(given) and all(isinstance(row[i], int | float) for row in given) for i in range(len(headers))]
    for row in [list(headers), ["-" * width for width in widths], *texts]:
        cells = zip(row, widths, right, strict=True)
        yield "  " + "  ".join(text.rjust(width) if to else text.ljust(width) for text, width, to in cells)


def _cell(value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.1f}" if isinstance(value, float) else str(value)


def _fewer(intervals: Sequence[Interval]) -> Sequence[Interval]:
    """Neighbours taken together until there are few enough for a screen."""
    while len(intervals) > _INTERVALS:
        pairs = [intervals[at : at + 2] for at in range(0, len(intervals), 2)]
        intervals = [Interval(pair[0].start, pair[-1].end, sum(one.samples for one in pair)) for pair in pairs]
    return intervals


def _range(part: Interval) -> str:
    return f"{part.start:,}" if part.end - part.start == 1 else f"{part.start:,} to {part.end - 1:,}"


def _cut(text: str, width: int) -> str:
    line = _visible(text)
    return line if len(line) <= width else line[: max(1, width - 3)] + "..."


def _visible(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
