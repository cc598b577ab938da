"""The PPTX reader: titles, bullets, tables, groups and notes of each slide."""

from __future__ import annotations

from pathlib import Path

import pytest
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from src.errors import IngestionError
from src.ingestion.file_processor import read_document
from src.ingestion.office.pptx_reader import read

BOX = Inches(1), Inches(5), Inches(3), Inches(1)


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    presentation = Presentation()
    first = presentation.slides.add_slide(presentation.slide_layouts[0])
    first.shapes.title.text = "Welcome"
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "Steps\vto take"
    slide.placeholders[1].text_frame.text = "Open\nClose"
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(*BOX).text_frame.text = "In a group"
    slide.notes_slide.notes_text_frame.text = "Say it slowly."
    tables = presentation.slides.add_slide(presentation.slide_layouts[6])
    table = tables.shapes.add_table(2, 2, *BOX).table
    for place, value in {(0, 0): "Question", (0, 1): "Answer", (1, 0): "Why?", (1, 1): "Because."}.items():
        table.cell(*place).text = value
    path = tmp_path / "deck.pptx"
    presentation.save(str(path))
    return path


def test_each_slide_gives_its_title_text_and_notes(deck: Path) -> None:
    document = read_document(deck, deck.parent)

    assert [(block.kind, block.place, block.text) for block in document.blocks] == [
        ("title", "slide 1", "Welcome"),
        ("heading", "slide 2", "Steps to take"),
        ("list_item", "slide 2", "Open"),
        ("list_item", "slide 2", "Close"),
        ("paragraph", "slide 2", "In a group"),
        ("note", "slide 2", "Say it slowly."),
        ("row", "slide 3, table row 2", "Question: Why?\nAnswer: Because."),
    ]
    assert "Open\nClose\n\nIn a group" in document.text


def test_shapes_are_read_from_top_to_bottom(tmp_path: Path) -> None:
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    for top, text in ((3, "third"), (1, "first"), (2, "second")):
        slide.shapes.add_textbox(Inches(1), Inches(top), Inches(1), Inches(1)).text_frame.text = text
    presentation.save(str(tmp_path / "d.pptx"))

    assert read_document(tmp_path / "d.pptx", tmp_path).text == "first\n\nsecond\n\nthird"


def test_charts_and_hidden_slides_are_told(tmp_path: Path) -> None:
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes.title.text = "Sales"
    chart = CategoryChartData()
    chart.categories = ["a"]
    chart.add_series("s", (1,))
    slide.shapes.add_chart(XL_CHART_TYPE.PIE, *BOX, chart)
    slide.element.set("show", "0")
    presentation.save(str(tmp_path / "d.pptx"))

    notes = read(tmp_path / "d.pptx").notes

    assert notes == ("slide 1 is hidden in the show; it was read", "the chart on slide 1 was left out")


def test_a_deck_without_text_is_refused(tmp_path: Path) -> None:
    presentation = Presentation()
    presentation.slides.add_slide(presentation.slide_layouts[6])
    presentation.save(str(tmp_path / "d.pptx"))

    with pytest.raises(IngestionError, match="holds no text"):
        read(tmp_path / "d.pptx")
