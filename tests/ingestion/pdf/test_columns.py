"""Reading order of columns, measured against the text the pages were made from."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from src.ingestion.pdf.columns import reading_order
from src.ingestion.pdf.layout import Line
from src.ingestion.pdf.pdf_reader import read
from tests.ingestion.support import reading

FONT = ("Helvetica", 10)
TITLE = "On the heat of boilers, with a title that goes across the whole page"


def prose(seed: int, words: int) -> str:
    """Text in which hardly five words come twice in a row."""
    return " ".join(f"w{(seed * 7919 + n * n * 31 + n * 17) % 9973}x" for n in range(words))


def columns_pdf(path: Path, widths: list[float], gutter: float, *, by_rows: bool, figure: bool = False) -> str:
    """A page with a title and columns, drawn column by column or line by line; returns its text as it is read."""
    canvas = Canvas(str(path), pagesize=A4)
    canvas.setFont("Helvetica-Bold", 15)
    canvas.drawString(57, 780, TITLE)
    canvas.setFont(*FONT)
    drawn: list[tuple[float, float, str]] = []
    left, gold = 57.0, [TITLE]
    for number, width in enumerate(widths):
        y = 740.0
        for line in simpleSplit(prose(number + 1, 300), *FONT, width)[:40]:
            if figure and number == 1 and 500 < y < 620:
                y = 500
            drawn.append((left, y, line))
            gold.append(line)
            y -= 12.5
        left += width + gutter
    if figure:
        canvas.rect(57 + widths[0] + gutter, 515, widths[1], 100)
    for x, y, line in sorted(drawn, key=lambda at: (-at[1], at[0])) if by_rows else drawn:
        canvas.drawString(x, y, line)
    canvas.save()
    return " ".join(gold)


def fives(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return Counter(zip(*(words[n:] for n in range(5)), strict=False))


@pytest.mark.parametrize("by_rows", [False, True])
@pytest.mark.parametrize(
    ("widths", "gutter", "figure"),
    [
        ([230, 230], 20, False),
        ([230, 230], 20, True),
        ([235, 235], 11, False),
        ([150, 310], 20, False),
        ([145, 145, 145], 20, False),
    ],
)
def test_columns_are_read_one_after_the_other(
    tmp_path: Path, widths: list[float], gutter: float, figure: bool, by_rows: bool
) -> None:
    gold = fives(columns_pdf(tmp_path / "a.pdf", widths, gutter, by_rows=by_rows, figure=figure))

    found = fives(reading(read, tmp_path / "a.pdf").text)

    assert (found & gold).total() >= 0.97 * found.total()
    assert (found & gold).total() >= 0.97 * gold.total()


def row(number: int, text: str, left: float = 50) -> Line:
    return Line(text, left, left + 5 * len(text), 700 - 14 * number, 710 - 14 * number)


def test_a_page_drawn_from_its_foot_is_read_from_its_head() -> None:
    lines = [row(number, f"line {number}") for number in range(9)]

    assert reading_order(lines[::-1]) == lines


def test_one_column_stays_as_it_is() -> None:
    lines = [row(number, f"line {number}") for number in range(9)]
    box = row(2, "a note beside", left=400)

    assert reading_order([*lines, box]) == [*lines, box]
    assert all(above.top > below.top for above, below in pairwise(reading_order(lines)))
