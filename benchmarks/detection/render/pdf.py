"""PDF files as reportlab sets them: wrapped lines, page breaks inside turns, running headers, two columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from benchmarks.detection.gold import Gold
from benchmarks.detection.render.labels import Body, Style
from benchmarks.detection.talks import Scribe

CONVERSATIONS = 3


def pdf(style: Style, path: Path, scribe: Scribe, columns: int = 1) -> list[Gold]:
    """A document of a few small pages, so that many turns run over a page's end."""
    from reportlab.lib.pagesizes import A4, A5
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph, Spacer

    width, height = A4 if columns > 1 else A5
    sheet = getSampleStyleSheet()
    gap = 14.0
    column = (width - 100 - gap * (columns - 1)) / columns
    frames = [
        Frame(50 + i * (column + gap), 60, column, height - 120, leftPadding=0, rightPadding=0) for i in range(columns)
    ]
    title = scribe.heading()

    def furniture(canvas: Any, document: Any) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(50, height - 40, f"{title} - internal paper")
        canvas.drawRightString(width - 50, 35, f"Page {document.page}")

    story: list[Any] = [Paragraph(escape(title), sheet["Title"])]
    gold: list[Gold] = []
    for _ in range(CONVERSATIONS):
        body = style(scribe)
        story += [Paragraph(escape(scribe.heading()), sheet["Heading2"])]
        story += [Paragraph(escape(text), sheet["BodyText"]) for text in scribe.prose(1, 2)]
        story += [Spacer(1, 6), *_paragraphs(body, sheet)]
        gold += body.gold
    story += [Paragraph(escape(scribe.heading()), sheet["Heading2"])]
    story += [Paragraph(escape(text), sheet["BodyText"]) for text in scribe.prose()]
    template = BaseDocTemplate(str(path), pagesize=(width, height), invariant=1)
    template.addPageTemplates(PageTemplate(frames=frames, onPage=furniture))
    template.build(story)
    return gold


def _paragraphs(body: Body, sheet: Any) -> list[Any]:
    from reportlab.platypus import Paragraph, Preformatted

    made: list[Any] = []
    for block in body.blocks:
        for line in block.split("\n"):
            if line.startswith("    "):
                made.append(Preformatted(line, sheet["Code"]))
            elif line.strip():
                made.append(Paragraph(escape(line.strip()), sheet["BodyText"]))
    return made
