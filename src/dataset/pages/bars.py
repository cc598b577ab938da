"""Bars: one row for each name."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from src.dataset.pages.drawing import ROW, box, row_label, svg
from src.dataset.pages.texts import number, percent


def bars_svg(
    counts: Mapping[str, float], title: str, most: int = 12, total: float | None = None, by_size: bool = True
) -> Markup:
    """A bar for each count, the largest first or in the order given; what is beyond `most` is one more bar.

    With `total` their shares of it stand beside them.
    """
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0])) if by_size else list(counts.items())
    kept = ordered[:most]
    rest = sum(count for _, count in ordered[most:])
    longest = max([count for _, count in kept] + [0]) or 1
    parts = [_bar(place * ROW, name, count, longest, total, "bar") for place, (name, count) in enumerate(kept)]
    if len(ordered) > most:
        name = f"{len(ordered) - most:,} more together"
        parts.append(_bar(len(kept) * ROW, name, rest, max(longest, rest), total, "bar rest"))
    return svg(max(1, len(parts)) * ROW, _told(title, kept), parts)


def _bar(top: int, name: str, count: float, longest: float, total: float | None, classes: str) -> Markup:
    value = number(count) if not total else f"{number(count)} · {percent(count / total)}"
    width = 100 * count / longest
    track = box(0, top + 18, 100, 9, "track", radius=4)
    shape = box(0, top + 18, max(width, 0.4) if count else 0, 9, classes, f"{name}: {value}", radius=4)
    return row_label(top, name, value) + track + shape


def _told(title: str, kept: list[tuple[str, float]]) -> str:
    first = "; ".join(f"{name} {number(count)}" for name, count in kept[:5])
    return f"{title}. {len(kept)} bars: {first}." if kept else f"{title}. Nothing to show."
