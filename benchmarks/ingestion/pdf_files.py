"""The PDFs the figures are measured on: real ones where they are at hand, and generated ones whose text is known."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    PageBreak,
    PageTemplate,
    Paragraph,
    SimpleDocTemplate,
    Table,
    TableStyle,
)

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "corpus" / "documents"
SAMPLES = ROOT / "context_files" / "samples"
ENCRYPTED = {"libreoffice-writer-password.pdf"}  # measures nothing but the refusal
VOCABULARY = (
    "the of a machine water boiler pressure valve group head temperature steady when turn open close service before "
    "after every morning filter basket grind coffee customer answer warranty period repair order delivery well-known "
    "method result baseline training sample model language evaluation shows better than which holds between"
)
WORDS = VOCABULARY.split()
FONT = ("Helvetica", 10)
TITLE = "On the pressure of boilers: a title across the columns"


def real_files() -> list[Path]:
    """The corpus beside the repository, where it is there, and the bundled samples."""
    return [path for folder in (SHARED, SAMPLES) for path in sorted(folder.glob("*.pdf")) if path.name not in ENCRYPTED]


def prose(rng: random.Random, words: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(words)).capitalize() + "."


def write_prose(path: Path, paragraphs: int) -> None:
    rng, style = random.Random(1), getSampleStyleSheet()["BodyText"]
    SimpleDocTemplate(str(path), pagesize=A4).build(
        [Paragraph(prose(rng, rng.randint(30, 120)), style) for _ in range(paragraphs)]
    )


def write_two_columns(path: Path, paragraphs: int) -> None:
    rng, style = random.Random(2), getSampleStyleSheet()["BodyText"]
    width = (A4[0] - 164) / 2
    frames = [Frame(left, 72, width, A4[1] - 144, 0, 0, 0, 0) for left in (72, 92 + width)]
    document = BaseDocTemplate(str(path), pagesize=A4)
    document.addPageTemplates(PageTemplate(frames=frames))
    document.build([Paragraph(prose(rng, rng.randint(30, 120)), style) for _ in range(paragraphs)])


def write_tables(path: Path, pages: int) -> None:
    """A page of prose and a page with a ruled table of 30 rows in turn."""
    rng, style = random.Random(3), getSampleStyleSheet()["BodyText"]
    grid = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, "black")])
    story: list[object] = []
    for page in range(pages // 2):
        rows = [[f"Item {n}", f"P-{page}-{n:04}", f"{n * 3.5:.2f}", prose(rng, 4)] for n in range(30)]
        story += [Paragraph(prose(rng, 90), style) for _ in range(6)]
        story += [PageBreak(), Table([["Name", "Part", "Price", "Note"], *rows], [80, 80, 80, 200], style=grid)]
        story.append(PageBreak())
    SimpleDocTemplate(str(path), pagesize=A4).build(story)


def write_gold_columns(path: Path, widths: Sequence[float], gutter: float, *, by_rows: bool, figure: bool) -> str:
    """A page with a title over columns, drawn column by column or row by row; returns its text as it is read."""
    rng = random.Random(4)
    canvas = Canvas(str(path), pagesize=A4)
    canvas.setFont("Helvetica-Bold", 15)
    canvas.drawString(57, 780, TITLE)
    canvas.setFont(*FONT)
    drawn: list[tuple[float, float, str]] = []
    left, gold = 57.0, [TITLE]
    for number, width in enumerate(widths):
        y = 740.0
        for line in simpleSplit(prose(rng, 500), *FONT, width)[:40]:
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
