"""The parts of a page that are no plots: tiles, tables, notes, details. Whatever is put in is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from markupsafe import Markup

from src.dataset.pages.texts import number, shown

# What a cell may hold: Markup is taken as it is, anything else is shown as text.
Cell: TypeAlias = "str | int | float | Markup | None"
Tone = Literal["plain", "good", "warning", "bad"]


@dataclass(frozen=True, slots=True)
class Tile:
    """A key figure: what it is, its value, a remark below it."""

    label: str
    value: str
    note: str = ""
    tone: Tone = "plain"


def tiles(items: Iterable[Tile]) -> Markup:
    """Key figures side by side, as many in a row as there is room for."""
    cells = [
        Markup('<div class="tile {}"><dt>{}</dt><dd>{}{}</dd></div>').format(
            item.tone,
            shown(item.label),
            shown(item.value),
            Markup("<small>{}</small>").format(shown(item.note)) if item.note else "",
        )
        for item in items
    ]
    return Markup('<dl class="tiles">{}</dl>').format(Markup("").join(cells))


def paragraph(text: str) -> Markup:
    return Markup("<p>{}</p>").format(shown(text))


def note(text: str, tone: Tone = "plain") -> Markup:
    """A remark set apart, such as why something was not computed."""
    return Markup('<p class="note {}">{}</p>').format(tone, shown(text))


def table(headers: Sequence[str], rows: Iterable[Sequence[Cell]], caption: str = "") -> Markup:
    """A table; columns of numbers stand to the right. The first cell of a row names the row."""
    given = list(rows)
    right = [bool(given) and all(_is_number(row[column]) for row in given) for column in range(len(headers))]
    head = [
        Markup("<th scope=col{}>{}</th>").format(_right(to), shown(h)) for h, to in zip(headers, right, strict=True)
    ]
    body = [
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                Markup("<th scope=row>{}</th>").format(_cell(cell)) if not place and not to
                else Markup("<td{}>{}</td>").format(_right(to), _cell(cell))
                for place, (cell, to) in enumerate(zip(row, right, strict=True))
            )
        )
        for row in given
    ]  # fmt: skip
    # A table that is too wide is scrolled, by keys, too; so it needs a name and a place in the order of focus.
    return Markup(
        '<div class="scroll" role="region" tabindex="0" aria-label="{}"><table>{}'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(
        shown(caption) or ", ".join(map(shown, headers)),
        Markup("<caption>{}</caption>").format(shown(caption)) if caption else "",
        Markup("").join(head),
        Markup("").join(body),
    )


def flags_table(
    headers: Sequence[str], rows: Iterable[tuple[Sequence[Cell], Markup | str]], caption: str = ""
) -> Markup:
    """A table whose rows can be opened: each row's cells, and what its "Show" unfolds, without any script."""
    return table([*headers, "Details"], [[*cells, details("Show", more)] for cells, more in rows], caption)


def details(summary: str, *parts: Markup | str) -> Markup:
    """Parts that are folded away until the summary is clicked; a str is shown as text with its line breaks."""
    inside = [part if isinstance(part, Markup) else Markup("<pre>{}</pre>").format(shown(part)) for part in parts]
    return Markup("<details><summary>{}</summary>{}</details>").format(shown(summary), Markup("").join(inside))


def figure(plot: Markup, caption: str, data: Markup | None = None) -> Markup:
    """A plot with its caption, and its numbers as a table folded away below it, for whoever cannot see a plot."""
    below = details("The numbers as a table", data) if data else ""
    return Markup("<figure><figcaption>{}</figcaption>{}{}</figure>").format(shown(caption), plot, below)


def grid(*parts: Markup) -> Markup:
    """Parts side by side where the page is wide, below each other where it is not."""
    return Markup('<div class="grid">{}</div>').format(Markup("").join(parts))


def _cell(value: Cell) -> Markup:
    if isinstance(value, Markup):
        return value
    if value is None or isinstance(value, int | float):
        return Markup("{}").format(number(value))
    # Text of the user may run from right to left; it is kept from turning its neighbours round.
    return Markup("<bdi>{}</bdi>").format(shown(value))


def _right(to: bool) -> Markup:
    return Markup(' class="n"') if to else Markup("")


def _is_number(value: Cell) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
