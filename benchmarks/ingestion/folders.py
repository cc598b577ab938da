"""Folders of documents to read: many small ones of six kinds, all different, made by the formats' own libraries."""

from __future__ import annotations

import csv
import random
from pathlib import Path

WORDS = (
    "pump", "valve", "water", "pressure", "filter", "service", "manual", "answer", "question", "customer",
    "invoice", "delivery", "morning", "repair", "warranty", "schedule", "technician", "pipe", "boiler", "sensor",
    "display", "button", "battery", "cable", "window", "report", "summary", "value", "monthly", "budget", "office",
    "project", "safety", "training", "network", "printer", "update", "version", "system", "record", "number",
)  # fmt: skip
KINDS = ("pdf", "docx", "txt", "csv", "xlsx", "pptx")


def write_folder(folder: Path, files: int, seed: int = 7, paragraphs: int = 25) -> Path:
    """`files` documents, the six kinds in turn, of about `paragraphs` paragraphs or rows each."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(files):
        chance = random.Random(seed * 1_000_000 + number)
        kind = KINDS[number % len(KINDS)]
        texts = [_sentence(chance) for _ in range(paragraphs)]
        _WRITERS[kind](folder / f"{number:05}.{kind}", texts)
    return folder


def write_text(path: Path, megabytes: int, seed: int = 7) -> Path:
    """Prose in paragraphs, with a heading now and then."""
    chance = random.Random(seed)
    block = "\n\n".join(
        ("# " + _sentence(chance)[:40] + "\n\n" if n % 40 == 0 else "") + _sentence(chance) + _sentence(chance)
        for n in range(5000)
    ).encode()
    with path.open("wb") as file:
        size = 0
        while size < megabytes << 20:
            file.write(block + b"\n\n%d\n\n" % size)
            size = file.tell()
    return path


def _sentence(chance: random.Random) -> str:
    words = chance.choices(WORDS, k=chance.randint(12, 40))
    return " ".join(words).capitalize() + f" {chance.randint(1, 10**6)}. "


def _pdf(path: Path, texts: list[str]) -> None:
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    style = getSampleStyleSheet()["BodyText"]
    SimpleDocTemplate(str(path)).build([Paragraph(text, style) for text in texts])


def _docx(path: Path, texts: list[str]) -> None:
    from docx import Document

    document = Document()
    for number, text in enumerate(texts):
        document.add_heading(text[:30]) if number % 10 == 0 else document.add_paragraph(text)
    document.save(str(path))


def _txt(path: Path, texts: list[str]) -> None:
    path.write_text("\n\n".join(texts), encoding="utf-8")


def _csv(path: Path, texts: list[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["question", "answer", "number"])
        rows.writerows([text[:40] + "?", text, number] for number, text in enumerate(texts))


def _xlsx(path: Path, texts: list[str]) -> None:
    from openpyxl import Workbook

    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["question", "answer", "number"])
    for number, text in enumerate(texts):
        sheet.append([text[:40] + "?", text, number])
    workbook.save(path)


def _pptx(path: Path, texts: list[str]) -> None:
    from pptx import Presentation

    deck = Presentation()
    for start in range(0, len(texts), 5):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = texts[start][:40]
        slide.placeholders[1].text = "\n".join(texts[start : start + 5])
    deck.save(str(path))


_WRITERS = {"pdf": _pdf, "docx": _docx, "txt": _txt, "csv": _csv, "xlsx": _xlsx, "pptx": _pptx}
