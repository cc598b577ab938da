"""What the plots share: an SVG that stretches sideways, its rows of label, value and bar, and steps of an axis.

Widths are percentages and heights pixels, so that letters keep their size on a phone. Colours come from the page's
style sheet by class, for the Content-Security-Policy forbids styles anywhere else.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from markupsafe import Markup

from src.dataset.pages.texts import short, shown

ROW = 38
_STEPS = (1, 2, 5)


def svg(height: int, label: str, parts: Iterable[Markup]) -> Markup:
    """An image of this height, as wide as there is room, described by `label`."""
    return Markup('<svg role="img" aria-label="{}" width="100%" height="{}">{}</svg>').format(
        shown(label), height, Markup("").join(parts)
    )


def text(x: float, y: float, words: str, classes: str = "", anchor: str = "start") -> Markup:
    """Words at x percent and y pixels."""
    return Markup('<text x="{:.3f}%" y="{}" class="{}" text-anchor="{}">{}</text>').format(
        x, y, classes, anchor, shown(words)
    )


def box(x: float, y: float, width: float, height: float, classes: str, title: str = "", radius: float = 3) -> Markup:
    """A rectangle: x and width in percent, y and height in pixels; `title` shows when it is pointed at."""
    hint = Markup("<title>{}</title>").format(shown(title)) if title else ""
    return Markup('<rect x="{:.3f}%" y="{}" width="{:.3f}%" height="{}" rx="{}" class="{}">{}</rect>').format(
        x, y, max(width, 0), height, radius, classes, hint
    )


def line(x1: float, y1: float, x2: float, y2: float, classes: str) -> Markup:
    return Markup('<line x1="{:.3f}%" y1="{}" x2="{:.3f}%" y2="{}" class="{}"/>').format(x1, y1, x2, y2, classes)


def row_label(top: float, name: str, value: str) -> Markup:
    """A row's name on the left, its value on the right."""
    whole = Markup("<title>{}</title>").format(shown(name))
    label = Markup('<text x="0" y="{}" class="name" unicode-bidi="isolate">{}{}</text>').format(
        top + 12, short(name), whole
    )
    return label + text(100, top + 12, value, "value", "end")


def steps(least: float, most: float, at_most: int = 5) -> list[float]:
    """Round numbers from `least` to `most` on a logarithmic scale, or these two where none lies between them."""
    if most <= least or least <= 0:
        return [least]
    powers = range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
    fine = [step * 10.0**power for power in powers for step in _STEPS if least <= step * 10.0**power <= most]
    if len(fine) < 2:
        return [least, most]
    tens = [value for value in fine if math.isclose(math.log10(value) % 1, 0, abs_tol=1e-9)]
    few = fine if len(fine) <= at_most else tens or fine
    return few[:: -(-len(few) // at_most)]


def nice_top(value: float) -> float:
    """A round number at or above the value, for the end of a linear scale."""
    if value <= 0:
        return 1
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * power >= value * 0.9999)
