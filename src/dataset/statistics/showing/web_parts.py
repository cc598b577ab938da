"""The parts of the page that may be missing or long: groups, roles, vocabulary, coverage, cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from markupsafe import Markup

from src.dataset.pages import Strip, Tile, bars_svg, details, figure, grid, note, paragraph, strips_svg, table, tiles
from src.dataset.pages.texts import number, percent
from src.dataset.statistics.results import Cost, Coverage, Groups, NotComputed, Roles, Vocabulary

_STRIPS = 10
_KINDS = {"split": "split", "source": "source file", "method": "method", "keyword": "topic", "language": "language"}
_HEADERS = ("samples", "tokens", "5 %", "25 %", "median", "75 %", "95 %", "most", "turns (mean)", "outliers")


def group_figures(groups: Mapping[str, Groups]) -> Iterator[Markup]:
    """Token lengths in the largest groups of each kind; a kind with a single group says nothing new."""
    for kind, of_kind in sorted(groups.items(), key=lambda item: min(len(item[1].largest), _STRIPS)):
        if len(of_kind.largest) > 1:
            spreads = [(name, group.token_spread) for name, group in list(of_kind.largest.items())[:_STRIPS]]
            strips = [Strip(name, one.p5, one.p25, one.median, one.p75, one.p95) for name, one in spreads]
            caption = f"Token lengths by {_KINDS.get(kind, kind)}"
            yield figure(strips_svg(strips, caption, "tokens in a sample"), caption)


def group_tables(groups: Mapping[str, Groups]) -> Iterator[Markup]:
    for kind, of_kind in groups.items():
        name = _KINDS.get(kind, kind)
        rows = [
            (
                label,
                group.samples,
                group.tokens,
                *[getattr(group.token_spread, p) for p in ("p5", "p25", "median", "p75", "p95", "max")],
                group.turn_spread.mean,
                group.outliers,
            )
            for label, group in of_kind.largest.items()
        ]
        more = f", the {len(rows)} largest of {of_kind.parts:,}" if of_kind.parts > len(rows) else ""
        yield details(f"By {name}{more}", table((name, *_HEADERS), rows))


def roles_section(roles: Roles | NotComputed) -> Markup:
    if isinstance(roles, NotComputed):
        return note(f"Roles: not computed: {roles.reason}")
    strips = [
        Strip(role, one.token_spread.p5, one.token_spread.p25, one.token_spread.median, one.token_spread.p75,
              one.token_spread.p95)
        for role, one in roles.by_role.items()
    ]  # fmt: skip
    rows = [(role, one.messages, one.characters, one.tokens, one.samples) for role, one in roles.by_role.items()]
    data = table(("role", "messages", "characters", "tokens", "samples with it"), rows)
    share = bars_svg({role: one.tokens for role, one in roles.by_role.items()}, "Tokens by role", total=_tokens(roles))
    return paragraph(f"Tokens of a role: {roles.counted}.") + grid(
        figure(share, "Tokens by role", data),
        figure(
            strips_svg(strips, "Tokens of each role in a sample", "tokens in a sample"), "Tokens of a role in a sample"
        ),
    )


def _tokens(roles: Roles) -> int:
    return sum(one.tokens for one in roles.by_role.values())


def vocabulary_section(words: Vocabulary | NotComputed) -> Markup:
    if isinstance(words, NotComputed):
        return note(f"Vocabulary: not computed: {words.reason}")
    error = f"± {100 * words.error:.1f} %" if words.error else "exact"
    in_a_row = "–" if words.type_token_ratio is None else percent(words.type_token_ratio)
    key = tiles(
        [
            Tile("Words", number(words.words)),
            Tile("Different words", number(words.distinct_words), error),
            Tile("Different in a row", in_a_row, f"of {words.window:,} words in a row; not bound to the size"),
            Tile("Distinct-1", number(words.distinct_1), "different among all words"),
            Tile("Distinct-2", number(words.distinct_2), "among all pairs; falls as data grows"),
            Tile("Distinct-3", number(words.distinct_3), "among all triples; falls as data grows"),
        ]
    )
    short = f" (may be too low by {words.top_words_short_by:,})" if words.top_words_short_by else ""
    top = dict(words.top_words)
    plot = bars_svg(dict(words.top_words[:12]), "Most frequent words")
    caption = f"Most frequent words, common ones left out{short}"
    return key + grid(figure(plot, caption, table(("word", "times"), list(top.items()))))


def coverage_section(found: Coverage | NotComputed) -> list[Markup]:
    if isinstance(found, NotComputed):
        return [note(f"Coverage: not computed: {found.reason}")]
    unused = found.documents_without_samples
    key = tiles(
        [
            Tile("Documents", number(found.documents_read)),
            Tile("Without any sample", number(unused), tone="warning" if unused else "good"),
            Tile("Places without samples", number(found.unused_places), f"of {number(found.places)}"),
            Tile("Text in samples", percent(found.spans), "quoted, or cut out as a conversation"),
            Tile("Text in passages", percent(found.passages), "of passages that gave a sample"),
            Tile("Samples without place", number(found.samples_without_place)),
        ]
    )
    rows = [
        (
            one.source_file,
            one.samples,
            percent(one.spans),
            percent(one.passages),
            _places(one.unused, one.unused_places, one.places),
        )
        for one in found.documents
    ]
    headers = ("document", "samples", "text in samples", "text in passages", "places without samples")
    covered = table(headers, rows, "The least covered documents")
    missing = [(source, f"not computed: {reason}") for source, reason in found.not_computed.items()]
    return [key, covered, *([table(("document", "reason"), missing, "Documents not looked at")] if missing else [])]


def _places(named: tuple[str, ...], unused: int, places: int) -> Markup | str:
    if not unused:
        return "none"
    more = f", and {unused - len(named):,} more" if unused > len(named) else ""
    return details(f"{unused:,} of {places:,}", ", ".join(named) + more)


def cost_section(cost: Cost | NotComputed) -> Markup:
    if isinstance(cost, NotComputed):
        return note(f"Training cost: not computed: {cost.reason}")
    usd = "unknown" if cost.usd is None else f"${cost.usd:,.2f}"
    price = "no price is published" if cost.usd_per_1m is None else f"${cost.usd_per_1m:,.2f} for a million tokens"
    rows = [
        ("provider, model", f"{cost.provider}, {cost.model}"),
        ("cost", usd),
        ("tokens in an epoch", number(cost.tokens)),
        ("epochs", number(cost.epochs)),
        ("price", price),
        ("source", cost.source),
        ("note", cost.note),
    ]
    return table(("what", "value"), [row for row in rows if row[1]], "What training would cost")
