"""Word and PowerPoint files: conversations as paragraphs, as tables and on slides."""

from __future__ import annotations

from pathlib import Path

from benchmarks.detection.gold import Gold, gold_of, pairs_of
from benchmarks.detection.render.labels import STARTERS, Style
from benchmarks.detection.talks import Scribe

CONVERSATIONS = 3
COLUMNS = (
    ("Question", "Answer"), ("Prompt", "Completion"), ("Instruction", "Response"), ("User", "Assistant"),
    ("Customer", "Agent"), ("Q", "A"),
)  # fmt: skip


def word(style: Style, path: Path, scribe: Scribe) -> list[Gold]:
    """Paragraphs below headings; a turn of several lines is several paragraphs, or one with line breaks."""
    from docx import Document

    document = Document()
    document.add_heading(scribe.heading(), 0)
    gold: list[Gold] = []
    bold = scribe.chance(0.5)
    for _ in range(CONVERSATIONS):
        body = style(scribe)
        document.add_heading(scribe.heading(), 2)
        for text in scribe.prose(1, 1) + ([scribe.rng.choice(STARTERS)] if scribe.chance(0.4) else []):
            document.add_paragraph(text)
        for block in body.blocks:
            breaks = scribe.chance(0.3)
            for line in [block] if breaks else block.split("\n"):
                if line.strip():
                    _add(document.add_paragraph(), line.strip("\n"), bold and line in block[: len(line)])
        gold += body.gold
    document.add_heading(scribe.heading(), 2)
    document.add_paragraph(scribe.prose()[0])
    document.save(str(path))
    return gold


def _add(paragraph: object, line: str, bold_label: bool) -> None:
    """The line as runs, its label in bold, as people write it."""
    label, colon, text = line.partition(":")
    if bold_label and colon and len(label) < 25:
        paragraph.add_run(label + colon).bold = True  # type: ignore[attr-defined]
        paragraph.add_run(text)  # type: ignore[attr-defined]
    else:
        paragraph.add_run(line)  # type: ignore[attr-defined]


def word_questions(path: Path, scribe: Scribe) -> list[Gold]:
    """An FAQ with its questions as headings of the third level."""
    from docx import Document

    document = Document()
    gold: list[Gold] = []
    for _ in range(2):
        document.add_heading(scribe.heading(), 1)
        document.add_paragraph(scribe.prose()[0])
        for question, answer in (pairs := pairs_of(scribe.questions(3))):
            document.add_heading(question.text, 3)
            for line in filter(str.strip, answer.text.split("\n")):
                document.add_paragraph(line)
        gold += pairs
    document.add_heading(scribe.heading(), 1)
    document.add_paragraph(scribe.prose()[0])
    document.save(str(path))
    return gold


def word_tables(path: Path, scribe: Scribe) -> list[Gold]:
    """A table of questions and answers, and a table of speakers and words, between prose and a table of figures."""
    from docx import Document

    document = Document()
    document.add_paragraph(scribe.prose()[0])
    pairs = pairs_of(scribe.questions(3))
    _table(document, [scribe.rng.choice(COLUMNS), *((q.text, a.text) for q, a in pairs)])
    document.add_heading(scribe.heading(), 2)
    _table(document, [("Year", "Turnover"), ("2023", "4.1"), ("2024", "4.7"), ("2025", "5.0")])
    document.add_heading(scribe.heading(), 2)
    document.add_paragraph(scribe.prose()[0])
    talk = scribe.talk()
    _table(document, [("Speaker", "Text"), *((talk.name_of(said), said.text) for said in talk.said)])
    document.add_paragraph(scribe.prose()[0])
    document.save(str(path))
    return [*pairs, gold_of(talk, first_is_user=True)]


def _table(document: object, rows: list[tuple[str, str]]) -> None:
    table = document.add_table(rows=0, cols=2)  # type: ignore[attr-defined]
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text


def slides(path: Path, scribe: Scribe) -> list[Gold]:
    """Q: and A: in the text boxes of slides, with slides of bullet points between."""
    from pptx import Presentation

    deck = Presentation()
    gold: list[Gold] = []
    _slide(deck, scribe.heading(), scribe.prose(1, 1))
    for _ in range(3):
        talk = scribe.questions(1, 2)
        lines = [line for said in talk.said for line in f"{'Q' if said.asks else 'A'}: {said.text}".split("\n")]
        _slide(deck, scribe.heading(), [line for line in lines if line.strip()])
        gold += pairs_of(talk)
        _slide(deck, scribe.heading(), [text.split(". ")[0] for text in scribe.prose(2, 3)])
    deck.save(str(path))
    return gold


def question_slides(path: Path, scribe: Scribe) -> list[Gold]:
    """The question is the slide's title, the answer its body."""
    from pptx import Presentation

    deck = Presentation()
    _slide(deck, scribe.heading(), [text.split(". ")[0] for text in scribe.prose(2, 3)])
    pairs = pairs_of(scribe.questions(3))
    for question, answer in pairs:
        _slide(deck, question.text, [line for line in answer.text.split("\n") if line.strip()])
    _slide(deck, scribe.heading(), [text.split(". ")[0] for text in scribe.prose(2, 3)])
    deck.save(str(path))
    return list(pairs)


def slide_table(path: Path, scribe: Scribe) -> list[Gold]:
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    _slide(deck, scribe.heading(), scribe.prose(1, 1))
    pairs = pairs_of(scribe.questions(3))
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = scribe.heading()
    rows = [scribe.rng.choice(COLUMNS), *((q.text, a.text) for q, a in pairs)]
    table = slide.shapes.add_table(len(rows), 2, Inches(1), Inches(2), Inches(8), Inches(4)).table
    for n, row in enumerate(rows):
        for m, text in enumerate(row):
            table.cell(n, m).text = text
    deck.save(str(path))
    return list(pairs)


def _slide(deck: object, title: str, lines: list[str]) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[1])  # type: ignore[attr-defined]
    slide.shapes.title.text = title
    slide.placeholders[1].text_frame.text = "\n".join(lines)
