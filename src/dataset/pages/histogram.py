"""A histogram with bins of any widths, drawn equally wide, and marks at values such as the median."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup

from src.dataset.pages.drawing import box, line, nice_top, svg, text
from src.dataset.pages.texts import compact, number

_LEFT, _TOP, _PLOT, _BOTTOM = 9.0, 48, 170, 42
_LABELS = 6


class Bin(NamedTuple):
    """So many values of at least `start` and below `end`."""

    start: float
    end: float
    amount: int


class Mark(NamedTuple):
    """A line at a value, with a name."""

    name: str
    value: float


def histogram_svg(bins: Sequence[Bin], title: str, axis: str, marks: Sequence[Mark] = ()) -> Markup:
    """The bins from left to right; `axis` says what the values are. A mark outside the bins is left out."""
    top = nice_top(max((part.amount for part in bins), default=0))
    parts = [*_grid(top), *_bars(bins, top), *_axis(bins, axis), *_marks(bins, marks)]
    told = ", ".join(f"{mark.name} {number(mark.value)}" for mark in marks)
    return svg(_TOP + _PLOT + _BOTTOM, f"{title}: {sum(b.amount for b in bins):,} in {len(bins)} bins. {told}", parts)


def _grid(top: float) -> Iterator[Markup]:
    for part in (0, 0.5, 1):
        y = _TOP + _PLOT * (1 - part)
        yield line(_LEFT, y, 100, y, "axis" if not part else "grid-line")
        yield text(_LEFT - 1.2, y + 4, compact(top * part), "tick", "end")


def _bars(bins: Sequence[Bin], top: float) -> Iterator[Markup]:
    width = _width(bins)
    for place, part in enumerate(bins):
        if part.amount:
            height = max(1.5, _PLOT * part.amount / top)
            told = f"{_range(part)}: {part.amount:,}"
            x = _LEFT + place * width + width * 0.06
            yield box(x, round(_TOP + _PLOT - height, 2), width * 0.88, round(height, 2), "bar", told, 2)


def _axis(bins: Sequence[Bin], axis: str) -> Iterator[Markup]:
    """Where bins begin, as many as a phone has room for."""
    base = _TOP + _PLOT
    for place in range(0, len(bins), max(1, -(-len(bins) // _LABELS))):
        x = _LEFT + (place + (0.5 if _is_single(bins[place]) else 0)) * _width(bins)
        yield text(x, base + 16, compact(bins[place].start), "tick", "middle")
    yield text((100 + _LEFT) / 2, base + 36, axis, "tick", "middle")


def _marks(bins: Sequence[Bin], marks: Sequence[Mark]) -> Iterator[Markup]:
    """The names stand above the plot, in three lines by turns so that neighbours do not meet."""
    for turn, mark in enumerate(sorted(marks, key=lambda mark: mark.value)):
        x = _place(bins, mark.value)
        if x is not None:
            y = 11 + 13 * (turn % 3)
            anchor = "end" if x > 80 else "start" if x < 25 else "middle"
            yield line(x, y + 4, x, _TOP + _PLOT, "mark")
            yield text(x, y, f"{mark.name} {number(mark.value)}", "mark-name", anchor)


def _place(bins: Sequence[Bin], value: float) -> float | None:
    for place, part in enumerate(bins):
        if part.start <= value < part.end:
            inside = 0.5 if _is_single(part) else (value - part.start) / (part.end - part.start)
            return _LEFT + (place + inside) * _width(bins)
    return None


def _width(bins: Sequence[Bin]) -> float:
    return (100 - _LEFT) / max(1, len(bins))


def _is_single(part: Bin) -> bool:
    return part.end - part.start == 1


def _range(part: Bin) -> str:
    return number(part.start) if _is_single(part) else f"{number(part.start)} to {number(part.end - 1)}"
